"""How long the directory takes with few and with many people; nothing stays in the database.

Run it against the demonstration:
`set -a; . var/demo.env; .venv/bin/python -m benchmarks.directory`
"""

from __future__ import annotations

import logging
import random
import statistics
import time
from unittest.mock import patch

import django

QUESTIONS = {
    "everyone": "",
    "page 30": "?page=30",
    "a rare name": "?q=rarename",
    "a name of one in 50": "?q=given7",
    "a country": "?where=KE",
    "expertise and language": "?expertise=referral&language=fr",
    "two words": "?q=given7+family3",
    "one word of everybody": "?q=institution",
}
RUNS = 15


def main() -> None:
    """Measure 500 people, then 50,000."""
    django.setup()
    logging.disable(logging.WARNING)
    from django.db import connection, transaction
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from alumni.directory import quota
    from alumni.models import CourseRun, Enrolment, Profile, User

    now, chance = timezone.now(), random.Random(7)
    countries, topics = (
        ["KE", "GH", "EG", "SN", "ZM", "MA"],
        ["referral", "extradition", "adjudication"],
    )

    def add(number: int) -> None:
        people = Profile.objects.bulk_create(
            Profile(
                given_name=f"Given{chance.randrange(50)}",
                family_name="Rarename"
                if i % 400 == 3 and i < 500
                else f"Family{chance.randrange(5000)}",
                institution="Institution of something",
                institution_type="police",
                biography="A few lines about work and what was learned of it.",
                country=chance.choice(countries),
                languages=chance.sample(["en", "fr", "ar", "pt"], 2),
                expertise=[chance.choice(topics)],
                tier=chance.choice(["network", "network", "network", "cohort", ""]),
                shares_institution=chance.random() < 0.3,
                shows_initials=chance.random() < 0.2,
                accepted_at=now,
            )
            for i in range(number)
        )
        for one in people:
            if not one.tier:
                one.shares_institution = False
        runs = list(CourseRun.objects.all())
        Enrolment.objects.bulk_create(
            Enrolment(profile=one, run=chance.choice(runs[1:])) for one in people[:400]
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE alumni_profile; ANALYZE alumni_enrolment")

    def measure(client: Client) -> dict[str, tuple[float, int]]:
        found = {}
        for name, query in QUESTIONS.items():
            client.get(f"/en/members/{query}")
            times = []
            for _run in range(RUNS):
                began = time.perf_counter()
                status = client.get(f"/en/members/{query}").status_code
                times.append(time.perf_counter() - began)
                if status != 200:
                    raise SystemExit(f"{query} answered {status}")
            with CaptureQueriesContext(connection) as captured:
                client.get(f"/en/members/{query}")
            found[name] = (statistics.median(times) * 1000, len(captured))
        return found

    with transaction.atomic(), patch.dict(quota.A_DAY, dict.fromkeys(quota.A_DAY, 10**6)):
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(User.objects.get(email="wanjiru@example.org"))
        add(500)
        few = measure(client)
        add(49_500)
        many = measure(client)
        for name in QUESTIONS:
            (a, queries), (b, more) = few[name], many[name]
            print(f"{name:28} {a:7.1f} ms {b:7.1f} ms  x{b / a:4.2f}  queries {queries} {more}")
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
