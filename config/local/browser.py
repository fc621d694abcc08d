"""The browser of the tests: found on the machine, installed where we may, else said."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LACKING = "NOT RUN: {count} browser tests; apt install chromium"


def find() -> Path | None:
    """Chromium or Chrome on the path."""
    for name in NAMES:
        if place := shutil.which(name):
            return Path(place)
    return None


def install_where_possible() -> None:
    """As root on Debian and its relatives, fetch Chromium; anywhere else do nothing."""
    if find() is not None or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    print("Installing Chromium for the browser tests …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (
        ["update", "-qq"],
        ["install", "-y", "-qq", "--no-install-recommends", "chromium"],
    ):
        subprocess.run(["apt-get", *words], env=quiet, stdout=subprocess.DEVNULL, check=False)
