"""In: the clock. Out: what needs a person, as sentences that say what to do about it."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from newsletters import schedule
from newsletters.models import Batch, Delivery, Issue, Letter, Pulse
from newsletters.pipeline import alarms, track
from newsletters.pipeline.freeze import may_send
from newsletters.reports import reason

DISLIKED_FROM, DISLIKED_FOR = 0.001, dt.timedelta(days=14)
"""Complaints by people reached from which editors are warned, and how long after it was drawn up:
mail services begin to refuse a sender from about there."""
SILENCE = dt.timedelta(minutes=5)
"""Without a tick for this long, the worker or beat is taken to be down."""


Notice = tuple[str, Issue | None]
"""A sentence, and the mailing it is about."""


def warnings(now: dt.datetime | None = None) -> list[str]:
    """What keeps mail from leaving, each with what to do about it; empty when all is well."""
    return [sentence for sentence, _issue in notices(now)]


def notices(now: dt.datetime | None = None) -> list[Notice]:
    """The same, each with the mailing it is about."""
    now = now or timezone.now()
    before, after = _of_the_site(now), _of_single_mails(now)
    return [
        *((sentence, None) for sentence in before),
        *_stopped(),
        *_disliked(now),
        *((sentence, None) for sentence in after),
    ]


def told(moment: dt.datetime) -> str:
    """A day and an hour as people write them."""
    return str(date_format(moment, "DATETIME_FORMAT"))


def _of_the_site(now: dt.datetime) -> list[str]:
    found = []
    if not may_send():
        found.append(
            gettext(
                "This database belongs to another site, so nothing is mailed. If this is the real "
                "site, run “manage.py setup --claim-database”."
            )
        )
    pulse = Pulse.objects.filter(name="tick").first()
    if pulse is None:
        found.append(gettext("The worker has never run: start the worker and beat processes."))
    elif now - pulse.at > SILENCE:
        found.append(
            gettext(
                "The worker is not running: its last sign of life was %(when)s. "
                "Start the worker and beat processes."
            )
            % {"when": told(timezone.localtime(pulse.at))}
        )
    for row in schedule.overdue(now):
        found.append(
            gettext("“%(digest)s” is overdue since %(when)s. Press “Send what is due” to send it.")
            % {"digest": str(row), "when": told(row.next_at.astimezone(row.newsletter.zone))}
        )
    return found


def _stopped() -> list[Notice]:
    stopped = Issue.objects.filter(state__in=[Issue.State.HALTED, Issue.State.PAUSED])
    sentence = gettext("“%(issue)s” stopped: %(reason)s Go on with it or cancel it.")
    return [
        (sentence % {"issue": issue, "reason": reason(issue)}, issue)
        for issue in stopped.select_related("newsletter").prefetch_related("newsletter__wordings")
    ]


def _of_single_mails(now: dt.datetime) -> list[str]:
    found = []
    uncertain = Batch.objects.filter(state=Batch.State.UNCERTAIN).aggregate(n=Sum("size"))["n"]
    if uncertain:
        found.append(
            ngettext(
                "For %(n)d person it is not known whether the mail left. It is not sent again by "
                "itself.",
                "For %(n)d people it is not known whether the mail left. It is not sent again by "
                "itself.",
                uncertain,
            )
            % {"n": uncertain}
        )
    failed = Letter.objects.filter(
        state=Letter.State.FAILED, created_at__gte=now - dt.timedelta(days=7)
    ).count()
    if failed:
        found.append(
            ngettext(
                "%(n)d confirmation or preference mail of this week could not be handed over.",
                "%(n)d confirmation or preference mails of this week could not be handed over.",
                failed,
            )
            % {"n": failed}
        )
    return found


def _disliked(now: dt.datetime) -> list[Notice]:
    """A sentence for each mailing of late that too many marked as spam; what stopped says so."""
    recent = Issue.objects.filter(frozen_at__gt=now - DISLIKED_FOR).exclude(
        state=Issue.State.HALTED, reason__startswith=alarms.COMPLAINTS
    )
    complained = Delivery.objects.filter(issue__in=recent).exclude(complained_at=None)
    counts = complained.order_by().values_list("issue").annotate(people=Count("pk"))
    people = dict(counts.filter(people__gte=track.FEWEST))
    issues = Issue.objects.filter(pk__in=people).select_related("newsletter")
    return [
        (_marked_as_spam(people[issue.pk], issue), issue)
        for issue in issues.prefetch_related("newsletter__wordings")
        if track.complaint_rate(issue) >= DISLIKED_FROM
    ]


def _marked_as_spam(people: int, issue: Issue) -> str:
    return ngettext(
        "%(n)d person marked “%(issue)s” as spam, one in a thousand or more: mail services may "
        "begin to refuse what we send. Find out what they did not expect before the next "
        "mailing leaves. At three in a thousand, what is being sent stops by itself.",
        "%(n)d people marked “%(issue)s” as spam, one in a thousand or more: mail services may "
        "begin to refuse what we send. Find out what they did not expect before the next "
        "mailing leaves. At three in a thousand, what is being sent stops by itself.",
        people,
    ) % {"n": people, "issue": issue}
