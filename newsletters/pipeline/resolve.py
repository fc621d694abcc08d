"""In: batches whose worker died or whose call got no clear answer. Out: certainty, or its lack.

`sweep` frees what dead workers held. `resolve_next` takes one doubtful batch at a time: an answer
that came too late, a report that names its people, the mail service's own record, asked twice.
What nobody can say becomes `unknown`, listed by name, and is never sent again by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from newsletters import lookup, providers
from newsletters.models import Attempt, Batch, Delivery, Issue, Subscriber
from newsletters.pipeline import clock
from newsletters.pipeline.claim import Claim
from newsletters.pipeline.closing import close, close_done
from newsletters.pipeline.record import FREE, Result, put, settle, unsent
from newsletters.providers import Kind, Outcome

ENOUGH_LOOKS = 2
"""So often must the mail service know nothing of a call before it is taken not to have come."""
REPORTS_COME_WITHIN = dt.timedelta(minutes=15)
"""Where nothing can be looked up: how long a report may still settle it."""

CLAIM = """
UPDATE newsletters_batch SET owner = %s, epoch = epoch + 1,
    lease_until = statement_timestamp() + make_interval(secs => %s)
WHERE id = (
    SELECT id FROM newsletters_batch
    WHERE state = 'uncertain' AND next_at <= statement_timestamp()
        AND (owner = '' OR lease_until < statement_timestamp())
    ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id
"""


def sweep() -> None:
    """Free what a dead worker held: before the call it goes back, during it, it is uncertain."""
    _free(Batch.State.CLAIMED, state=Batch.State.QUEUED)
    _free(
        Batch.State.SUBMITTING,
        state=Batch.State.UNCERTAIN,
        reason="the worker stopped between hand-over and record",
        next_at=Now() + providers.current().settle,
    )
    late = Batch.objects.filter(state=Batch.State.QUEUED, issue__not_after__lt=Now())
    late.exclude(issue__state=Issue.State.CANCELLED).update(
        state=unsent(Batch.State.EXPIRED), reason="not sent in time"
    )
    close_done()


def _free(held: Batch.State, **columns: Any) -> None:
    """Batches whose lease has ended. One that is being written to is left for the next time."""
    dead = Batch.objects.filter(lease_until__lt=Now(), state=held)
    with transaction.atomic():
        # Whoever stands still in Tx B, or whose network is gone, may hold the row for hours.
        ids = list(dead.select_for_update(skip_locked=True).values_list("pk", flat=True))
        Batch.objects.filter(pk__in=ids).update(**columns, **FREE)


def doubtful() -> bool:
    """Whether a doubtful batch may be looked into now."""
    return Batch.objects.filter(state=Batch.State.UNCERTAIN, next_at__lte=Now()).exists()


def resolve_next(owner: str) -> bool:
    """Look into one doubtful batch; False when none is due. Safe to run beside itself."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [owner, settings.RABITA_LEASE_SECONDS])
        row = cursor.fetchone()
    if row is None:
        return False
    batch = Batch.objects.select_related("issue__newsletter", "edition").get(pk=row[0])
    claim = Claim(batch, owner)
    attempt = _last_attempt(batch)
    looked = None
    asks = _needs_look(batch, _reported(batch)) and _is_ours_to_ask(attempt)
    if asks and _answered(attempt) is None:
        since = attempt.started_at if attempt else batch.issue.created_at
        looked = lookup.taken(str(batch.key), since)
    with transaction.atomic():
        if claim.held(Batch.State.UNCERTAIN).select_for_update().exists():
            # The look-up took its time: the answer, or a report, may have come meanwhile.
            known = _answered(_last_attempt(batch))
            if known is not None:
                settle(batch, known)
            else:
                found = _reported(batch) | _noted(batch) | _deliveries(batch, looked or ())
                _conclude(batch, found, has_looked=looked is not None, attempt=attempt)
    close(batch.issue)
    return True


def look_back(claim: Claim) -> None:
    """Before a second call: what came to light of the first one while the batch waited for it."""
    with transaction.atomic():
        if claim.held(Batch.State.CLAIMED).select_for_update().exists():
            found = _reported(claim.batch) | _noted(claim.batch)
            if found and providers.current().atomic:
                found = _people(claim.batch)
            if found:
                put(claim.batch, sorted(found), state=Batch.State.ACCEPTED, reason="")


def _last_attempt(batch: Batch) -> Attempt | None:
    return Attempt.objects.filter(batch=batch).order_by("-pk").first()


def _answered(attempt: Attempt | None) -> list[Result] | None:
    """The fates that a worker noted after it had lost the batch; None where all are in doubt."""
    if attempt is None or not attempt.finished_at:
        return None
    ids = sorted(_people(attempt.batch))
    if not attempt.fates:
        found = [Result(tuple(ids), Outcome(Kind(attempt.outcome), reason=attempt.answer))]
    else:
        kinds = [(pk, Kind(attempt.fates.get(str(pk), Kind.AMBIGUOUS))) for pk in ids]
        found = [Result((pk,), Outcome(kind)) for pk, kind in kinds]
    return found if any(one.outcome.kind != Kind.AMBIGUOUS for one in found) else None


def _people(batch: Batch) -> set[int]:
    return set(Delivery.objects.filter(batch=batch, exception="").values_list("pk", flat=True))


def _noted(batch: Batch) -> set[int]:
    """Deliveries that a worker knew to be taken, but noted it after it had lost the batch."""
    people, found = _people(batch), set[int]()
    for attempt in Attempt.objects.filter(batch=batch).exclude(finished_at=None):
        if not attempt.fates and attempt.outcome == Kind.ACCEPTED:
            return people
        found |= {int(pk) for pk, kind in attempt.fates.items() if kind == Kind.ACCEPTED}
    return found & people


def _reported(batch: Batch) -> set[int]:
    """Deliveries that the mail service has spoken of since: it has them."""
    spoken_of = Q(delivered_at__isnull=False) | Q(bounced_at__isnull=False)
    spoken_of |= Q(complained_at__isnull=False)
    return set(
        Delivery.objects.filter(spoken_of, batch=batch, exception="").values_list("pk", flat=True)
    )


def _needs_look(batch: Batch, found: set[int]) -> bool:
    provider = providers.current()
    return provider.can_look_up and not (provider.atomic and found)


def _is_ours_to_ask(attempt: Attempt | None) -> bool:
    """Whether it was this account that was called: another one knows nothing of the call."""
    return attempt is None or attempt.account == providers.account()


def _deliveries(batch: Batch, addresses: Iterable[str]) -> set[int]:
    readers = Subscriber.objects.filter(address__in=list(addresses)).values("pk")
    found = Delivery.objects.filter(batch=batch, exception="", subscriber_id__in=readers)
    return set(found.values_list("pk", flat=True))


def _conclude(batch: Batch, found: set[int], *, has_looked: bool, attempt: Attempt | None) -> None:
    """What is found was taken; what is not found is asked for again, then sent once more."""
    provider, now = providers.current(), clock.now()
    people = _people(batch)
    if provider.atomic and found:
        found = people
    absent = people - found
    put(batch, sorted(found), state=Batch.State.ACCEPTED, reason="")
    if not absent:
        return
    again = now + dt.timedelta(seconds=settings.RABITA_LOOK_UP_SECONDS)
    rest: dict[str, Any] = {"state": Batch.State.UNCERTAIN, "next_at": again}
    lasts = provider.idempotent_for if _is_ours_to_ask(attempt) else None
    if lasts and attempt and now < attempt.started_at + lasts and not batch.is_second_call:
        # The mail service takes a second call with this key for the first one.
        rest = {"state": Batch.State.QUEUED, "next_at": now, "is_second_call": True}
    elif has_looked and batch.looks + 1 >= ENOUGH_LOOKS and not batch.is_second_call:
        rest = {"state": Batch.State.QUEUED, "next_at": now, "looks": 0, "is_second_call": True}
    elif has_looked and batch.looks + 1 < ENOUGH_LOOKS:
        rest["looks"] = batch.looks + 1
    elif has_looked or now >= _patience_ends(batch, attempt):
        rest = {"state": Batch.State.UNKNOWN}
    Batch.objects.filter(pk=batch.pk).update(**rest, **FREE)


def _patience_ends(batch: Batch, attempt: Attempt | None) -> dt.datetime:
    """When to stop hoping for a look-up that answers, or for reports where there is none."""
    provider = providers.current()
    if provider.can_look_up and _is_ours_to_ask(attempt):
        return batch.issue.not_after
    began = attempt.started_at if attempt else batch.issue.created_at
    return began + REPORTS_COME_WITHIN if provider.reports else began
