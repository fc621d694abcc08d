"""`python -m benchmarks`: everything side by side, a table here and one in docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median_low

from benchmarks import arena, race, report
from benchmarks.arena import Arena
from benchmarks.programme import PROGRAMME, SLOW
from benchmarks.race import Contender, Course, Row
from config.local import folders, steps, supervisor
from config.local.processes import LocalError
from config.local.supervisor import Stopped

DOCUMENT = folders.ROOT / "docs" / "benchmarks.md"
QUICK, FULL = [10_000], [1_000, 10_000, 100_000, 1_000_000]
QUICK_PATIENCE, PATIENCE = 20.0, 900.0
FIRST = 1_000
"""Readers with which slow contenders are tried before anything larger is thought of."""
NOISY, TIMES = 10_000, 3
"""Up to so many readers a race lasts less than its own noise: it is run so many times."""


def read_arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("sizes", type=_size, nargs="*", help="readers, as 10k or 1M (1k to 1M)")
    parser.add_argument(
        "--quick", action="store_true", help="10k, once each, some minutes; writes no document"
    )
    parser.add_argument(
        "--courses", nargs="+", choices=list(PROGRAMME), default=list(PROGRAMME), metavar="COURSE",
        help=f"of {', '.join(PROGRAMME)}",
    )  # fmt: skip
    parser.add_argument(
        "--only", nargs="+", default=[""], metavar="WORD", type=str.lower,
        help="contenders whose name has one of these words",
    )  # fmt: skip
    parser.add_argument(
        "--patience", type=float, metavar="SECONDS",
        help="a race that would take longer is not run (900; 20 when quick)",
    )  # fmt: skip
    parser.add_argument("--to", type=Path, metavar="FILE", help="write the document here")
    parser.add_argument(
        "--folder", type=Path, default=folders.ROOT / "var" / "bench", help="where all stands"
    )
    asked = parser.parse_args(words)
    asked.sizes = sorted(asked.sizes or (QUICK if asked.quick else FULL))
    asked.patience = asked.patience or (QUICK_PATIENCE if asked.quick else PATIENCE)
    if asked.sizes == FULL and asked.courses == list(PROGRAMME) and asked.only == [""]:
        asked.to = asked.to or DOCUMENT
    return asked


def main() -> int:
    """Run and report; 1 when something failed or stopped us."""
    asked, rows = read_arguments(), list[Row]()
    supervisor.stop_on_signals()
    try:
        with arena.opened(asked.folder.resolve()) as ground:
            about = report.machine(ground)
            for row in run(ground, asked):
                rows.append(row)
    except LocalError as error:
        steps.complain(error)
        return 1
    except Stopped:
        print("\nStopped.", flush=True)
    if rows:
        print(f"\n{report.tables(rows)}", flush=True)
        if asked.to:
            asked.to.write_text(report.document(rows, about))
            print(f"Written to {asked.to}.")
    return 1 if not rows or any(row.fault for row in rows) else 0


def run(ground: Arena, asked: argparse.Namespace) -> Iterator[Row]:
    """Each row as soon as it is known."""
    for name in asked.courses:
        course, contenders = PROGRAMME[name]
        print(report.title(course))
        for contender in contenders:
            if any(word in contender.name.lower() for word in asked.only):
                yield from _climb(ground, asked, contender, course)


def _climb(
    ground: Arena, asked: argparse.Namespace, contender: Contender, course: Course
) -> Iterator[Row]:
    """From the smallest size to the largest; a size beyond patience gets the rate of the last."""
    slow = contender in SLOW or course.door == "smtp"
    last = None
    for size in sorted({min(FIRST, *asked.sizes), *asked.sizes} if slow else asked.sizes):
        if last is None or size / last.rate <= asked.patience:
            times = 1 if slow or asked.quick or size > NOISY else TIMES
            last = _middle(
                [
                    race.run(ground, contender, course, size, 3 * asked.patience)
                    for _ in range(times)
                ]
            )
        else:
            last = replace(last, size=size)
        if last.fault:
            yield replace(last, size=asked.sizes[0])
            return
        if size in asked.sizes:
            yield last


def _middle(rows: list[Row]) -> Row:
    """The one with the median time, or the first that failed."""
    middle = median_low(row.seconds for row in rows)
    return next(row for row in rows if row.fault or row.seconds == middle)


def _size(words: str) -> int:
    number = words.lower().replace("k", "000").replace("m", "000000")
    if not number.isdecimal():
        raise argparse.ArgumentTypeError(f"{words!r} is no number like 10k or 1M")
    return int(number)


if __name__ == "__main__":
    sys.exit(main())
