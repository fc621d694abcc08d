"""In: a mailing without open batches. Out: its readers' `caught_up_at`, moved to its cutoff.

Nothing of such a mailing changes any more, so it may be done in slices, stopped and done again: a
million rows in one statement hold up every reader who leaves, and outlast a task.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min

from newsletters.models import Delivery, Issue

SLICE = 20_000
"""Deliveries a transaction."""

CAUGHT_UP = """
UPDATE newsletters_subscription sub SET caught_up_at = %s
FROM newsletters_delivery d JOIN newsletters_batch b ON b.id = d.batch_id
WHERE sub.newsletter_id = %s AND sub.subscriber_id = d.subscriber_id AND d.issue_id = %s
    AND d.id BETWEEN %s AND %s AND (sub.caught_up_at IS NULL OR sub.caught_up_at < %s)
    AND (d.exception IN ('accepted', 'unknown')
        OR (d.exception = '' AND b.state IN ('accepted', 'unknown')))
"""


def move(issue: Issue) -> bool:
    """Slice by slice; False when another is at it, or has closed the mailing meanwhile."""
    ids = Delivery.objects.filter(issue=issue).aggregate(first=Min("pk"), last=Max("pk"))
    for first in range(ids["first"] or 1, (ids["last"] or 0) + 1, SLICE):
        ours: list[Any] = [issue.cutoff_at, issue.newsletter_id, issue.pk, first, first + SLICE - 1]
        with transaction.atomic(), connection.cursor() as cursor:
            still_open = Issue.objects.filter(pk=issue.pk, closed_at=None)
            if not still_open.select_for_update(no_key=True, skip_locked=True).exists():
                return False
            cursor.execute(CAUGHT_UP, [*ours, issue.cutoff_at])
    return True
