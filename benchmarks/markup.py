"""In: pages as they came over the line. Out: what the W3C's checker (vnu) finds wrong in them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from config.local.processes import LocalError
from config.local.visitor import Answer

HARMLESS = (
    "Trailing slash on void elements has no effect",
    "This document appears to be written in",
    "Consider adding a “lang” attribute",
)
"""What it says of pages that are right: habits of others' templates, and guesses at a language."""


def faults(pages: Sequence[Answer], *, jar: Path, folder: Path) -> list[str]:
    """A line for each error and warning, the page's address first; one start for all pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.html"):
        old.unlink()
    named = {f"{number:04}.html": page for number, page in enumerate(pages)}
    for name, page in named.items():
        (folder / name).write_text(page.text)
    options = ["--format", "json", "--exit-zero-always"]
    command = ["java", "-Xss2m", "-jar", str(jar), *options, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        told = json.loads(done.stderr)["messages"]
    except (ValueError, KeyError):
        raise LocalError(f"The HTML checker did not run:\n{done.stderr[-600:]}") from None
    return [
        f"{named[Path(one['url']).name].address}:{one.get('lastLine', 0)} {one['message']}"
        f" | {' '.join(one.get('extract', '').split())[:160]}"
        for one in told
        if not one["message"].startswith(HARMLESS)
    ]
