"""In: an issue. Out: the subscriptions it considers, each with the reason if it is left out."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone

from newsletters import sources
from newsletters.models import (
    Delivery,
    Issue,
    Newsletter,
    Subscriber,
    Subscription,
    not_to_be_mailed,
)

SUPPRESSED = "suppressed"
PAUSED = "paused"
NOTHING_NEW = "nothing_new"
NOT_IN_THEIR_LANGUAGE = "not_in_their_language"
"""Something new matched, but it exists in no language that the reader reads (yet)."""

FATES: dict[str, tuple[str, ...]] = {
    Issue.Why.RETRY: ("failed", "expired"),
    Issue.Why.UNKNOWN: ("unknown",),
    Issue.Why.CORRECT: ("accepted", "unknown", "uncertain"),
}
"""Whom an issue that follows another is for: their exception there, else their batch's state."""
SAME_MAIL = frozenset({Issue.Why.RETRY, Issue.Why.UNKNOWN})
"""What is sent again as it was frozen then."""
TOLD_SINCE = "told_since"
RECEIVED = "received"
"""Of words that were stopped half-way and proposed again: they reach the others only."""

SAME = """
WITH RECURSIVE same AS (
    SELECT %s::bigint AS id
    UNION SELECT i.id FROM newsletters_issue i JOIN same ON i.follows_id = same.id
    WHERE i.why = ANY (%s)
) SELECT id FROM same
"""

CONSIDER = """
DROP TABLE IF EXISTS pg_temp.newsletters_considered, pg_temp.newsletters_wanted;
CREATE TEMPORARY TABLE newsletters_considered ON COMMIT DROP AS
SELECT c.id, c.subscriber_id, c.interests, c.caught_up_at, c.owed, c.heard, c.discreet, c.excluded,
    array_to_string(c.languages, ' ') AS languages
FROM ({considered}) c
"""


def considered(issue: Issue) -> QuerySet[Subscription, Any]:
    """Everyone the issue could go to, with `excluded` empty for those it may go to."""
    subscriptions = Subscription.objects.filter(newsletter=issue.newsletter_id)
    has_it: Q | Exists = Q(pk__in=[])
    if issue.why == Issue.Why.CORRECT:
        subscriptions = subscriptions.filter(subscriber__in=received(issue.follows_id))
    else:
        subscriptions = subscriptions.confirmed()
    if issue.kind == Newsletter.Kind.WRITTEN and issue.reference and not issue.step_id:
        # Reader by reader: a list of a million who have it fits into no memory of a page.
        has_it = Exists(received_before(issue).filter(subscriber_id=OuterRef("subscriber_id")))
    if issue.frequency:
        subscriptions = subscriptions.filter(frequency=issue.frequency)
    if issue.criteria:
        chosen = sources.audience().narrow(Subscriber.objects.all(), issue.criteria)
        subscriptions = subscriptions.filter(subscriber__in=chosen.order_by().values("pk"))
    if issue.step_id:
        subscriptions = subscriptions.filter(subscriber__in=issue.passages.values("subscriber_id"))
    return subscriptions.annotate(
        excluded=Case(
            When(~Q(state=Subscription.State.CONFIRMED), then=Value(Delivery.Exception.LEFT)),
            When(not_to_be_mailed(), then=Value(SUPPRESSED)),
            When(has_it, then=Value(RECEIVED)),
            When(Q(paused_until__gt=timezone.now()), then=Value(PAUSED)),
            default=Value(""),
            output_field=CharField(),
        ),
        languages=F("subscriber__languages"),
        discreet=F("subscriber__discreet"),
        # Whoever rested heard nothing because of that.
        heard=Greatest("heard_at", "paused_until"),
    ).values(
        "id",
        "subscriber_id",
        "interests",
        "caught_up_at",
        "owed",
        "heard",
        "languages",
        "discreet",
        "excluded",
    )


def no_longer_theirs(only_for: list[dict[str, Any]], mails: QuerySet[Delivery]) -> list[int]:
    """Ids of those of the mails whose readers do not meet all criteria of their edition now."""
    if not only_for:
        return []
    readers = Subscriber.objects.filter(pk__in=mails.order_by().values("subscriber_id"))
    for criteria in only_for:
        readers = sources.audience().narrow(readers, criteria)
    others = mails.exclude(subscriber_id__in=readers.order_by().values("pk"))
    return list(others.values_list("pk", flat=True))


def received(issue_id: int | None) -> QuerySet[Delivery, int]:
    """Ids of the subscribers who received an issue or may have, by whichever try of it."""
    return _received(the_same(issue_id))


def received_before(issue: Issue) -> QuerySet[Delivery, int]:
    """The same for the other mailings of its words; each of them has a reference of its own."""
    others = Issue.objects.filter(reference=issue.reference, kind=issue.kind).exclude(pk=issue.pk)
    return _received(list(others.exclude(frozen_at=None).values_list("pk", flat=True)))


def the_same(issue_id: int | None) -> list[int]:
    """The issue and those that sent it again as it was, to some of its people."""
    with connection.cursor() as cursor:
        cursor.execute(SAME, [issue_id, [why.value for why in SAME_MAIL]])
        return [issue for (issue,) in cursor.fetchall()]


def consider(issue: Issue) -> None:
    """Read everyone once, in one statement, into `newsletters_considered`."""
    sql, params = considered(issue).order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(CONSIDER.format(considered=sql), params)


def permitted(audience: str) -> tuple[str, tuple[Any, ...]]:
    """SQL and parameters for the ids of those who may read content of this audience."""
    readers = sources.audience().narrow(Subscriber.objects.all(), {"audience": audience})
    try:
        return readers.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL::bigint WHERE false", ()


def _received(issues: Any) -> QuerySet[Delivery, int]:
    named = Delivery.objects.filter(issue__in=issues).fared(*FATES[Issue.Why.CORRECT])
    return named.order_by().values_list("subscriber_id", flat=True).distinct()
