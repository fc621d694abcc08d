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
    rows = [("figure", "reached", "to reach", ""), *(_cells(figure) for figure in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
        for row in rows
    ]
    return "\n".join([lines[0].rstrip(), "-" * max(map(len, lines)), *lines[1:]])


def _cells(figure: Figure) -> tuple[str, str, str, str]:
    return figure.name, figure.reached, figure.target, "ok" if figure.ok else "MISSED"
