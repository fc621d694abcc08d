"""In: an issue that sends another one again. Out: who still wants it, as `newsletters_wanted`.

The named rows are the people whose fate in the issue before is the reason: it failed for them, or
it is not known whether it arrived. They get the edition that was frozen then. Whoever left, rests,
was told since, was reported to have it, or was reached by any other try of it, is left out with
the reason.
"""

from __future__ import annotations

from django.db import connection

from newsletters.models import Issue, Newsletter
from newsletters.pipeline.audience import FATES

SAME_MAIL = frozenset({Issue.Why.RETRY, Issue.Why.UNKNOWN})
TOLD_SINCE = "told_since"

WANT = """
DROP TABLE IF EXISTS pg_temp.newsletters_wanted, pg_temp.newsletters_chosen;
CREATE TEMPORARY TABLE newsletters_wanted ON COMMIT DROP AS
WITH RECURSIVE before AS (
    SELECT id, follows_id, why FROM newsletters_issue WHERE id = %(before)s
    UNION SELECT i.id, i.follows_id, i.why FROM newsletters_issue i
    JOIN before ON i.id = before.follows_id AND before.why <> 'correct'
), later AS (
    SELECT i.id FROM newsletters_issue i JOIN before ON i.follows_id = before.id
    WHERE i.why <> 'correct' AND i.id NOT IN (SELECT id FROM before)
    UNION SELECT i.id FROM newsletters_issue i JOIN later ON i.follows_id = later.id
    WHERE i.why <> 'correct'
), reached AS (
    SELECT d.subscriber_id FROM later JOIN newsletters_delivery d ON d.issue_id = later.id
    JOIN newsletters_batch b ON b.id = d.batch_id
    WHERE COALESCE(NULLIF(d.exception, ''), b.state) <> ALL (%(not_sent)s)
)
SELECT sub.id AS subscription_id, d.subscriber_id, '' AS languages, e.discreet,
    b.edition_id AS mask,
    CASE WHEN sub.state IS DISTINCT FROM 'confirmed' THEN 'left'
        WHEN p.id IS NOT NULL OR s.discreet AND NOT e.discreet THEN 'suppressed'
        WHEN %(why)s = 'retry' AND i.kind = 'digest' AND sub.caught_up_at >= i.cutoff_at
            THEN 'told_since'
        WHEN d.delivered_at IS NOT NULL OR d.complained_at IS NOT NULL
            OR d.subscriber_id IN (SELECT subscriber_id FROM reached)
            OR d.exception = '' AND EXISTS (
                SELECT 1 FROM newsletters_attempt a WHERE a.batch_id = d.batch_id
                AND coalesce(a.fates ->> d.id::text, a.outcome) = 'accepted')
            THEN 'told_since'
        WHEN sub.paused_until > statement_timestamp() THEN 'paused'
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
    # One after the other: what two tries drawn up at once do not see, both would send.
    Newsletter.objects.select_for_update(no_key=True).get(pk=issue.newsletter_id)
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
