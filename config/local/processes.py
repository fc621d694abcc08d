"""Children that never outlive their parent, and how they are stopped."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class LocalError(Exception):
    """Something on this machine stops us; the message says what to do about it."""


def start(
    command: Sequence[str | Path],
    *,
    log: Path | None,
    env: Mapping[str, str] | None = None,
    uid: int | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
    said: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a foreground process that the kernel ends with this one, kill -9 included.

    Call it from the main thread: the kernel watches the thread that forked. The child leads a
    process group of its own, so a Ctrl-C reaches the parent alone and the parent decides the order.
    With `said`, its standard output goes to that file instead of the log.
    """
    with ExitStack() as files:
        errors = output = None
        if log is not None:
            log.parent.mkdir(parents=True, exist_ok=True)
            errors = output = files.enter_context(log.open("ab"))
        if said is not None:
            output = files.enter_context(said.open("wb"))
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env=dict(env) if env is not None else None,
            cwd="/" if uid is not None else None,
            user=uid,
            group=group_of(uid) if uid is not None else None,
            extra_groups=[] if uid is not None else None,
            process_group=0,
            preexec_fn=_dies_with_parent(death_signal),
        )


def run(command: Sequence[str | Path], *, uid: int | None = None) -> None:
    """Run a short command to its end; its output is shown only when it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/" if uid is not None else None,
        user=uid,
        group=group_of(uid) if uid is not None else None,
        extra_groups=[] if uid is not None else None,
        check=False,
    )
    if done.returncode:
        raise LocalError(f"{Path(command[0]).name} failed:\n{done.stdout.strip()}")


def stop(
    child: subprocess.Popen[bytes],
    *,
    by: signal.Signals = signal.SIGTERM,
    patience: float = 10,
) -> None:
    """Ask politely, wait, then end the child's whole process group. Safe to call twice."""
    if child.poll() is None:
        child.send_signal(by)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    # Pool workers of a parent that was killed would otherwise finish their task first.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def stop_with_parent(by: signal.Signals) -> None:
    """This process gets the signal when its own parent ends."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, int(by), 0, 0, 0)


def group_of(uid: int) -> int:
    """The primary group of a user id; the same number where the system does not know the user."""
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return uid


def _dies_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    parent = os.getpid()

    def ask_the_kernel() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and the line above
            os._exit(1)

    return ask_the_kernel
