"""A person pauses, or the service refuses the account: how soon the last call has begun."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from django.contrib.auth.models import AnonymousUser

from localmail import judge as ledger
from newsletters import issues
from newsletters.models import Issue
from tests.proof import people
from tests.proof.figures import Figure, Size
from tests.proof.judge import Verdict
from tests.proof.sending import send
from tests.proof.world import World

MOST_SECONDS = 2
WATCHED = 3
"""Seconds in which nothing may come."""
A_CALL = 25
LETTERS, A_LETTER = 80, 0.6
"""People, and seconds a call: a handful then lasts longer than a pause may take."""
NOBODY = AnonymousUser()


def paused(world: World, size: Size) -> Iterator[Figure]:
    """From the pause to the last call, over both doors; afterwards it goes on."""
    issue = people.begun(size.crowd, A_CALL)
    world.mail.turn(delay={"seconds": 0.2})
    yield _paused(world, issue, "HTTP")
    with world.over_smtp():
        issue = people.begun(LETTERS)
        world.mail.turn(smtp_delay={"seconds": A_LETTER})
        yield _paused(world, issue, "SMTP")


def refused(world: World, size: Size) -> Iterator[Figure]:
    """The key is no longer good from one call on; a person mends it and lets the issue go on."""
    since = world.calls()
    issue = people.begun(size.crowd, A_CALL)
    world.mail.turn(delay={"seconds": 0.1}, unauthorized={"from": 10})
    halted = Issue.objects.filter(pk=issue.pk, state=Issue.State.HALTED)
    verdict, stopped, _seconds = _send(world, issue, size.workers, halted.exists)
    notes = ledger.notes(world.ledger)
    calls = sum(note["call"] > since and note.get("refused") == 401 for note in notes)
    yield Figure(
        f"401 → halted, {size.workers} workers",
        f"{calls} refused, then {verdict}",
        f"no call beyond those in flight: ≤ {size.workers}",
        stopped and 0 < calls <= size.workers and verdict.is_clean,
    )


def _paused(world: World, issue: Issue, door: str) -> Figure:
    since = world.calls()

    def pause() -> bool:
        return world.calls() > since + 8 and issues.pause(issue, by=NOBODY)

    verdict, stopped, seconds = _send(world, issue, 2, pause)
    return Figure(
        f"pause → last call, {door}",
        f"{max(0, seconds):.1f} s, then {verdict}" if stopped else "it was never paused",
        f"≤ {MOST_SECONDS} s",
        stopped and seconds <= MOST_SECONDS and verdict.is_clean,
    )


def _send(
    world: World, issue: Issue, workers: int, stop: Callable[[], bool]
) -> tuple[Verdict, bool, float]:
    """Send, let it be stopped, watch, go on: the verdict, whether it was stopped, and the seconds
    from then to the last call."""
    since, at, stopped, seconds = world.calls(), 0.0, False, 0.0

    def look(share: float) -> None:
        nonlocal at, stopped, seconds
        if not at:
            at = time.time() if stop() else 0
        elif not stopped and time.time() > at + WATCHED:
            seconds = max(row.at for row in ledger.rows(world.ledger) if row.call > since) - at
            world.mail.normal()
            stopped = issues.resume(issue, by=NOBODY)

    return send(world, issue, workers=workers, meanwhile=look), stopped, seconds
