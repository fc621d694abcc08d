"""What a person in front of a terminal sees while long things happen."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from config.local import processes
from config.local.processes import LocalError

SIGN_OF_LIFE = 10  # seconds of silence after which a log file without a terminal gets a line


@contextmanager
def step(title: str) -> Iterator[None]:
    """One line a step: what begins, and how long it took."""
    started = time.monotonic()
    print(f"  {title} …", end=" ", flush=True)
    try:
        yield
    except BaseException:
        print("stopped.", flush=True)
        raise
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def run(command: Sequence[str | Path], *, env: Mapping[str, str], log: Path) -> None:
    """Run a command to its end inside a step, with a sign of life when it takes long."""
    wait(processes.start(command, log=log, env=env), log=log)


def wait(child: subprocess.Popen[bytes], *, log: Path) -> None:
    """Wait for a started command; if it fails, the end of its log is the message."""
    last = time.monotonic()
    try:
        while child.poll() is None:
            if time.monotonic() - last > SIGN_OF_LIFE:
                last = time.monotonic()
                print("still working …", end=" ", flush=True)
            time.sleep(0.05)
    finally:
        processes.stop(child)
    if child.returncode:
        raise LocalError(f"This failed; the whole of it is in {log}:\n{tail(log)}")


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, indented."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


def complain(error: LocalError) -> None:
    """The one place where a failure is told."""
    print(f"\n{error}", file=sys.stderr, flush=True)
