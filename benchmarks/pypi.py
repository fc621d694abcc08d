"""The packages of requirements.txt in a virtual environment of their own; made once, kept."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from config.local import steps
from config.local.processes import LocalError

WANTED = Path(__file__).with_name("requirements.txt")


def python(place: Path) -> Path:
    """Its Python; LocalError with the installer's last words where it cannot be had."""
    found, mark = place / "bin" / "python", place / "installed"
    key = hashlib.sha256(WANTED.read_bytes()).hexdigest()
    if not mark.exists() or mark.read_text() != key:
        with steps.step("installing other packages from PyPI"):
            shutil.rmtree(place, ignore_errors=True)
            _run(sys.executable, "-m", "venv", place)
            _run(found, "-m", "pip", "install", "--disable-pip-version-check", "-qr", WANTED)
            mark.write_text(key)
    return found


def version(package: str) -> str:
    """As pinned."""
    lines = WANTED.read_text().splitlines()
    return next(line.split("==")[1] for line in lines if line.startswith(f"{package}=="))


def _run(*command: str | Path) -> None:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LocalError((done.stderr or done.stdout).strip()[-300:])
