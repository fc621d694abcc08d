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
LETTERS = 80
A_LETTER = 0.6
"""Seconds a call: a handful then lasts longer than a pause may take."""
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

    def mend() -> None:
        world.mail.normal()
        issues.resume(issue, by=NOBODY)

    states: list[str] = []
    halted = _once_in(issue, Issue.State.HALTED, then=mend, note=states)
    verdict = send(world, issue, workers=size.workers, meanwhile=halted)
    calls = sum(
        note["call"] > since and note.get("refused") == 401 for note in ledger.notes(world.ledger)
    )
    yield Figure(
        f"401 → halted, {size.workers} workers",
        f"{calls} refused, then {verdict}",
        f"no call beyond those in flight: ≤ {size.workers}",
        bool(states) and 0 < calls <= size.workers and verdict.is_clean,
    )


def _paused(world: World, issue: Issue, door: str) -> Figure:
    since, at, resumed, seconds = world.calls(), 0.0, False, 0.0

    def pause(share: float) -> None:
        nonlocal at, resumed, seconds
        if not at and world.calls() > since + 8:
            issues.pause(issue, by=NOBODY)
            at = time.time()
        elif at and not resumed and time.time() > at + WATCHED:
            seconds = max(row.at for row in ledger.rows(world.ledger) if row.call > since) - at
            resumed = issues.resume(issue, by=NOBODY)

    verdict: Verdict = send(world, issue, workers=2, meanwhile=pause)
    return Figure(
        f"pause → last call, {door}",
        f"{max(0.0, seconds):.1f} s, then {verdict}" if resumed else "it was never paused",
        f"≤ {MOST_SECONDS} s",
        resumed and seconds <= MOST_SECONDS and verdict.is_clean,
    )


def _once_in(
    issue: Issue, state: str, *, then: Callable[[], None], note: list[str]
) -> Callable[[float], None]:
    """Once the issue has been in this state for a while, do something about it."""
    since = 0.0

    def look(share: float) -> None:
        nonlocal since
        if note or not Issue.objects.filter(pk=issue.pk, state=state).exists():
            return
        since = since or time.monotonic()
        if time.monotonic() - since > WATCHED / 2:
            note.append(state)
            then()

    return look
