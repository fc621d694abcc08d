"""The harness proves itself: three bad senders must be found out, and so must planted faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db import connection
from django.db.models import F

from newsletters import connections
from newsletters.models import Batch, Delivery, Subscriber
from newsletters.pipeline import deliver, message
from newsletters.pipeline.claim import Claim
from newsletters.pipeline.killpoints import reached
from newsletters.providers import Kind, Outcome
from tests.proof import forks, people
from tests.proof.figures import Figure, Size
from tests.proof.judge import clean, judge
from tests.proof.world import World

A_CALL = 5
BLOWS = ("P2", "P4")
CURSOR = """
DROP TABLE IF EXISTS proof_cursor;
CREATE TABLE proof_cursor AS SELECT 0::bigint AS at
"""
FETCH = """
UPDATE proof_cursor SET at = (SELECT min(id) FROM newsletters_batch WHERE id > at)
WHERE EXISTS (SELECT 1 FROM newsletters_batch WHERE id > at) RETURNING at
"""


def moves_cursor_at_fetch(owner: str) -> bool:
    """Whoever was fetched is behind the cursor, also when the worker dies before the call."""
    with connection.cursor() as cursor:
        cursor.execute(FETCH)
        if (row := cursor.fetchone()) is None:
            return False
    reached("P2")
    _mark(row[0], _call(row[0]))
    return True


def retries_after_any_error(owner: str) -> bool:
    """What was not marked is sent again, also when the service had taken it."""
    batch = Batch.objects.filter(state=Batch.State.QUEUED).order_by("pk").first()
    if batch is None:
        return False
    reached("P2")
    _mark(batch.pk, _call(batch.pk))
    return True


def marks_before_sending(owner: str) -> bool:
    """What was marked is never sent, when the worker dies in between."""
    batch = Batch.objects.filter(state=Batch.State.QUEUED).order_by("pk").first()
    if batch is None:
        return False
    _mark(batch.pk, Outcome(Kind.ACCEPTED))
    reached("P2")
    _call(batch.pk)
    return True


SENDERS: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    ("cursor moved at fetch", moves_cursor_at_fetch, "lost"),
    ("retry after any error", retries_after_any_error, "doubled"),
    ("marked before sending", marks_before_sending, "lost"),
    ("ours", deliver.take_turn, ""),
)


def senders(world: World, size: Size) -> Iterator[Figure]:
    """All under the same blows: killed around the call, and errors for calls that were taken."""
    for name, turn, guilty_of in SENDERS:
        blows, since = BLOWS * min(size.times, 10), world.calls()
        issue = people.in_batches(len(blows) * 2, A_CALL)
        with connection.cursor() as cursor:
            cursor.execute(CURSOR)
        world.mail.turn(error_after={"next": 3})
        for number, point in enumerate(blows):
            forks.die_at(point, number, turn)
        forks.run(lambda turn=turn: _to_the_end(turn))
        world.mail.normal()
        if not guilty_of:
            forks.run(lambda issue=issue: forks.recover(issue))
        verdict = judge(issue, world.ledger, since, issue.audience)
        if guilty_of:
            found = bool(getattr(verdict, guilty_of))
            yield Figure(f"bad sender: {name}", str(verdict), f"{guilty_of}: more than 0", found)
        else:
            yield clean("our sender, the same blows", verdict)


def planted(world: World, size: Size) -> Iterator[Figure]:
    """Six faults put into rows and ledger by hand: the judge names exactly those people."""
    since = world.calls()
    issue = people.in_batches(7, A_CALL)
    batches = Batch.objects.filter(issue=issue).order_by("pk")
    right, twice, failed, moved, never, unknown, gone = batches
    Batch.objects.filter(pk__in=[never.pk, unknown.pk, gone.pk]).update(state=Batch.State.ACCEPTED)
    forks.run(lambda: _to_the_end(deliver.take_turn))
    Batch.objects.filter(pk=twice.pk).update(state=Batch.State.QUEUED)
    forks.run(lambda: _to_the_end(retries_after_any_error))
    Batch.objects.filter(pk=unknown.pk).update(state=Batch.State.UNKNOWN)
    Batch.objects.filter(pk=failed.pk).update(state=Batch.State.FAILED)
    Delivery.objects.filter(batch=gone).update(exception=Delivery.Exception.LEFT)
    strangers = _people(moved)
    for address in strangers:
        Subscriber.objects.filter(address=address).update(address=f"new-{address}")
    before = judge(issue, world.ledger, since, issue.audience)
    Batch.objects.filter(pk=right.pk).update(size=F("size") + 1)
    after = judge(issue, world.ledger, since, issue.audience)
    expected = {
        "lost": _people(never) + _people(moved),
        "doubled": _people(twice),
        "unknown": _people(unknown),
        "untold": _people(failed),
        "strangers": strangers,
    }
    found = sum(sorted(getattr(before, name)) == sorted(who) for name, who in expected.items())
    found += before.closes and not after.closes
    yield Figure("planted faults", f"{found} of 6 found", "6 of 6 found", found == 6)


def _to_the_end(turn: Callable[[str], bool]) -> None:
    while turn("second"):
        pass


def _call(batch_id: int) -> Outcome:
    batch = Batch.objects.select_related("edition", "issue__newsletter").get(pk=batch_id)
    (made,) = message.build(batch, deliver.look_again(Claim(batch, "")))
    outcome = connections.call(made)
    reached("P4")
    return outcome


def _mark(batch_id: int, outcome: Outcome) -> None:
    if outcome.kind == Kind.ACCEPTED:
        Batch.objects.filter(pk=batch_id).update(state=Batch.State.ACCEPTED)


def _people(batch: Batch) -> list[str]:
    readers = Delivery.objects.filter(batch=batch).values("subscriber_id")
    return list(Subscriber.objects.filter(pk__in=readers).values_list("address", flat=True))
