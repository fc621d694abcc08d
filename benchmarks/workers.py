"""Celery's processes for a contender; they end with it."""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path

from benchmarks.arena import wait_until
from config.local import processes, supervisor


def start(application: str, *words: str) -> None:
    """`celery -A application …`; a worker is ready when this returns."""
    supervisor.stop_on_signals()
    log = Path(os.environ["BENCH_SIGNS"]) / f"{words[0]}.log"
    command = [sys.executable, "-m", "celery", "-A", application, *words, "--loglevel", "INFO"]
    child = processes.start(command, log=log)
    atexit.register(processes.stop, child, patience=2)
    if words[0] == "worker":
        wait_until(lambda: " ready." in log.read_text(), child, log)
