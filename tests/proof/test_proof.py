"""The small runs of `make faults`, by the same code: each figure is reached."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SEED = 7
RUNS = ["planted", "senders", "points", "stopped", "clocks", "refused", "restarts", "kills", "smtp"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, object]]]:
    """What every run reached, by its name."""
    place = tmp_path_factory.mktemp("proof") / "figures.json"
    command = [sys.executable, "-m", "tests.proof", *RUNS, "--quick", "--seed", str(SEED)]
    done = subprocess.run(
        [*command, "--json", place], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert place.exists(), done.stdout + done.stderr
    return dict(json.loads(place.read_text()))


@pytest.mark.parametrize("name", RUNS)
def test_the_figure_is_reached_when_everything_goes_wrong(figures, name):
    missed = [figure for figure in figures[name] if not figure["ok"]]

    assert figures[name]
    assert missed == []
