"""In: the clock and calls that close soon. Out: a mailing that tells of one call alone, at once.

A call that closes before a rhythm's next digest would come too late with it. The digest's own rule
approves it; who was told stands in the ledger, so that the digest does not tell it again.
"""

from __future__ import annotations

import datetime as dt
from itertools import groupby

from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, Func, Max, Min, QuerySet
from django.db.models.functions import Least
from django.utils import timezone

from newsletters.models import Cadence, Issue, Newsletter, Subscription
from newsletters.pipeline import gather
from newsletters.pipeline.freeze import may_send
from newsletters.schedule import LASTS, next_due
from newsletters.sources import Entry


def open_due(now: dt.datetime | None = None) -> list[Issue]:
    """Open a notice for whatever closes before the next digest, one a newsletter at a time.

    Two callers at once open one. A rhythm that is due now tells of the call itself; one that is
    due for so long that it waits for a person counts as if its next day were the first.
    """
    now = now or timezone.now()
    if not may_send():
        return []
    rows = Cadence.objects.filter(newsletter__kind=Newsletter.Kind.DIGEST)
    rows = rows.select_related("newsletter").order_by("newsletter", "next_at", "pk")
    found = []
    for newsletter, cadences in groupby(rows, key=lambda row: row.newsletter):
        days = {row: day for row in cadences if (day := _next_day(row, now))}
        issue = _first(newsletter, days, now)
        if issue is not None:
            found.append(issue)
    return found


def _first(newsletter: Newsletter, days: dict[Cadence, dt.date], now: dt.datetime) -> Issue | None:
    """`days`: by rhythm the day of its next digest."""
    calls = gather.closing(newsletter, now, until=max(days.values())) if days else []
    if not calls or Issue.objects.in_the_way(newsletter).exists():
        return None
    noticed, behind = _noticed(newsletter, calls), _behind(newsletter, now)
    for call in calls:
        newest = max(text.mailable_at for text in call.texts)
        for row, day in days.items():
            # On its last day it is too late as well: a digest's morning is hardly time to answer.
            waits = call.deadline and call.deadline > day
            told = noticed.get((call.key, row.frequency))
            untold = behind.get(row.frequency, now) < newest and (not told or told < newest)
            if untold and not waits and (issue := _open(row, call, newest, now)):
                return issue
    return None


def _noticed(newsletter: Newsletter, calls: list[Entry]) -> dict[tuple[str, str], dt.datetime]:
    """When the last notice of a call left, by call and rhythm."""
    notices = _notices(newsletter).filter(reference__in=[call.key for call in calls]).order_by()
    rows = notices.values_list("reference", "frequency").annotate(last=Max("cutoff_at"))
    return {(key, frequency): last for key, frequency, last in rows}


def _behind(newsletter: Newsletter, now: dt.datetime) -> dict[str, dt.datetime]:
    """By rhythm the moment up to which even the last of its readers was told."""
    readers = Subscription.objects.confirmed().filter(newsletter=newsletter)
    awake = readers.exclude(paused_until__gt=now).order_by()
    # What a digest had no room for is untold, whatever came after it.
    owed_since = Func("owed", function="lower", output_field=DateTimeField())
    since = Least(Min("caught_up_at"), Min(owed_since))
    return dict(awake.values_list("frequency").annotate(since=since))


def _open(row: Cadence, call: Entry, newest: dt.datetime, now: dt.datetime) -> Issue | None:
    mine = {"newsletter": row.newsletter, "frequency": row.frequency}
    noticed = _notices(row.newsletter).filter(
        frequency=row.frequency, reference=call.key, cutoff_at__gte=newest
    )
    try:
        with transaction.atomic():
            Cadence.objects.select_for_update(no_key=True).get(pk=row.pk)
            if noticed.exists():
                return None
            return Issue.objects.create(
                **mine,
                kind=Newsletter.Kind.DIGEST,
                reference=call.key,
                cutoff_at=now,
                state=Issue.State.APPROVED,
                approved_at=now,
                not_after=min(now + LASTS, _end_of(row.newsletter, call)),
            )
    except IntegrityError:
        # Another digest of this newsletter was opened in the same moment.
        return None


def _notices(newsletter: Newsletter) -> QuerySet[Issue]:
    return Issue.objects.filter(newsletter=newsletter, kind=Newsletter.Kind.DIGEST).exclude(
        reference=""
    )


def _next_day(row: Cadence, now: dt.datetime) -> dt.date | None:
    """Of its next digest, by the newsletter's clock; None for one that is leaving."""
    moment = row.next_at
    if now > row.expires_at:
        moment = next_due(row.newsletter, row.frequency, now)
    return moment.astimezone(row.newsletter.zone).date() if moment > now else None


def _end_of(newsletter: Newsletter, call: Entry) -> dt.datetime:
    """Midnight after the call's last day, by the newsletter's clock."""
    day = (call.deadline or dt.date.max - dt.timedelta(days=1)) + dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(), newsletter.zone).astimezone(dt.UTC)
