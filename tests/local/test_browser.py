"""A machine without a browser: what could not run is said, and fails where it counts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(tmp_path, *words, **environment):
    """What pytest says of the browser's tests and of others where no browser is on the path."""
    command = [sys.executable, "-m", "pytest", "-q", "tests/browser", *words]
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
    said = run(tmp_path, "--collect-only", __file__, CI=ci)

    assert said.returncode == code, said.stdout + said.stderr
    assert "browser tests; apt install chromium" in said.stdout
    assert "NOT RUN: 0" not in said.stdout
    assert "test_look" not in said.stdout


@pytest.mark.slow
def test_so_are_those_that_workers_side_by_side_left_out(tmp_path):
    said = run(tmp_path, "-n", "2", "tests/test_traps.py", CI="true")

    assert said.returncode == 1, said.stdout + said.stderr
    assert "browser tests; apt install chromium" in said.stdout
    assert "1 passed" in said.stdout
