"""In: what the mail service reported, as rows. Out: facts beside the state, and suppressions.

A fact is the earliest time that was reported, so reports may come in any order, doubled, and
before the answer of the call is recorded. It never re-opens sending and never undoes a bounce.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from anymail.signals import EventType
from django.db import DataError, IntegrityError, InternalError, connection, transaction
from django.utils import timezone

from newsletters.models import Issue, Report
from newsletters.pipeline import alarms, suppressions
from newsletters.pipeline.suppressions import BOUNCES, Told

logger = structlog.get_logger(__name__)

APPLIED = frozenset({*BOUNCES, EventType.DELIVERED, EventType.COMPLAINED, EventType.UNSUBSCRIBED})
"""Events that change something here; others are not kept."""
KEPT = suppressions.COUNTS_FOR
"""How long reports stay: as long as soft bounces count. The same one is known again meanwhile."""
HALTS_AT, FEWEST = 0.003, 2
"""Complaints by people reached, and the fewest, that stop a mailing."""

CLAIM = """
SELECT id, kind, delivery, batch, recipient FROM newsletters_report
WHERE applied_at IS NULL ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""
BY_BATCH = """
SELECT m.report, d.id
FROM unnest(%s::bigint[], %s::uuid[], %s::text[]) AS m(report, key, address)
JOIN newsletters_batch b ON b.key = m.key
JOIN newsletters_subscriber s ON s.address = m.address
JOIN newsletters_delivery d ON d.issue_id = b.issue_id AND d.subscriber_id = s.id
"""
# Another site with the same account may have deliveries of the same numbers.
FOREIGN = """
SELECT m.report FROM unnest(%s::bigint[], %s::bigint[], %s::uuid[]) AS m(report, delivery, key)
JOIN newsletters_delivery d ON d.id = m.delivery
LEFT JOIN newsletters_batch b ON b.key = m.key AND b.issue_id = d.issue_id
WHERE b.id IS NULL
"""
LOCK = """
SELECT id, issue_id FROM newsletters_delivery WHERE id = ANY(%s::bigint[])
ORDER BY id FOR NO KEY UPDATE
"""
FACTS = """
WITH told AS (
    SELECT m.delivery,
        min(coalesce(r.at, r.received_at)) FILTER (WHERE r.kind = 'delivered') AS delivered_at,
        min(coalesce(r.at, r.received_at)) FILTER (WHERE r.kind = ANY(%s)) AS bounced_at,
        min(coalesce(r.at, r.received_at)) FILTER (WHERE r.kind = 'complained') AS complained_at
    FROM unnest(%s::bigint[], %s::bigint[]) AS m(report, delivery)
    JOIN newsletters_report r ON r.id = m.report GROUP BY m.delivery
), earliest AS (
    SELECT d.id, LEAST(d.delivered_at, told.delivered_at) AS delivered_at,
        LEAST(d.bounced_at, told.bounced_at) AS bounced_at,
        LEAST(d.complained_at, told.complained_at) AS complained_at
    FROM told JOIN newsletters_delivery d ON d.id = told.delivery
)
UPDATE newsletters_delivery d SET delivered_at = e.delivered_at, bounced_at = e.bounced_at,
    complained_at = e.complained_at
FROM earliest e WHERE e.id = d.id AND (d.delivered_at, d.bounced_at, d.complained_at)
    IS DISTINCT FROM (e.delivered_at, e.bounced_at, e.complained_at)
"""
# An address changed since belongs to another mailbox: what was reported is the old one.
PEOPLE = """
SELECT r.id, r.kind, r.reject_reason, split_part(r.key, ':', 1), d.id, s.id, s.address
FROM unnest(%s::bigint[], %s::bigint[]) AS m(report, delivery)
JOIN newsletters_report r ON r.id = m.report
JOIN newsletters_delivery d ON d.id = m.delivery
JOIN newsletters_subscriber s ON s.id = d.subscriber_id AND s.address = r.recipient
WHERE r.kind <> 'delivered' ORDER BY s.id FOR NO KEY UPDATE OF s
"""
APPLY = """
UPDATE newsletters_report r SET applied_at = statement_timestamp(), recipient = '',
    delivery = coalesce(m.delivery, r.delivery)
FROM unnest(%s::bigint[], %s::text[]) AS m(report, delivery) WHERE r.id = m.report
"""
# As `tallies.tally` counts the accepted, without a look at everybody.
COMPLAINTS = """
SELECT (SELECT count(*) FROM newsletters_delivery
        WHERE issue_id = %s AND complained_at > coalesce(%s, '-infinity'::timestamptz)),
    (SELECT coalesce(sum(size), 0) FROM newsletters_batch
        WHERE issue_id = %s AND state = 'accepted')
    + (SELECT coalesce(sum((d.exception = 'accepted')::int - (b.state = 'accepted')::int), 0)
        FROM newsletters_delivery d JOIN newsletters_batch b ON b.id = d.batch_id
        WHERE d.issue_id = %s AND d.exception <> '')
"""


