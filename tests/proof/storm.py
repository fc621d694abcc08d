"""The webhook storm of tests/faults for as long as it takes, its figures judged."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

from config.local import folders
from tests.plugins.clusters import RUN_FOLDER
from tests.proof.figures import Figure, Size
from tests.proof.world import World

TEST = "tests/faults/test_webhook_storm.py"
FIGURES = re.compile(r"(\d+) reports in [\d.]+ s: .* p99 (\d+) ms")
MOST_MS = 200


def webhooks(world: World, size: Size) -> Iterator[Figure]:
    """200 a second, 30 % doubled and shuffled, to a real site; the facts must be as in order."""
    world.send_home()
    env = {name: value for name, value in os.environ.items() if name not in world.own}
    env.pop(RUN_FOLDER, None)
    command = [sys.executable, "-m", "pytest", TEST, "-q", "-s", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command,
        cwd=folders.ROOT,
        env=env | {"STORM_SECONDS": str(size.storm_seconds)},
        capture_output=True,
        text=True,
        check=False,
    )
    found = FIGURES.search(done.stdout)
    reports, p99 = (int(found[1]), int(found[2])) if found else (0, MOST_MS)
    right = done.returncode == 0 and bool(found)
    yield Figure(
        f"webhooks, 200/s for {size.storm_seconds} s",
        f"{reports:,} reports, {'the same facts' if right else 'other facts'}, p99 {p99} ms",
        f"same facts as in order, p99 < {MOST_MS} ms, no 500",
        right and p99 < MOST_MS,
    )
