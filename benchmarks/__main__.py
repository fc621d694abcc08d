"""`python -m benchmarks`: everything side by side, a table here and one in docs/benchmarks.md."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from dataclasses import replace
from statistics import median_low

from benchmarks import arena, pages, race, report
from benchmarks.arena import Arena
from benchmarks.programme import PROGRAMME
from benchmarks.race import Contender, Course, Row
from config.local import folders, steps, supervisor
from config.local.processes import LocalError
from config.local.supervisor import Stopped

DOCUMENT = folders.ROOT / "docs" / "benchmarks.md"
QUICK, FULL = [10_000], [1_000, 10_000, 100_000, 1_000_000]
QUICK_PATIENCE, PATIENCE = 30, 900
FIRST = 1_000
"""Readers with which everyone is tried before anything larger is thought of."""
NOISY, TIMES = 5, 3
"""A race of less than so many seconds is run so many times; the middle one counts."""


def read_arguments(words: list[str] | None = None) -> Namespace:
    """The command line."""
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("sizes", type=_size, nargs="*", help="readers, as 10k or 1M")
    add("--quick", action="store_true", help="10k, once each, some minutes; writes no document")
    add("--courses", nargs="+", choices=PROGRAMME, default=[*PROGRAMME], metavar="COURSE",
        help=f"of {', '.join(PROGRAMME)}")  # fmt: skip
    add("--only", nargs="+", default=[""], help="contenders with one of these words in the name")
    add("--patience", type=int, help="seconds; no race that would take longer (900; quick: 30)")
    asked = parser.parse_args(words)
    asked.whole = not (
        asked.sizes or asked.quick or asked.courses != [*PROGRAMME] or any(asked.only)
    )
    asked.sizes = sorted(asked.sizes or (QUICK if asked.quick else FULL))
    asked.patience = asked.patience or (QUICK_PATIENCE if asked.quick else PATIENCE)
    return asked


def main() -> int:
    """Run and report; 1 when something failed or stopped us."""
    if sys.argv[1:2] == ["pages"]:
        return pages.main(sys.argv[2:])
    asked, rows, of_pages = read_arguments(), list[Row](), ""
    supervisor.stop_on_signals()
    try:
        with arena.opened(folders.ROOT / "var" / "bench") as ground:
            about = report.machine(ground)
            for row in run(ground, asked):
                rows.append(row)
            if asked.whole:
                of_pages = pages.measured(ground)
        if asked.whole:
            DOCUMENT.write_text(report.document(rows, about, of_pages))
    except LocalError as error:
        steps.complain(error)
    except Stopped:
        print("\nStopped.", flush=True)
        asked.whole = False
    if rows:
        print(f"\n{report.tables(rows)}", flush=True)
    if asked.whole:
        print(f"Written to {DOCUMENT}.")
    return 1 if not rows or any(row.fault for row in rows) else 0


def run(ground: Arena, asked: Namespace) -> Iterator[Row]:
    """Each row as soon as it is known."""
    for name in asked.courses:
        course, contenders = PROGRAMME[name]
        print(report.title(course))
        for contender in contenders:
            if any(word.lower() in contender.name.lower() for word in asked.only):
                yield from _climb(ground, asked, contender, course)


def _climb(ground: Arena, asked: Namespace, contender: Contender, course: Course) -> Iterator[Row]:
    """From the smallest size to the largest; a size beyond patience gets the rate of the last."""
    last = None
    for size in sorted({min(FIRST, *asked.sizes), *asked.sizes}):
        if last is None or last.expected(size) <= asked.patience:
            rows = [race.run(ground, contender, course, size, 3 * asked.patience)]
            while 0 < rows[-1].seconds < NOISY and len(rows) < TIMES and not asked.quick:
                rows.append(race.run(ground, contender, course, size, 3 * asked.patience))
            middle = median_low(row.seconds for row in rows)
            last = next(row for row in rows if row.fault or row.seconds == middle)
        if last.fault:
            yield replace(last, size=asked.sizes[0])
            return
        if size in asked.sizes:
            yield replace(last, size=size)


def _size(words: str) -> int:
    number = words.lower().replace("k", "000").replace("m", "000000")
    if not number.isdecimal():
        raise ArgumentTypeError(f"{words!r} is no number like 10k or 1M")
    return int(number)


if __name__ == "__main__":
    sys.exit(main())
