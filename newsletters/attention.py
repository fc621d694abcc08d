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


def warnings(now: dt.datetime | None = None) -> list[str]:
    """What keeps mail from leaving, each with what to do about it; empty when all is well."""
    now = now or timezone.now()
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
            % {"when": date_format(timezone.localtime(pulse.at), "DATETIME_FORMAT")}
        )
    for row in schedule.overdue(now):
        found.append(
            gettext("“%(digest)s” is overdue since %(when)s. Press “Send what is due” to send it.")
            % {
                "digest": str(row),
                "when": date_format(row.next_at.astimezone(row.newsletter.zone), "DATETIME_FORMAT"),
            }
        )
    stopped = Issue.objects.filter(state__in=[Issue.State.HALTED, Issue.State.PAUSED])
    for issue in stopped.select_related("newsletter").prefetch_related("newsletter__wordings"):
        found.append(
            gettext("“%(issue)s” stopped: %(reason)s Go on with it or cancel it.")
            % {"issue": issue, "reason": reason(issue)}
        )
    found += _disliked(now)
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


def _disliked(now: dt.datetime) -> list[str]:
    """A sentence for each mailing of late that too many marked as spam; what stopped says so."""
    recent = Issue.objects.filter(frozen_at__gt=now - DISLIKED_FOR).exclude(
        state=Issue.State.HALTED, reason__startswith=alarms.COMPLAINTS
    )
    complained = Delivery.objects.filter(issue__in=recent).exclude(complained_at=None)
    counts = complained.order_by().values_list("issue").annotate(people=Count("pk"))
    people = dict(counts.filter(people__gte=track.FEWEST))
    issues = Issue.objects.filter(pk__in=people).select_related("newsletter")
    return [
        ngettext(
            "%(n)d person marked “%(issue)s” as spam, one in a thousand or more: mail services may "
            "begin to refuse what we send. Find out what they did not expect before the next "
            "mailing leaves. At three in a thousand, what is being sent stops by itself.",
            "%(n)d people marked “%(issue)s” as spam, one in a thousand or more: mail services may "
            "begin to refuse what we send. Find out what they did not expect before the next "
            "mailing leaves. At three in a thousand, what is being sent stops by itself.",
            people[issue.pk],
        )
        % {"n": people[issue.pk], "issue": issue}
        for issue in issues.prefetch_related("newsletter__wordings")
        if track.complaint_rate(issue) >= DISLIKED_FROM
    ]
