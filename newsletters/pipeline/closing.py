"""In: a mailing without open batches. Out: its readers' `caught_up_at` moved, and it is closed.

Nothing of such a mailing changes any more, so the readers are moved in slices, by whoever comes
and from where the last one stopped: a million rows in one statement hold up every reader who
leaves, and outlast a task.
"""

from __future__ import annotations

import time

from django.db import connection, transaction
from django.db.models import Case, Exists, F, Max, Min, OuterRef, Value, When
from django.db.models.functions import Now

from newsletters.models import Batch, Delivery, Issue, Newsletter
from newsletters.pipeline import owed
from newsletters.pipeline.record import unsent

CLOSABLE = (Issue.State.SENDING, Issue.State.CANCELLED)
SLICE = 20_000
"""Deliveries a transaction."""
LASTS = 40
"""Seconds after which a worker leaves the rest to the next one: a task has its limits."""

CAUGHT_UP = f"""
UPDATE newsletters_subscription sub SET heard_at = GREATEST(sub.heard_at, %(cutoff)s),
    caught_up_at = CASE WHEN %(tells_all)s THEN GREATEST(sub.caught_up_at, %(cutoff)s)
        ELSE sub.caught_up_at END,
    owed = CASE WHEN %(tells_all)s THEN {owed.THEN} ELSE sub.owed END
FROM newsletters_delivery d JOIN newsletters_batch b ON b.id = d.batch_id
WHERE sub.newsletter_id = %(newsletter)s AND sub.subscriber_id = d.subscriber_id
    AND d.issue_id = %(issue)s AND d.id BETWEEN %(begin)s AND %(end)s
    AND (sub.caught_up_at IS NULL OR sub.caught_up_at < %(cutoff)s
        OR sub.heard_at IS NULL OR sub.heard_at < %(cutoff)s)
    AND (d.exception IN ('accepted', 'unknown')
        OR (d.exception = '' AND b.state IN ('accepted', 'unknown')))
"""  # noqa: S608  (nothing of it comes from anybody)
"""Of a notice nothing but the one call was told: the rest stays new."""


def close(issue: Issue) -> bool:
    """Close an issue without open batches, once its readers' `caught_up_at` has been moved.

    Of a cancelled one, what still waits is cancelled, also what came back to the queue meanwhile.
    """
    open_batches = Batch.objects.filter(state__in=Batch.OPEN)
    if open_batches.filter(issue=issue.pk, issue__state=Issue.State.SENDING).exists():
        return False
    Batch.objects.filter(
        issue=issue.pk, issue__state=Issue.State.CANCELLED, state=Batch.State.QUEUED
    ).update(state=unsent(Batch.State.CANCELLED))
    closable = Issue.objects.filter(pk=issue.pk, state__in=CLOSABLE, closed_at=None)
    closable = closable.exclude(Exists(open_batches.filter(issue=OuterRef("pk"))))
    if not closable.exists():
        return False
    if issue.kind == Newsletter.Kind.DIGEST and not _catch_up(issue):
        return False
    done = When(state=Issue.State.SENDING, then=Value(Issue.State.DONE))
    return bool(closable.update(state=Case(done, default=F("state")), closed_at=Now()))


def close_soon(issue: Issue) -> None:
    """Close it in a person's request if that is quickly done; else the sweep does."""
    if issue.audience <= SLICE:
        close(issue)


def close_done() -> None:
    """Close all that are through: two workers may each have taken the other for the last one."""
    for issue in Issue.objects.filter(state__in=CLOSABLE, closed_at=None):
        close(issue)


def _catch_up(issue: Issue) -> bool:
    """Slice by slice, where the last one stopped; False when there is more, or another is at it."""
    ids = Delivery.objects.filter(issue=issue).aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ids["first"] or 1, ids["last"] or 0
    ends = time.monotonic() + LASTS
    while time.monotonic() < ends:
        with transaction.atomic(), connection.cursor() as cursor:
            still_open = Issue.objects.filter(pk=issue.pk, closed_at=None)
            ours = still_open.select_for_update(no_key=True, skip_locked=True).first()
            if ours is None:
                return False
            begin = max(first, ours.caught_up_to + 1)
            end = min(last, begin + SLICE - 1)
            if begin > last:
                return True
            values = {
                "cutoff": issue.cutoff_at,
                "newsletter": issue.newsletter_id,
                "issue": issue.pk,
                "begin": begin,
                "end": end,
                "tells_all": not issue.is_notice,
            }
            cursor.execute(CAUGHT_UP, values | owed.of(ours))
            still_open.update(caught_up_to=end)
    return False
