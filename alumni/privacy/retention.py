"""Carries out docs/data-retention.yaml: what has been kept long enough goes, or is emptied.

In go the policies that settings hold, out comes one step a policy. Numbers, no names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import CharField, Exists, Max, Model, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from alumni.models import Conversation, Enrolment, Profile
from alumni.privacy import erasure
from newsletters.models import Attempt, Consent, Subscriber, Subscription

AT_A_TIME = 2000


@dataclass(frozen=True)
class Step:
    """What one policy does now."""

    label: str
    done: str
    """In words."""
    count: int
    rows: QuerySet[Any]
    carry_out: Callable[[QuerySet[Any]], None]


def plan(now: dt.datetime | None = None) -> list[Step]:
    """What is due, policy by policy. Changes nothing."""
    now = now or timezone.now()
    steps = []
    for label, policy in settings.RETENTION.people.items():
        if policy.days is None:
            continue
        cutoff = now - dt.timedelta(days=policy.days)
        select, carry_out_rule, done = RULES[policy.rule]
        rows = select(apps.get_model(label), policy, cutoff)
        words = done.format(days=policy.days, since=policy.since)
        steps.append(Step(label, words, rows.count(), rows, carry_out_rule))
    return steps


def carry_out(now: dt.datetime | None = None) -> list[Step]:
    """Do it, a few thousand rows at a time; the steps as they were planned. Safe to run again."""
    steps = plan(now)
    for step in steps:
        if step.count:
            step.carry_out(step.rows)
    return steps


def _by_age(model: type[Model], policy: Any, cutoff: dt.datetime) -> QuerySet[Any]:
    rows = model._default_manager.filter(**policy.where)
    return rows.filter(**{f"{policy.since}__lt": cutoff})


def _delete(rows: QuerySet[Any]) -> None:
    # An allowance of the transaction: the record of accesses refuses every other deletion.
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_A_TIME]):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(erasure.OPEN_THE_RECORD)
            gone, _each = rows.model._default_manager.filter(pk__in=keys).delete()
        if not gone:
            return


def _empty_conversations(
    model: type[Model], policy: Any, cutoff: dt.datetime
) -> QuerySet[Conversation]:
    return Conversation.objects.filter(messages=None, began_at__lt=cutoff)


def _consents_of_nobody(model: type[Model], policy: Any, cutoff: dt.datetime) -> QuerySet[Consent]:
    """Whose person is gone, and of whose rows the newest is old enough."""
    latest = (
        Consent.objects.filter(subject=OuterRef("subject"))
        .order_by()
        .values("subject")
        .annotate(latest=Max("at"))
        .filter(latest__lt=cutoff)
    )
    subject = OuterRef("subject")
    people = Profile.objects.annotate(subject=Concat(Value("profile:"), "key"))
    readers = Subscriber.objects.annotate(
        subject=Concat(Value("subscriber:"), Cast("pk", CharField()))
    )
    return Consent.objects.filter(
        Exists(latest),
        ~Exists(people.filter(subject=subject)),
        ~Exists(readers.filter(subject=subject)),
    )


def _readers_who_left(model: type[Model], policy: Any, cutoff: dt.datetime) -> QuerySet[Subscriber]:
    """No newsletter comes to them since long, and nobody who is a member reads there."""
    recent = Subscription.objects.filter(subscriber=OuterRef("pk")).exclude(
        state=Subscription.State.LEFT, left_at__lt=cutoff
    )
    return Subscriber.objects.filter(
        ~Exists(recent), profile=None, subscriptions__isnull=False
    ).distinct()


def _never_joined(model: type[Model], policy: Any, cutoff: dt.datetime) -> QuerySet[Profile]:
    """On a roster, never joined, and no course since."""
    recent = Enrolment.objects.filter(profile=OuterRef("pk"), run__ends_on__gte=cutoff.date())
    return Profile.objects.waiting().filter(~Exists(recent), user=None, created_at__lt=cutoff)


def _forget_people(rows: QuerySet[Profile]) -> None:
    for profile in rows.iterator(chunk_size=AT_A_TIME):
        erasure.remove(profile=profile, language=settings.LANGUAGE_CODE, how="retention")


def _empty_answers(rows: QuerySet[Attempt]) -> None:
    rows.update(answer="")


def _answers(model: type[Model], policy: Any, cutoff: dt.datetime) -> QuerySet[Attempt]:
    return Attempt.objects.filter(finished_at__lt=cutoff).exclude(answer="")


Select = Callable[[type[Model], Any, dt.datetime], QuerySet[Any]]
RULES: dict[str, tuple[Select, Callable[[QuerySet[Any]], None], str]] = {
    "delete": (_by_age, _delete, "deleted {days} days after {since}"),
    "empty conversations": (
        _empty_conversations,
        _delete,
        "deleted when no message is left, after {days} days",
    ),
    "consents of nobody": (
        _consents_of_nobody,
        _delete,
        "deleted {days} days after the last word of a person who is gone",
    ),
    "readers who left": (
        _readers_who_left,
        _delete,
        "deleted {days} days after they left the last newsletter",
    ),
    "never joined": (
        _never_joined,
        _forget_people,
        "erased {days} days after the import, when no course came since",
    ),
    "empty answers": (_answers, _empty_answers, "emptied {days} days after the call"),
}
"""Which rows, what is done to them, and how that is said."""
