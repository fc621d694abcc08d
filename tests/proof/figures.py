"""What a run reaches, beside what it has to reach, and how large the runs are."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    name: str
    reached: str
    target: str
    ok: bool


@dataclass(frozen=True)
class Size:
    """How much of everything; the small one runs with the tests."""

    people: int
    kills: int
    workers: int
    a_call: int
    """People of a batch over HTTP."""
    letters: int
    """People over SMTP, a call each."""
    smtp_kills: int
    times: int
    """How often a worker dies at each point."""
    crowd: int
    """People of the runs that are about one event."""
    storm_seconds: int
    lease_seconds: int
    """After which a worker counts as dead, and the longest that a call may take."""


FULL = Size(1_000_000, 50, 4, 1000, 100_000, 30, 200, 20_000, 600, 10)
QUICK = Size(4_000, 4, 2, 50, 600, 3, 2, 1_000, 10, 5)

_begun = time.monotonic()


def say(words: str) -> None:
    """One line of progress, with the seconds since the beginning."""
    print(f"{time.monotonic() - _begun:7.1f} s  {words}", flush=True)  # noqa: T201


def table(figures: Sequence[Figure]) -> str:
    """All of them, one a line, in columns."""
    rows = [("figure", "reached", "to reach", "")]
    rows += [(one.name, one.reached, one.target, "ok" if one.ok else "MISSED") for one in figures]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
