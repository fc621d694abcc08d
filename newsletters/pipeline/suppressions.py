"""In: who bounced, complained or asked to leave. Out: addresses that are not written to any more.

What is written here is never taken back by a report: a complaint and a leaving are for good, a
bounce may only become a worse one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from anymail.signals import EventType, RejectReason
from django.db import connection
from django.utils import timezone

from newsletters.models import Consent, Subscription, Suppression
from newsletters.signals import left_together

BOUNCES = (EventType.BOUNCED, EventType.REJECTED, EventType.FAILED)
PERMANENT = (RejectReason.BOUNCED, RejectReason.INVALID)
NOT_THE_MAILBOX = (RejectReason.BLOCKED, RejectReason.SPAM, RejectReason.UNSUBSCRIBED)
"""Bounces that speak of the sender or of the reader's wish."""
MOST_SOFT, COUNTS_FOR = 5, dt.timedelta(days=60)
"""So many mails that came back for the time being, within so long, are enough."""

# The key of a report begins with the hash of its address: the key's index finds them.
SOFT = """
SELECT p.address FROM unnest(%s::text[], %s::text[]) AS p(address, whose)
WHERE (
    SELECT count(DISTINCT d.id) FROM newsletters_report r JOIN newsletters_delivery d
        ON d.id = CASE WHEN r.delivery ~ '^[0-9]{1,18}$' THEN r.delivery::bigint END
    WHERE r.key ~>=~ (p.whose || ':') AND r.key ~<~ (p.whose || ';') AND r.kind = 'bounced'
        AND NOT r.reject_reason = ANY(%s) AND coalesce(r.at, r.received_at) > %s
        AND d.delivered_at IS NULL
) >= %s
"""
SUPPRESS = """
INSERT INTO newsletters_suppression (address, reason, note, created_at)
SELECT address, reason, '', statement_timestamp()
FROM unnest(%s::text[], %s::text[]) AS p(address, reason) ORDER BY address
ON CONFLICT (address) DO UPDATE SET reason = EXCLUDED.reason
WHERE (newsletters_suppression.reason, EXCLUDED.reason)
    IN (('soft', 'bounce'), ('soft', 'complaint'), ('bounce', 'complaint'))
"""
LEAVE = """
WITH asked AS (
    SELECT DISTINCT ON (sub.id) sub.id, p.how
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
        AS p(report, delivery, subscriber, how)
    JOIN newsletters_report r ON r.id = p.report
    JOIN newsletters_delivery d ON d.id = p.delivery
    JOIN newsletters_issue i ON i.id = d.issue_id
    JOIN newsletters_subscription sub ON sub.subscriber_id = p.subscriber
        AND (r.kind = 'complained' OR sub.newsletter_id = i.newsletter_id
            AND sub.confirmed_at <= coalesce(r.at, r.received_at))
    WHERE sub.state = 'confirmed' ORDER BY sub.id, r.kind
)
UPDATE newsletters_subscription sub
SET state = 'left', left_at = statement_timestamp(), left_how = asked.how
FROM asked WHERE sub.id = asked.id AND sub.state = 'confirmed' RETURNING sub.id
"""


@dataclass(frozen=True)
class Told:
    """What a report says of a reader who still has the address that was mailed."""

    report: int
    kind: str
    reason: str
    whose: str
    """The hash of the address that stands before the report's key."""
    delivery: int
    subscriber: int
    address: str


def draw_from(people: Iterable[Told]) -> None:
    """One complaint or one bounce for good suppresses, and so do soft bounces that add up."""
    reasons: dict[str, str] = {}
    soft: dict[str, str] = {}
    leaving: list[tuple[Told, str]] = []
    for told in people:
        if told.kind == EventType.COMPLAINED:
            reasons[told.address] = Suppression.Reason.COMPLAINT
            leaving.append((told, Subscription.COMPLAINT))
        elif told.kind == EventType.UNSUBSCRIBED:
            leaving.append((told, Subscription.MAIL_SERVICE))
        elif told.kind in BOUNCES and told.reason in PERMANENT:
            reasons.setdefault(told.address, Suppression.Reason.BOUNCE)
        elif told.kind == EventType.BOUNCED and told.reason not in NOT_THE_MAILBOX and told.whose:
            soft[told.address] = told.whose
    for address in _bounced_too_often(soft):
        reasons.setdefault(address, Suppression.Reason.SOFT)
    if reasons:
        with connection.cursor() as cursor:
            cursor.execute(SUPPRESS, [list(reasons), list(reasons.values())])
    if leaving:
        _leave(leaving)


def _bounced_too_often(soft: dict[str, str]) -> list[str]:
    """Addresses with too many mails of late that came back and never arrived."""
    if not soft:
        return []
    uncounted = [*PERMANENT, *NOT_THE_MAILBOX]
    since = timezone.now() - COUNTS_FOR
    with connection.cursor() as cursor:
        cursor.execute(SOFT, [list(soft), list(soft.values()), uncounted, since, MOST_SOFT])
        return [address for (address,) in cursor.fetchall()]


def _leave(leaving: Sequence[tuple[Told, str]]) -> None:
    """Who complained leaves everything; who asked the mail service, the newsletter of that mail."""
    columns = zip(
        *((told.report, told.delivery, told.subscriber, how) for told, how in leaving), strict=True
    )
    with connection.cursor() as cursor:
        cursor.execute(LEAVE, [list(column) for column in columns])
        left = [pk for (pk,) in cursor.fetchall()]
    gone = Subscription.objects.filter(pk__in=left).select_related("newsletter", "subscriber")
    rows = Consent.objects.bulk_create(
        row.consent(given=False, language=row.subscriber.languages[0], how=row.left_how, wording="")
        for row in gone
    )
    left_together.send(Subscription, consents=rows)
