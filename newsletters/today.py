"""In: a colleague, the clock. Out: what the newsletters want of this colleague now, in sentences.

`cms.today` puts them into one list with those of the other packages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from newsletters import attention, schedule
from newsletters.models import Cadence, Issue, Newsletter, Subscription, not_to_be_mailed

SOON = dt.timedelta(days=5)
"""No digest is announced earlier than this before it leaves."""
OF_A_KIND = 2
"""Digests that are told one by one."""


class Urgency(IntEnum):
    """How soon a sentence wants somebody: the list is in this order."""

    NOW = 0
    """Mail stands still, or somebody may come to harm."""
    SOON = 1
    """It has a day of its own, within the week."""
    WAITS = 2
    """Somebody waits for it."""
    SOMETIME = 3
    """Worth doing when nothing else is."""


@dataclass(frozen=True)
class Sentence:
    """One thing that waits, and the one button that leads to it."""

    text: str
    button: str
    url: str
    urgency: Urgency = Urgency.WAITS


def sentences(user: Any, now: dt.datetime) -> Iterator[Sentence]:
    """What stops mail, for whoever may see mailings."""
    if not user.has_perm("newsletters.view_issue"):
        return
    for text, issue in attention.notices(now):
        if issue is None:
            button, url = gettext("Look at the mailings"), reverse("mailings")
        else:
            button, url = gettext("Open the mailing"), reverse("mailing", args=[issue.pk])
        yield Sentence(text, button, url, Urgency.NOW)


def next_digests(user: Any, now: dt.datetime) -> Iterator[Sentence]:
    """The digests that leave by themselves within 24 hours of working days, the widest first."""
    if not user.has_perm("newsletters.view_issue"):
        return
    due = Cadence.objects.filter(
        newsletter__kind=Newsletter.Kind.DIGEST, next_at__gt=now, next_at__lte=now + SOON
    )
    rows = due.select_related("newsletter").prefetch_related("newsletter__wordings")
    soon = [
        (_readers(row), row)
        for row in rows.order_by("next_at", "pk")
        if schedule.announced_at(row.newsletter, row.next_at) <= now
    ]
    widest_first = sorted((one for one in soon if one[0]), key=lambda one: -one[0])
    for n, row in widest_first[:OF_A_KIND]:
        text = ngettext(
            "“%(newsletter)s” leaves on %(when)s, to %(n)d reader if there is something new.",
            "“%(newsletter)s” leaves on %(when)s, to those of %(n)d readers for whom something is "
            "new.",
            n,
        )
        when = attention.told(row.next_at.astimezone(row.newsletter.zone))
        # With its rhythm: a newsletter may leave in two of them on one day.
        words = {"newsletter": row, "when": when, "n": n}
        url = reverse("mailing_due", args=[row.pk])
        urgency = Urgency.SOON
        if early := _left_early(row):
            urgency = Urgency.SOMETIME
            text = gettext(
                "“%(newsletter)s” left early, %(early)s. What is new after that leaves on %(when)s."
            )
            words["early"] = attention.told(early.astimezone(row.newsletter.zone))
        yield Sentence(text % words, gettext("Look"), url, urgency)


def _left_early(row: Cadence) -> dt.datetime | None:
    """When somebody sent it since it was announced, and so has looked at it."""
    announced = schedule.announced_at(row.newsletter, row.next_at)
    sent = Issue.objects.filter(
        newsletter=row.newsletter_id,
        frequency=row.frequency,
        reference="",
        follows=None,
        cutoff_at__gte=announced,
        audience__gt=0,
    )
    return sent.order_by("-cutoff_at").values_list("cutoff_at", flat=True).first()


def _readers(row: Cadence) -> int:
    """How many receive it in this rhythm, without those who rest on its day."""
    receive = Subscription.objects.confirmed().exclude(not_to_be_mailed())
    return receive.filter(
        Q(paused_until=None) | Q(paused_until__lte=row.next_at),
        newsletter=row.newsletter_id,
        frequency=row.frequency,
    ).count()
