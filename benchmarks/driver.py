"""The sender's side of a race: a contender gets ready, waits for "go", runs, says that it is done.

    python -m benchmarks.driver MODULE WORD …

calls the module's `prepare(WORD, …)`, which returns the race, a function without arguments. That
may return facts: `at` (when it was through, if not when it returned), `frozen` (seconds until the
list stood), `fault`. Django and the standard library only: contenders from PyPI run it, too.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

READY, GO, DONE = "ready", "go", "done"
Race = Callable[[], dict[str, Any] | None]


def content(kind: str) -> dict[str, dict[str, Any]]:
    """What the product would send in this race, by language: `subject`, `text`, `html` and so on,
    with %recipient.u% and %recipient.p% where a reader's own tokens come."""
    return dict(json.loads(Path(os.environ["BENCH_CONTENT"]).read_text())[kind])


def as_template(text: str, **expressions: str) -> str:
    """The same for Django: an expression for each of these names."""
    for name, expression in expressions.items():
        text = text.replace(f"%recipient.{name}%", f"{{{{ {expression} }}}}")
    return text


def main(module: str, *words: str) -> None:
    """Stays until it is ended from outside, so that its processes can be looked at."""
    if os.environ["DJANGO_SETTINGS_MODULE"]:
        import_module("django").setup()
    race: Race = import_module(module).prepare(*words)
    folder = Path(os.environ["BENCH_SIGNS"])
    (folder / READY).touch()
    while not (folder / GO).exists():
        time.sleep(0.005)
    facts = race() or {}
    half = folder / "half"
    half.write_text(json.dumps({"at": time.time()} | facts))
    half.rename(folder / DONE)
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
