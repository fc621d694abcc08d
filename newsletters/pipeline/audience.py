"""In: an issue. Out: the subscriptions it considers, each with the reason it is left out, if any."""

from __future__ import annotations

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from newsletters import sources
from newsletters.models import Issue, Subscriber, Subscription, Suppression

SUPPRESSED = "suppressed"
PAUSED = "paused"
NOTHING_NEW = "nothing_new"


def considered(issue: Issue) -> QuerySet[Subscription, dict[str, object]]:
    """Everyone the issue could go to, with `excluded` empty for those it may go to."""
    subscriptions = Subscription.objects.confirmed().filter(newsletter=issue.newsletter_id)
    if issue.frequency:
        subscriptions = subscriptions.filter(frequency=issue.frequency)
    if issue.criteria:
        readers = sources.audience().narrow(Subscriber.objects.all(), issue.criteria)
        subscriptions = subscriptions.filter(subscriber__in=readers.values("pk"))
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


def permitted(audience: str) -> QuerySet[Subscriber]:
    """Who may read content of this audience, as the audience source says."""
    readers = Subscriber.objects.order_by()
    return sources.audience().narrow(readers, {"audience": audience}).order_by()
