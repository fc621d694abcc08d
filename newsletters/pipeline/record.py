"""In: what became of the calls for a batch. Out: every person of it in one counted state.

Whoever holds the batch writes, in one transaction: Tx B of a worker's turn, or the resolver. A
holder that lost it only adds to the append-only record.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, F, Max, Value, When
from django.db.models.functions import Now

from newsletters import providers
from newsletters.models import Attempt, Batch, Delivery, Edition
from newsletters.pipeline import alarms, budget, clock
from newsletters.pipeline.claim import Claim, in_doubt
from newsletters.pipeline.killpoints import reached
from newsletters.providers import Kind, Outcome

MOST_TRIES = 8
FIRST_WAIT, LONGEST_WAIT = 30, 3600  # seconds
SHORTEST_CLOSED, LONGEST_CLOSED = dt.timedelta(seconds=30), dt.timedelta(days=1)
"""Between these the mail service is believed when it says until when a quota is used up."""
FREE: dict[str, Any] = {"owner": "", "lease_until": None}
"""What a batch that nobody holds has in its columns."""
AGAIN = frozenset({Kind.NOT_SENT, Kind.QUOTA, Kind.ACCOUNT, Kind.HELD_BACK})
"""Certainly not sent, and worth another call."""
REFUSED = frozenset({Kind.RECIPIENT, Kind.CONTENT})
SEVERITY = [
    Kind.HELD_BACK, Kind.ACCEPTED, Kind.RECIPIENT, Kind.NOT_SENT, Kind.QUOTA, Kind.CONTENT,
    Kind.AMBIGUOUS, Kind.ACCOUNT,
]  # fmt: skip

TAKEN = """
WITH said AS (
    UPDATE newsletters_attempt SET finished_at = statement_timestamp(), outcome = 'accepted',
        status = %(status)s, answer = %(answer)s WHERE id = %(attempt)s
)
UPDATE newsletters_batch b SET state = 'accepted', reason = '', owner = '', lease_until = NULL
WHERE id = %(batch)s AND owner = %(owner)s AND epoch = %(epoch)s AND state = 'submitting'
RETURNING NOT EXISTS (
    SELECT FROM newsletters_batch WHERE issue_id = b.issue_id AND id <> b.id
        AND state = ANY(%(open)s)
)
"""
"""What nearly every call comes to, in one statement."""


@dataclass(frozen=True)
class Result:
    """What became of one call, for these deliveries."""

    people: tuple[int, ...]
    outcome: Outcome


def finish(claim: Claim, attempt: Attempt, results: Sequence[Result]) -> bool:
    """Tx B: what the answers mean for the batch, and whether the issue may go on.

    False where other batches of the issue are certainly still open.
    """
    worst = max(results, key=lambda result: SEVERITY.index(result.outcome.kind)).outcome
    mixed = len({result.outcome.kind for result in results}) > 1
    fates = {str(pk): result.outcome.kind for result in results for pk in result.people if mixed}
    with transaction.atomic():
        if worst.kind == Kind.ACCEPTED and not mixed:
            last = _taken(claim, attempt, worst)
            reached("P5")
            return last
        Attempt.objects.filter(pk=attempt.pk).update(
            finished_at=Now(),
            outcome=worst.kind,
            status=worst.status,
            answer=worst.reason[:2048],
            fates=fates,
        )
        if claim.held(Batch.State.SUBMITTING).select_for_update().exists():
            settle(claim.batch, results)
            alarms.look(claim.batch.issue, worst)
        reached("P5")
    return True


def _taken(claim: Claim, attempt: Attempt, outcome: Outcome) -> bool:
    values = {
        "attempt": attempt.pk,
        "status": outcome.status,
        "answer": outcome.reason[:2048],
        "batch": claim.batch.pk,
        "owner": claim.owner,
        "epoch": claim.batch.epoch,
        "open": list(Batch.OPEN),
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, values)
        [last] = cursor.fetchone() or [False]
    return bool(last)


def settle(batch: Batch, results: Iterable[Result]) -> None:
    """Write the fates of a batch that the caller holds locked.

    The first kind of these stays on its row; people who fared differently become exceptions or
    move to a batch of their own. Those in doubt stay: the mail service knows them by its key.
    """
    batch.refresh_from_db(fields=["tries", "size"])
    doubtful, taken, again, split, refused = _sorted(results)
    untried = [one for one in again if one.outcome.kind == Kind.HELD_BACK]
    ordered: tuple[list[Result], ...] = (doubtful, taken, again, split)
    if batch.tries >= MOST_TRIES and 0 < len(untried) < len(again):
        # Who was called too often fails alone, not with those who were not called.
        tried = [one for one in again if one not in untried]
        ordered = (doubtful, taken, tried, untried, split)
    if in_doubt(batch):
        # Not sent this time says nothing of the first call: they stay with the record of it.
        ordered = (doubtful + again, taken, split) if doubtful else (again, taken, split)
    groups = [group for group in ordered if group]
    if len(groups) + bool(refused) > 1:
        # In the order in which reports lock them, or one of both would be given up.
        ours = Delivery.objects.filter(batch=batch).order_by("pk")
        list(ours.select_for_update(no_key=True).values_list("pk"))
    if refused and groups:
        for result in refused:
            Delivery.objects.filter(pk__in=result.people).update(
                exception=Delivery.Exception.FAILED, reason=result.outcome.reason[:200]
            )
    for result in split:
        _halve(batch, result.people)
    stays, *others = groups or [refused]
    for group in others:
        if group is not split:
            _move(batch, _people(group), **_fate(batch, group))
    Batch.objects.filter(pk=batch.pk).update(**_fate(batch, stays), **FREE)


def unsent(state: str) -> Case | Value:
    """What waiting batches become that are not called for any more: those in doubt stay unknown."""
    if providers.current().idempotent_for is None:
        return Value(state)
    return Case(When(is_second_call=True, then=Value(Batch.State.UNKNOWN)), default=Value(state))


def put(batch: Batch, people: Sequence[int], **columns: Any) -> None:
    """Give these people of a batch another fate, on the batch itself if they are all of it."""
    if len(people) == Delivery.objects.filter(batch=batch, exception="").count():
        Batch.objects.filter(pk=batch.pk).update(**columns, **FREE)
    elif people:
        _move(batch, people, **columns)


def cut(claim: Claim, limit: int) -> None:
    """Cut a batch for a mail service that takes fewer a call; one that was lost stays whole."""
    batch = claim.batch
    with transaction.atomic():
        if not claim.held(Batch.State.CLAIMED).select_for_update().exists():
            return
        waiting = Delivery.objects.filter(batch=batch, exception="").order_by("pk")
        people = list(waiting.values_list("pk", flat=True))
        for start in range(limit, len(people), limit):
            part = people[start : start + limit]
            _move(batch, part, state=Batch.State.QUEUED, next_at=batch.next_at, tries=batch.tries)


def _sorted(results: Iterable[Result]) -> tuple[list[Result], ...]:
    """Results by what is to be done: doubtful, taken, again, split, refused."""
    doubtful, taken, again, split, refused = (list[Result]() for _group in range(5))
    for result in results:
        kind = result.outcome.kind
        if kind == Kind.ACCEPTED:
            taken.append(result)
        elif kind in REFUSED:
            (refused if len(result.people) == 1 else split).append(result)
        else:
            (again if kind in AGAIN else doubtful).append(result)
    return doubtful, taken, again, split, refused


def _fate(batch: Batch, group: Sequence[Result]) -> dict[str, Any]:
    """The columns of a batch whose people fared like this."""
    worst = max(group, key=lambda result: SEVERITY.index(result.outcome.kind)).outcome
    kind, reason = worst.kind, worst.reason[:300]
    if kind == Kind.ACCEPTED:
        return {"state": Batch.State.ACCEPTED, "reason": ""}
    if kind in REFUSED:
        return {"state": Batch.State.FAILED, "reason": reason}
    now = clock.now()
    if kind == Kind.AMBIGUOUS:
        settled = now + providers.current().settle
        return {"state": Batch.State.UNCERTAIN, "reason": reason, "next_at": settled}
    back: dict[str, Any] = {
        "state": Batch.State.QUEUED,
        "reason": reason,
        "next_at": now,
        "tries": batch.tries,
    }
    if kind == Kind.NOT_SENT:
        back["next_at"] = now + _wait(batch.tries, worst.retry_after)
        if batch.tries >= MOST_TRIES or back["next_at"] >= batch.issue.not_after:
            back["state"] = Batch.State.UNKNOWN if in_doubt(batch) else Batch.State.FAILED
        return back
    # Nothing was tried: the account, the quota or an editor stood in the way.
    back["tries"] = max(0, batch.tries - 1)
    if kind == Kind.QUOTA:
        said = worst.resets_at or now + dt.timedelta(seconds=worst.retry_after or LONGEST_WAIT)
        back["next_at"] = min(max(said, now + SHORTEST_CLOSED), now + LONGEST_CLOSED)
        budget.close_until(back["next_at"])
    return back


def _halve(batch: Batch, people: Sequence[int]) -> None:
    """Nothing of a refused call was taken: both halves go back, to be called before all others
    and the smallest first, so that what is wrong is found in a few calls."""
    first = min(batch.next_at, batch.issue.created_at) - dt.timedelta(seconds=1)
    middle = len(people) // 2
    for half in (people[:middle], people[middle:]):
        _move(batch, half, state=Batch.State.QUEUED, next_at=first)


def _move(batch: Batch, people: Sequence[int], **columns: Any) -> Batch:
    """A batch of their own for some people of another."""
    # Two workers may cut batches of one edition at once: its numbers are given out one by one.
    Edition.objects.select_for_update().get(pk=batch.edition_id)
    last = Batch.objects.filter(edition=batch.edition_id).aggregate(last=Max("number"))["last"]
    part = Batch.objects.create(
        issue_id=batch.issue_id,
        edition_id=batch.edition_id,
        number=last + 1,
        size=len(people),
        plain_text=batch.plain_text,
        **columns,
    )
    Delivery.objects.filter(pk__in=people).update(batch=part)
    Batch.objects.filter(pk=batch.pk).update(size=F("size") - len(people))
    return part


def _people(group: Iterable[Result]) -> list[int]:
    return [pk for result in group for pk in result.people]


def _wait(tries: int, asked: int) -> dt.timedelta:
    """Doubling waits with jitter, never shorter than the service asked for."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** max(0, tries - 1))
    asked = min(asked, LONGEST_WAIT)
    jitter = random.uniform(longest / 2, longest)  # noqa: S311  (spreads load, guards nothing)
    return dt.timedelta(seconds=max(asked, jitter))
