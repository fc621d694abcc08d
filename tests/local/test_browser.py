"""A machine without a browser: what could not run is said, and fails where it counts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def collect(tmp_path, **environment):
    """What pytest says of the browser's tests and of one other where no browser is on the path."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/browser", __file__]
    env = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        command,
        env=env | {"PATH": str(tmp_path), "PYTEST_ADDOPTS": ""} | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_tests_that_lack_a_browser_are_named_and_fail_where_it_counts(tmp_path, ci, code):
    said = collect(tmp_path, CI=ci)

    assert said.returncode == code, said.stdout + said.stderr
    assert "browser tests; apt install chromium" in said.stdout
    assert "NOT RUN: 0" not in said.stdout
    assert "test_look" not in said.stdout
