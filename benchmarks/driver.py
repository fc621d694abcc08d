"""The sender's side of a race: a script gets ready, waits for "go", runs, says that it is done.

Standard library only: contenders from PyPI use it, too, in an environment of their own.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

READY, GO, DONE = "ready", "go", "done"


def race(run: Callable[[], dict[str, Any] | None]) -> None:
    """Call it when everything is prepared. Stays until the race is ended from outside, so that
    the processes can be looked at. `run` may return facts: `at` (when it was through, if not now),
    `frozen` (seconds until the list stood), `fault`."""
    folder = Path(os.environ["BENCH_SIGNS"])
    (folder / READY).touch()
    while not (folder / GO).exists():
        time.sleep(0.005)
    facts = run() or {}
    half = folder / "half"
    half.write_text(json.dumps({"at": time.time()} | facts))
    half.rename(folder / DONE)
    signal.pause()


def content(kind: str) -> dict[str, dict[str, Any]]:
    """What the product would send in this race, by language: `subject`, `text`, `html` and so on,
    with %recipient.u% and %recipient.p% where a reader's own tokens come."""
    return dict(json.loads(Path(os.environ["BENCH_CONTENT"]).read_text())[kind])


def as_template(text: str, **expressions: str) -> str:
    """The same for Django: an expression for each of these names."""
    for name, expression in expressions.items():
        text = text.replace(f"%recipient.{name}%", f"{{{{ {expression} }}}}")
    return text
