"""A Celery worker for a contender's script, which ends with the block."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.arena import wait_until
from config.local import processes, supervisor


@contextmanager
def celery(application: str, *words: str) -> Iterator[None]:
    """`celery -A application …`; a worker is ready when the block begins."""
    supervisor.stop_on_signals()
    log = Path(os.environ["BENCH_SIGNS"]) / f"{words[0]}.log"
    command = [sys.executable, "-m", "celery", "-A", application, *words, "--loglevel", "INFO"]
    child = processes.start(command, log=log)
    try:
        if words[0] == "worker":
            wait_until(lambda: " ready." in log.read_text(), child, log)
        yield
    finally:
        processes.stop(child, patience=2)