@dataclass(frozen=True)
class Waiting:
    """A report that this worker holds, as far as its words make sense."""

    id: int
    kind: str
    delivery: int | None
    batch: uuid.UUID | None
    recipient: str


def apply_reports(most: int = 500) -> int:
    """Apply the oldest reports that wait; how many. Safe beside itself and to run again."""
    with transaction.atomic():
        reports = _claim(most)
        complained = _apply_or_part(reports)
    # After the commit: closing an issue holds its row and waits for its readers.
    for issue in Issue.objects.filter(pk__in=complained, state=Issue.State.SENDING):
        _halt_if_disliked(issue)
    return len(reports)


def complaint_rate(issue: Issue) -> float:
    """People who marked it as spam, of those handed over so far: 0.001 is one in a thousand."""
    complained, accepted = _complaints(issue)
    return complained / accepted if accepted else 0.0


def forget_reports(now: dt.datetime) -> int:
    """Delete what was applied and is too old to count; how many."""
    return Report.objects.filter(received_at__lt=now - KEPT, applied_at__isnull=False).delete()[0]


def _claim(most: int) -> list[Waiting]:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [most])
        rows = cursor.fetchall()
    return [
        Waiting(pk, kind, _number(delivery), _uuid(batch), recipient)
        for pk, kind, delivery, batch, recipient in rows
    ]


def _apply_or_part(reports: Sequence[Waiting]) -> set[int]:
    """Apply them together; if one of them cannot be, find it by halves and set it aside."""
    if not reports:
        return set()
    try:
        with transaction.atomic():
            return _apply(reports)
    except (DataError, IntegrityError, InternalError) as error:
        if len(reports) > 1:
            middle = len(reports) // 2
            return _apply_or_part(reports[:middle]) | _apply_or_part(reports[middle:])
        logger.error(
            "A report could not be applied", report=reports[0].id, error=type(error).__name__
        )
        Report.objects.filter(pk=reports[0].id).update(applied_at=timezone.now(), recipient="")
        return set()


def _apply(reports: Sequence[Waiting]) -> set[int]:
    """Everything these reports change. The issues that were complained about."""
    named = {report.id: report.delivery for report in reports if report.delivery is not None}
    with connection.cursor() as cursor:
        if rest := [r for r in reports if r.delivery is None and r.batch and r.recipient]:
            cursor.execute(
                BY_BATCH,
                [[r.id for r in rest], [r.batch for r in rest], [r.recipient for r in rest]],
            )
            named |= dict(cursor.fetchall())
        if both := [r for r in reports if r.delivery is not None and r.batch]:
            cursor.execute(
                FOREIGN,
                [[r.id for r in both], [r.delivery for r in both], [r.batch for r in both]],
            )
            for (report,) in cursor.fetchall():
                del named[report]
        # In the order of their numbers: two workers with the same people never wait in a ring.
        cursor.execute(LOCK, [list(named.values())])
        issues = dict(cursor.fetchall())
        named = {report: delivery for report, delivery in named.items() if delivery in issues}
        matched = [list(named), list(named.values())]
        cursor.execute(FACTS, [list(BOUNCES), *matched])
        told = []
        if any(report.kind != EventType.DELIVERED for report in reports):
            cursor.execute(PEOPLE, matched)
            told = [Told(*row) for row in cursor.fetchall()]
        cursor.execute(APPLY, [[r.id for r in reports], [_text(named.get(r.id)) for r in reports]])
    suppressions.draw_from(told)
    return {
        issues[named[report.id]]
        for report in reports
        if report.kind == EventType.COMPLAINED and report.id in named
    }


def _halt_if_disliked(issue: Issue) -> None:
    """What a person has let go on is counted anew from there."""
    complained, accepted = _complaints(issue, since=issue.resumed_at)
    if complained >= FEWEST and complained >= HALTS_AT * accepted > 0:
        Issue.objects.filter(pk=issue.pk).halt(f"{alarms.COMPLAINTS}|{complained} / {accepted}")


def _complaints(issue: Issue, since: dt.datetime | None = None) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(COMPLAINTS, [issue.pk, since, issue.pk, issue.pk])
        complained, accepted = cursor.fetchone()
    return int(complained), int(accepted)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
