"""In: an issue. Out: the subscriptions it considers, each with the reason if it is left out."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from newsletters import sources
from newsletters.models import Issue, Subscriber, Subscription, Suppression

SUPPRESSED = "suppressed"
PAUSED = "paused"
NOTHING_NEW = "nothing_new"
NOT_IN_THEIR_LANGUAGE = "not_in_their_language"
"""Something new matched, but it exists in no language that the reader reads (yet)."""


def considered(issue: Issue) -> QuerySet[Subscription, Any]:
    """Everyone the issue could go to, with `excluded` empty for those it may go to."""
    subscriptions = Subscription.objects.confirmed().filter(newsletter=issue.newsletter_id)
    if issue.frequency:
        subscriptions = subscriptions.filter(frequency=issue.frequency)
    suppressed = Suppression.objects.filter(address=OuterRef("subscriber__address"))
    return subscriptions.annotate(
        excluded=Case(
            When(Exists(suppressed), then=Value(SUPPRESSED)),
            When(Q(paused_until__gt=timezone.now()), then=Value(PAUSED)),
            default=Value(""),
            output_field=CharField(),
        ),
        languages=F("subscriber__languages"),
        discreet=F("subscriber__discreet"),
    ).values(
        "id", "subscriber_id", "interests", "caught_up_at", "languages", "discreet", "excluded"
    )


def permitted(audience: str) -> tuple[str, tuple[Any, ...]]:
    """SQL and parameters for the ids of those who may read content of this audience."""
    readers = sources.audience().narrow(Subscriber.objects.all(), {"audience": audience})
    try:
        return readers.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL::bigint WHERE false", ()
