"""Cheap workers: children of this process that take turns, and die or stop at a chosen point."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from http.client import HTTPConnection
from socket import MSG_PEEK
from typing import Any

from django.db import connection

from config.local import processes
from newsletters.models import Batch, Issue
from newsletters.pipeline import deliver, record, resolve
from tests.proof import people
from tests.proof.sending import is_closed

POINTS = ("P1", "P2", "P3", "P4", "P5", "P6")
"""After claim; after Tx A; bytes out; answer in memory; Tx B not committed; after Tx B."""
MOST_ROUNDS = 100


class Failed(Exception):
    """A child ended otherwise than it was meant to; its traceback was printed."""


def forked(job: Callable[[], object]) -> int:
    """Begin the job in a child with connections of its own; the process id."""
    connection.close()
    sys.stdout.flush()
    if pid := os.fork():
        return pid
    code = 1
    try:
        processes.stop_with_parent(signal.SIGKILL)
        job()
        code = 0
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(code)


def ended(pid: int, expected: int = 0) -> None:
    """Wait for a child; Failed unless it ended as expected (minus a signal's number)."""
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code != expected:
        raise Failed(f"A child ended with {code} instead of {expected}.")


def run(job: Callable[[], object]) -> None:
    """The job, in a child, to its end."""
    ended(forked(job))


def die_at(point: str, number: int, turn: Callable[[str], object] = deliver.take_turn) -> None:
    """A child takes a turn and is killed at this point of it."""

    def doomed() -> None:
        arm(point, number, signal.SIGKILL)
        turn("doomed")

    ended(forked(doomed), -signal.SIGKILL)


def arm(point: str, number: int, by: signal.Signals) -> None:
    """In a child: the signal comes at this point.

    At P3 every second one has sent half of its bytes, the others all: the call is in the ledger.
    """

    def happens() -> None:
        os.kill(os.getpid(), by)

    def send(self: HTTPConnection, data: Any) -> None:
        if data.startswith(b"POST "):
            return send_all(self, data)
        send_all(self, data[: len(data) // 2])
        happens()
        return send_all(self, data[len(data) // 2 :])

    def getresponse(self: HTTPConnection) -> Any:
        self.sock.recv(1, MSG_PEEK)
        happens()
        return read_answer(self)

    send_all, read_answer = HTTPConnection.send, HTTPConnection.getresponse
    if point == "P3" and number % 2:
        HTTPConnection.send = send  # type: ignore[method-assign]
    elif point == "P3":
        HTTPConnection.getresponse = getresponse  # type: ignore[method-assign]
    elif by == signal.SIGKILL:
        os.environ["RABITA_KILL_AT"] = point
    else:
        for module in (deliver, record):
            module.reached = lambda here: happens() if here == point else None


def recover(issue: Issue, *, dead: bool = True, but: int = 0) -> None:
    """A healthy worker takes over and brings the issue to its end; with `dead`, all leases end.

    `but` so many batches that others still hold.
    """
    open_batches = Batch.objects.filter(issue=issue, state__in=Batch.OPEN)
    for _round in range(MOST_ROUNDS):
        if is_closed(issue) or 0 < open_batches.count() <= but:
            return
        people.hurry(dead=dead)
        one_round()
    raise Failed("The issue does not close.")


def one_round() -> None:
    """What sweep, resolver and worker find to do."""
    resolve.sweep()
    while resolve.resolve_next("healthy"):
        pass
    while deliver.take_turn("healthy"):
        pass
