"""How long the directory takes with few and with many people; nothing stays in the database.

Run it against the demonstration:
`set -a; . var/demo.env; .venv/bin/python -m benchmarks.directory`

A line is a question, with FEW people and with MANY: the processor time of an answer (the site's and
its database server's, the mean of RUNS), how many times as much, the fastest answer by the
clock, and the queries. Nothing waits for a disk here, so on a machine that does nothing else the
clock says what the processor says; on any other it says how busy the machine is.
PASS: as many queries, at most MOST times the processor time. 1 if any is over.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import time
from unittest.mock import patch

import django
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks import measure

FEW, MANY, MOST = 500, 50_000, 2.0
QUESTIONS = {
    "everyone": "",
    "page 10": "?page=10",
    "a rare name": "?q=rarename",
    "a name of one in 50": "?q=given7",
    "the last page of it": "?q=given7&page=40",
    "a country": "?where=KE",
    "expertise and language": "?expertise=referral&language=fr",
    "a course": "?course={course}",
    "two words": "?q=given7+lines",
    "one word of everybody": "?q=institution",
    "three words of everybody": "?q=lines+work+learned",
    "a word of nobody": "?q=nothingofthekind",
}
RUNS = 15

Measured = dict[str, tuple[float, float, int]]
"""Of each question: processor seconds, seconds by the clock, queries."""


def main() -> int:
    """Ask FEW people, then MANY, as three people who see differently much."""
    django.setup()
    logging.disable(logging.WARNING)
    # Models can be imported once Django is set up.
    from alumni.directory import quota
    from alumni.models import User
    from benchmarks import network

    with transaction.atomic(), patch.dict(quota.A_DAY, dict.fromkeys(quota.A_DAY, 10**6)):
        chance = random.Random(7)
        made = network.add(FEW, chance)
        viewers = {
            "member": User.objects.get(email="wanjiru@example.org"),
            "cohort": network.sign_in_of(made.people[0]),
            "staff": User.objects.get(email="administrator@example.org"),
        }
        course = made.courses[0].slug
        few = {name: _ask(viewer, course) for name, viewer in viewers.items()}
        network.add(MANY - FEW, chance)
        many = {name: _ask(viewer, course) for name, viewer in viewers.items()}
        transaction.set_rollback(True)
    return _report(few, many)


def _ask(viewer: object, course: str) -> Measured:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(viewer)  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        busy = [os.getpid(), cursor.fetchone()[0]]
    found = {}
    for name, question in QUESTIONS.items():
        address = f"/en/members/{question.format(course=course)}"
        _get(client, address)
        with CaptureQueriesContext(connection) as captured:
            _get(client, address)
            queries = len(captured)
        before = measure.cpu(busy)
        times = [_get(client, address) for _run in range(RUNS)]
        found[name] = (measure.cpu(busy) - before) / RUNS, min(times), queries
    return found


def _get(client: Client, address: str) -> float:
    began = time.perf_counter()
    status = client.get(address).status_code
    if status != 200:
        raise SystemExit(f"{address} answered {status}")
    return time.perf_counter() - began


def _report(few: dict[str, Measured], many: dict[str, Measured]) -> int:
    over = 0
    for viewer in few:
        for name in QUESTIONS:
            (a, quick, queries), (b, slow, more) = few[viewer][name], many[viewer][name]
            passes = b / a <= MOST and queries == more
            over += not passes
            print(
                f"{viewer:7} {name:26} {a * 1000:7.1f} ms {b * 1000:7.1f} ms  x{b / a:4.2f}"
                f"  (clock {quick * 1000:5.0f} {slow * 1000:5.0f} ms)"
                f"  queries {queries} {more}  {'PASS' if passes else 'over'}"
            )
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{FEW:,} and {MANY:,} people; load of the machine {load}; over: {over}")
    return int(over > 0)


if __name__ == "__main__":
    sys.exit(main())
