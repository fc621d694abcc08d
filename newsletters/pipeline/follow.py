"""In: an issue that sends another one again. Out: who still wants it, as `newsletters_wanted`.

The named rows are the people whose fate in the issue before is the reason: it failed for them, or
it is not known whether it arrived. They get the edition that was frozen then. Whoever left, was
told since, or was written to by another such issue, is left out with the reason.
"""

from __future__ import annotations

from django.db import connection

from newsletters.models import Issue
from newsletters.pipeline.audience import FATES

SAME_MAIL = frozenset({Issue.Why.RETRY, Issue.Why.UNKNOWN})
TOLD_SINCE = "told_since"

WANT = """
DROP TABLE IF EXISTS pg_temp.newsletters_wanted, pg_temp.newsletters_chosen;
CREATE TEMPORARY TABLE newsletters_wanted ON COMMIT DROP AS
SELECT sub.id AS subscription_id, d.subscriber_id, '' AS languages, e.discreet,
    b.edition_id AS mask,
    CASE WHEN sub.state IS DISTINCT FROM 'confirmed' THEN 'left'
        WHEN p.id IS NOT NULL OR s.discreet AND NOT e.discreet THEN 'suppressed'
        WHEN %(why)s = 'retry' AND i.kind = 'digest' AND sub.caught_up_at >= i.cutoff_at
            THEN 'told_since'
        WHEN EXISTS (
            SELECT 1 FROM newsletters_issue later
            JOIN newsletters_delivery d2 ON d2.issue_id = later.id
            JOIN newsletters_batch b2 ON b2.id = d2.batch_id
            WHERE later.follows_id = i.id AND later.why <> 'correct'
                AND d2.subscriber_id = d.subscriber_id
                AND COALESCE(NULLIF(d2.exception, ''), b2.state) <> ALL (%(not_sent)s)
        ) THEN 'told_since'
        ELSE '' END AS excluded
FROM newsletters_delivery d
JOIN newsletters_issue i ON i.id = d.issue_id
JOIN newsletters_batch b ON b.id = d.batch_id
JOIN newsletters_edition e ON e.id = b.edition_id
LEFT JOIN newsletters_subscriber s ON s.id = d.subscriber_id
LEFT JOIN newsletters_subscription sub
    ON sub.subscriber_id = s.id AND sub.newsletter_id = i.newsletter_id
LEFT JOIN newsletters_suppression p ON p.address = s.address
WHERE d.issue_id = %(before)s
    AND COALESCE(NULLIF(d.exception, ''), b.state) = ANY (%(fates)s);
CREATE TEMPORARY TABLE newsletters_chosen ON COMMIT DROP AS
SELECT '' AS languages, w.discreet, w.mask, w.mask AS edition_id,
    (SELECT max(number) + 1 FROM newsletters_batch b WHERE b.edition_id = w.mask) AS first_number
FROM (SELECT DISTINCT discreet, mask FROM newsletters_wanted) w
"""


def draw_up(issue: Issue) -> None:
    """Settle who gets it again; call inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            WANT,
            {
                "why": issue.why,
                "before": issue.follows_id,
                "fates": list(FATES[issue.why]),
                "not_sent": ["failed", "expired", "cancelled", "left", "suppressed"],
            },
        )
