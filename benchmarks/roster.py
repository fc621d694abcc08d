"""How long a roster takes and how much memory, for FEW rows and for MANY; nothing stays.

Run it against the demonstration:
`set -a; . var/demo.env; .venv/bin/python -m benchmarks.roster`

Each file is taken in by a process of its own, in one transaction that is rolled back: the dry run
(read, keep, look through), then the import. PASS: MANY rows within MOST_SECONDS, both together,
with at most MOST_MORE octets more than FEW take. 1 if any is over.
"""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from json import dumps, loads
from pathlib import Path

import django
from django.db import connection, transaction
from django.utils import timezone
from openpyxl import Workbook

import packs
from benchmarks import measure

FEW, MANY = 5_000, 50_000
MOST_SECONDS, MOST_MORE = 60, 20_000_000
KINDS = ("csv", "xlsx")
HEADINGS = (
    "Given name", "Family name", "Email", "Phone", "Gender", "Country", "Institution",
    "Institution type", "Post", "Role", "Languages", "Completed on",
)  # fmt: skip
GIVEN = ("Amina", "Inês", "Ousmane", "José", "Fatima", "Grace", "محمد", "فاطمة", "Chloé", "John")
FAMILY = ("Otieno", "N’Diaye", "Macuácua", "الإدريسي", "Traoré", "Banda", "Mensah", "Ben Salah")
PACK = packs.load(os.environ.get("PACK") or packs.FIRST)
PLACES = ("Ministry of Works", "Direction générale", "الإدارة العامة", "Central Office")
POSTS = ("Adviser", "Inspecteur", "Head of section", "Chefe de secção", "مستشارة")


@dataclass(frozen=True)
class Taken:
    """What one file took."""

    dry_run: float
    imported: float
    cpu: float
    """Seconds of the process and of its connection's server."""
    peak: int
    people: int


def main() -> int:
    """Make the files, have each taken in, print a line for each."""
    over = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            few, many = (_measured(Path(folder) / f"{n}.{kind}", n) for n in (FEW, MANY))
            print(_line(kind, FEW, few))
            whole = many.dry_run + many.imported
            passes = whole <= MOST_SECONDS and many.peak - few.peak <= MOST_MORE
            over += not passes
            more = (many.peak - few.peak) / 1e6
            print(f"{_line(kind, MANY, many)}  {more:+.0f} MB  {'PASS' if passes else 'over'}")
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"load of the machine {load}; over: {over}")
    return int(over > 0)


def take_in(path: Path) -> Taken:
    """The file at this place, dry run and import, as the command and the worker do it."""
    django.setup()
    # Models can be imported once Django is set up, which only this process of its own needs.
    from alumni import roster
    from alumni.models import Course, CourseRun

    today = timezone.localdate()
    with transaction.atomic():
        run = CourseRun.objects.create(
            course=Course.objects.all()[0], slug="of-the-benchmark", starts_on=today, ends_on=today
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            busy = [os.getpid(), cursor.fetchone()[0]]
        began, before = time.perf_counter(), measure.cpu(busy)
        with path.open("rb") as file:
            upload = roster.hold(run, file, name=path.name, needs_known_headings=True, by=None)
        roster.name_columns(upload, roster.columns_of(upload), by=None)
        while not roster.survey(upload):
            pass
        read = time.perf_counter()
        upload.refresh_from_db()
        roster.confirm(upload, by=None)
        while not roster.carry_out(upload):
            pass
        done = time.perf_counter()
        people = run.enrolments.count()
        transaction.set_rollback(True)
        cpu = measure.cpu(busy) - before
    return Taken(read - began, done - read, cpu, measure.peak([os.getpid()]), people)


def _measured(path: Path, rows: int) -> Taken:
    _write(path, rows)
    command = [sys.executable, "-m", "benchmarks.roster", str(path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    taken = Taken(**loads(said.splitlines()[-1]))
    if taken.people < rows * 0.98:
        raise SystemExit(f"{path.name}: {taken.people} people of {rows} rows")
    return taken


def _write(path: Path, rows: int) -> None:
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADINGS, *_rows(rows)])
        return
    book = Workbook()
    for row in (HEADINGS, *_rows(rows)):
        book.worksheets[0].append(row)
    book.save(path)


def _rows(number: int) -> Iterator[tuple[str, ...]]:
    """As offices send them: three scripts, some mailboxes shared, one row in a hundred broken."""
    chance = random.Random(11)
    countries = [packs.country_name(code, one) for code in PACK.countries for one in PACK.languages]
    kinds = ["", *(kind.names["en"] for kind in PACK.institution_types)]
    for n in range(number):
        shared = n - 1 if n % 40 == 1 else n
        yield (
            chance.choice(GIVEN),
            f"{chance.choice(FAMILY)} {_letters(n)}",
            f"person{shared}@office{n % 300}.example.org" if n % 9 else "",
            f"+254 700 {n:06}",
            chance.choice("fm"),
            chance.choice(countries),
            f"{chance.choice(PLACES)} {n % 200}",
            chance.choice(kinds),
            chance.choice(POSTS),
            "",
            chance.choice(("English, French", "Arabic", "Português")),
            "31 of June" if n % 100 == 99 else f"2025-06-{1 + n % 28:02}",
        )


def _letters(number: int) -> str:
    """A name of its own for each row, of letters alone."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number)).capitalize()


def _line(kind: str, rows: int, taken: Taken) -> str:
    whole = taken.dry_run + taken.imported
    return (
        f"{kind:4} {rows:6,} rows  dry run {taken.dry_run:5.1f} s  import {taken.imported:5.1f} s"
        f"  together {whole:5.1f} s (CPU {taken.cpu:5.1f})  {rows / whole:6,.0f} rows/s"
        f"  peak {taken.peak / 1e6:4.0f} MB"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(dumps(asdict(take_in(Path(sys.argv[1])))))
    else:
        sys.exit(main())
