"""In: an issue that sends another one again. Out: who still wants it, as `newsletters_wanted`.

The named rows are the people whose fate in the issue before is the reason: it failed for them, or
it is not known whether it arrived. They get the edition that was frozen then. Whoever left, rests,
was told since, was reported to have it, or was reached by any other try of it, is left out with
the reason.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from newsletters.addresses import masked
from newsletters.models import Delivery, Edition, Issue, Newsletter
from newsletters.pipeline.audience import FATES, no_longer_theirs

# From the batches and the exceptions, so that a few people among a million are found at once.
NAMED = """
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
SELECT d.id AS delivery_id, d.fate, sub.id AS subscription_id, d.subscriber_id, '' AS languages,
    e.discreet, d.edition_id AS mask, 0::bigint AS elsewhere, '' AS reasons,
    CASE WHEN sub.state IS DISTINCT FROM 'confirmed' THEN 'left'
        WHEN p.id IS NOT NULL OR h.id IS NOT NULL OR s.discreet AND NOT e.discreet
            THEN 'suppressed'
        WHEN d.id = ANY (%(not_theirs)s) THEN 'not_theirs'
        WHEN %(why)s = 'retry' AND i.kind = 'digest' AND sub.caught_up_at >= i.cutoff_at
            THEN 'told_since'
        WHEN d.has_it OR d.subscriber_id IN (SELECT subscriber_id FROM reached) THEN 'told_since'
        WHEN sub.paused_until > statement_timestamp() THEN 'paused'
        ELSE '' END AS excluded
FROM (
    SELECT d.id, d.issue_id, d.subscriber_id, b.edition_id, b.state AS fate,
        COALESCE(d.delivered_at, d.complained_at) IS NOT NULL OR EXISTS (
            SELECT 1 FROM newsletters_attempt a WHERE a.batch_id = b.id
                AND COALESCE(a.fates ->> d.id::text, a.outcome) = 'accepted'
        ) AS has_it
    FROM newsletters_batch b JOIN newsletters_delivery d ON d.batch_id = b.id
    WHERE b.issue_id = %(before)s AND b.state = ANY (%(fates)s) AND d.exception = ''
    UNION ALL
    SELECT d.id, d.issue_id, d.subscriber_id, b.edition_id, d.exception,
        COALESCE(d.delivered_at, d.complained_at) IS NOT NULL
    FROM newsletters_delivery d JOIN newsletters_batch b ON b.id = d.batch_id
    WHERE d.issue_id = %(before)s AND d.exception <> '' AND d.exception = ANY (%(fates)s)
) d
JOIN newsletters_issue i ON i.id = d.issue_id
JOIN newsletters_edition e ON e.id = d.edition_id
LEFT JOIN newsletters_subscriber s ON s.id = d.subscriber_id
LEFT JOIN newsletters_subscription sub
    ON sub.subscriber_id = s.id AND sub.newsletter_id = i.newsletter_id
LEFT JOIN newsletters_suppression p ON p.address = s.address
LEFT JOIN newsletters_suppression h ON h.address_hash = s.address_hash
"""
WANT = """
DROP TABLE IF EXISTS pg_temp.newsletters_wanted, pg_temp.newsletters_chosen;
CREATE TEMPORARY TABLE newsletters_wanted ON COMMIT DROP AS {named};
CREATE TEMPORARY TABLE newsletters_chosen ON COMMIT DROP AS
SELECT '' AS languages, w.discreet, w.mask, 0::bigint AS elsewhere, '' AS reasons,
    w.mask AS edition_id,
    (SELECT max(number) + 1 FROM newsletters_batch b WHERE b.edition_id = w.mask) AS first_number
FROM (SELECT DISTINCT discreet, mask FROM newsletters_wanted) w
"""
COUNTS = "SELECT excluded, count(*) FROM ({named}) w GROUP BY excluded"
FIRST = """
SELECT s.address, e.language, w.fate FROM ({named}) w
JOIN newsletters_subscriber s ON s.id = w.subscriber_id
JOIN newsletters_edition e ON e.id = w.mask
WHERE w.excluded = '' ORDER BY w.delivery_id LIMIT %(most)s
"""


def draw_up(issue: Issue) -> None:
    """Settle who gets it again; call inside a transaction."""
    # One after the other: what two tries drawn up at once do not see, both would send.
    Newsletter.objects.select_for_update(no_key=True).get(pk=issue.newsletter_id)
    with connection.cursor() as cursor:
        cursor.execute(WANT.format(named=NAMED), _of(issue.follows_id, issue.why))


def counts(before: Issue, why: str) -> dict[str, int]:
    """How many would get it again now, under the empty reason, and how many are left out why."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS.format(named=NAMED), _of(before.pk, why))
        return dict(cursor.fetchall())


def first(before: Issue, why: str, most: int) -> list[tuple[str, str, str]]:
    """The first who would get it again: masked address, language, how they fared."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST.format(named=NAMED), _of(before.pk, why) | {"most": most})
        return [(masked(address), language, fate) for address, language, fate in cursor.fetchall()]


def _no_longer_theirs(before: int | None, why: str) -> list[int]:
    """Mails of the issue before, by id, whose readers may not read their edition now."""
    named = Delivery.objects.filter(issue=before).fared(*FATES[why])
    # Audiences are few, the editions that have them may be thousands.
    for_some = Edition.objects.filter(batches__issue=before).exclude(only_for=[])
    return [
        pk
        for only_for in for_some.values_list("only_for", flat=True).distinct()
        for pk in no_longer_theirs(only_for, named.filter(batch__edition__only_for=only_for))
    ]


def _of(before: int | None, why: str) -> dict[str, Any]:
    return {
        "why": why,
        "before": before,
        "fates": list(FATES[why]),
        "not_theirs": _no_longer_theirs(before, why),
        "not_sent": ["failed", "expired", "cancelled", "left", "suppressed", "not_theirs"],
    }
