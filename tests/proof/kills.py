"""Many deliveries, several workers, and kill -9 of any of their processes at random moments."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db import connection

from newsletters import providers
from newsletters.models import Delivery, Issue, Subscriber
from tests.proof import people
from tests.proof.figures import Figure, Size, say
from tests.proof.judge import Verdict
from tests.proof.sending import send
from tests.proof.world import World

LAST_KILL = 0.9
"""No kill when more than this share is done: somebody must be at work to be killed."""
COPY = "CREATE TABLE proof_bare (LIKE newsletters_delivery INCLUDING ALL)"
SAME_ROWS = "INSERT INTO proof_bare SELECT * FROM newsletters_delivery ORDER BY id"
MOST_TIMES = 4
MEASURED = 100_000
"""Fewer are drawn up too quickly to compare."""


def over_http(world: World, size: Size) -> Iterator[Figure]:
    """The million, and how long it takes to draw it up."""
    say(f"writing down {size.people:,} readers")
    issue = people.written_down(size.people)
    say("drawing up the issue, and a bare INSERT … SELECT of the same rows")
    begun = time.monotonic()
    issue = people.frozen(issue, size.a_call)
    took = time.monotonic() - begun
    if size.people >= MEASURED:
        bare = _bare()
        yield Figure(
            f"freezing {size.people:,}",
            f"{took:.1f} s = {took / bare:.1f} × {bare:.1f} s",
            f"≤ {MOST_TIMES} × a bare INSERT … SELECT",
            took <= MOST_TIMES * bare,
        )
    world.mail.turn(delay={"seconds": 0.1})
    verdict = _killed(world, people.reconsidered(issue), size.workers, size.kills)
    yield Figure(
        f"{size.people:,} deliveries, {size.workers} workers, {size.kills} × kill -9",
        str(verdict),
        "0 lost, 0 doubled, 0 unknown (but who was struck twice)",
        verdict.is_clean,
    )


def over_smtp(world: World, size: Size) -> Iterator[Figure]:
    """A call a person, and nobody who could be asked afterwards."""
    with world.over_smtp():
        issue = people.begun(size.letters)
        world.mail.turn(smtp_delay={"seconds": 0.02})
        verdict = _killed(world, issue, size.workers, size.smtp_kills)
    most = size.smtp_kills * providers.HANDFUL
    listed = Delivery.objects.filter(issue=issue).fared("unknown").values("subscriber_id")
    names = Subscriber.objects.filter(pk__in=listed).values_list("address", flat=True)
    all_named = set(verdict.unknown) == set(names)
    yield Figure(
        f"SMTP, no look-up: {size.letters:,}, {size.smtp_kills} × kill -9",
        f"{verdict}{', all named' if all_named else ', not all named'}",
        f"0 doubled; unknown ≤ {most}, all named",
        verdict.holds and all_named and len(verdict.unknown) <= most,
    )


def _killed(world: World, issue: Issue, workers: int, kills: int) -> Verdict:
    marks = sorted((world.chance.uniform(0, LAST_KILL) for _kill in range(kills)), reverse=True)

    def kill(share: float) -> None:
        if marks and share >= marks[-1]:
            say(f"  kill -9 of {world.kill_one()} at {share:.0%}, {len(marks) - 1} to come")
            marks.pop()

    return send(world, issue, workers=workers, meanwhile=kill)


def _bare() -> float:
    """Seconds to write the rows of the issue once more, with the same indexes."""
    with connection.cursor() as cursor:
        cursor.execute(COPY)
        begun = time.monotonic()
        cursor.execute(SAME_ROWS)
        took = time.monotonic() - begun
        cursor.execute("DROP TABLE proof_bare")
    return took
