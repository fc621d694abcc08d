"""In: the clock and the due rows. Out: issues, one a period, whoever asks and however often."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Literal

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, weekday
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from newsletters.models import Cadence, Frequency, Issue, Newsletter
from newsletters.pipeline.freeze import may_send

RHYTHM: dict[Frequency, Literal[1, 2, 3]] = {
    Frequency.DAILY: DAILY,
    Frequency.WEEKLY: WEEKLY,
    Frequency.MONTHLY: MONTHLY,
}
ANNOUNCED = dt.timedelta(hours=24)
"""So long before it leaves colleagues are told of a digest; days off do not count."""
LASTS = dt.timedelta(days=3)
"""What of a digest has not left by then, stays."""


def next_due(newsletter: Newsletter, frequency: str, after: dt.datetime) -> dt.datetime:
    """The next local hour of the newsletter's rhythm after a moment; DST moves the UTC hour.

    An hour that a clock change skips falls on the hour after it.
    """
    start = after.astimezone(newsletter.zone).replace(tzinfo=None)
    start = start.replace(hour=0, minute=0, second=0, microsecond=0)
    rule = rrule(
        RHYTHM[Frequency(frequency)],
        dtstart=start.replace(day=1) if frequency == Frequency.MONTHLY else start,
        byhour=newsletter.hour,
        byminute=0,
        bysecond=0,
        byweekday=_days(newsletter, frequency),
    )
    for local in rule:
        moment = local.replace(tzinfo=newsletter.zone).astimezone(dt.UTC)
        if moment > after:
            return moment
    raise AssertionError("a rule without end ended")


def announced_at(newsletter: Newsletter, due_at: dt.datetime) -> dt.datetime:
    """When a digest that is due then has to be announced: 24 hours of working days before."""
    local = due_at.astimezone(newsletter.zone).replace(tzinfo=None)
    left = ANNOUNCED
    while True:
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if midnight == local:
            midnight -= dt.timedelta(days=1)
        if str(midnight.weekday()) not in newsletter.weekend:
            if local - midnight >= left:
                return (local - left).replace(tzinfo=newsletter.zone).astimezone(dt.UTC)
            left -= local - midnight
        local = midnight


def to_announce(now: dt.datetime) -> list[Cadence]:
    """Rows that leave soon and of which nobody was told yet."""
    rows = Cadence.objects.filter(next_at__gt=now, newsletter__kind=Newsletter.Kind.DIGEST)
    return [
        row
        for row in rows.exclude(announced_for=F("next_at")).select_related("newsletter")
        if announced_at(row.newsletter, row.next_at) <= now
    ]


def due(now: dt.datetime) -> list[Cadence]:
    """Due rows that nobody needs to look at first."""
    rows = Cadence.objects.filter(next_at__lte=now, newsletter__kind=Newsletter.Kind.DIGEST)
    return [row for row in rows.select_related("newsletter") if now <= row.expires_at]


def overdue(now: dt.datetime) -> list[Cadence]:
    """Due rows older than their newsletter's grace: a person decides whether they still leave."""
    rows = Cadence.objects.filter(next_at__lte=now, newsletter__kind=Newsletter.Kind.DIGEST)
    return [row for row in rows.select_related("newsletter") if now > row.expires_at]


def open_due(now: dt.datetime | None = None) -> list[Issue]:
    """Open an issue for each due row and move the row on. Two callers at once open one issue.

    A digest is approved by its rule; while one of a newsletter is unfinished, the next waits.
    """
    now = now or timezone.now()
    if not may_send():
        return []
    return [issue for row in due(now) if (issue := _open(row, now)) is not None]


def bring_forward(
    newsletter: Newsletter,
    *,
    rhythms: Collection[str] = tuple(Frequency),
    now: dt.datetime | None = None,
) -> int:
    """Make these rhythms of a newsletter due now; the count of rows. Readers get only what is new.

    The usual day stays: what leaves early is simply not new any more when it comes.
    """
    rows = newsletter.cadences.filter(frequency__in=rhythms)
    return rows.update(next_at=now or timezone.now())


def send_early(row: Cadence, *, seen: dt.datetime, now: dt.datetime | None = None) -> bool:
    """Make one rhythm due now; False when it has moved since somebody saw when it is due."""
    now = now or timezone.now()
    return bool(Cadence.objects.filter(pk=row.pk, next_at=seen).update(next_at=now))


def skip(row: Cadence, *, seen: dt.datetime, now: dt.datetime | None = None) -> bool:
    """Let one rhythm pass once: its readers stay untold, so the next digest tells them.

    False when it has moved since somebody saw when it is due.
    """
    after = max(seen, now or timezone.now())
    moment = next_due(row.newsletter, row.frequency, after)
    return bool(Cadence.objects.filter(pk=row.pk, next_at=seen).update(next_at=moment))


def reset_cadences(newsletter: Newsletter, *, now: dt.datetime | None = None) -> None:
    """After its hour, day or clock changed: each rhythm falls due at the next new moment."""
    now = now or timezone.now()
    ensure_cadences(newsletter, now=now)
    for row in newsletter.cadences.all():
        newsletter.cadences.filter(pk=row.pk).update(
            next_at=next_due(newsletter, row.frequency, now)
        )


def ensure_cadences(newsletter: Newsletter, *, now: dt.datetime | None = None) -> None:
    """Give a digest its three due rows, one with follow-up a daily one; what stands, stays."""
    now = now or timezone.now()
    if newsletter.kind == Newsletter.Kind.DIGEST:
        rhythms = list(Frequency)
    else:
        rhythms = [Frequency.DAILY] if newsletter.steps.exists() else []
    for frequency in rhythms:
        Cadence.objects.get_or_create(
            newsletter=newsletter,
            frequency=frequency,
            defaults={"next_at": next_due(newsletter, frequency, now)},
        )


def _open(row: Cadence, now: dt.datetime) -> Issue | None:
    try:
        with transaction.atomic():
            if Issue.objects.in_the_way(row.newsletter).exists():
                return None
            moved = Cadence.objects.filter(pk=row.pk, next_at=row.next_at).update(
                next_at=next_due(row.newsletter, row.frequency, now)
            )
            told = Issue.objects.filter(
                newsletter=row.newsletter, frequency=row.frequency, cutoff_at=row.next_at
            )
            if not moved or told.exists():
                return None
            return Issue.objects.create(
                newsletter=row.newsletter,
                kind=Newsletter.Kind.DIGEST,
                frequency=row.frequency,
                cutoff_at=row.next_at,
                state=Issue.State.APPROVED,
                approved_at=now,
                not_after=now + LASTS,
            )
    except IntegrityError:
        # Another beat opened an issue of this newsletter in the same moment.
        return None


def _days(newsletter: Newsletter, frequency: str) -> weekday | None:
    """Weekly: its weekday; monthly: the first such day; daily: any."""
    day = weekday(newsletter.weekday)
    return {Frequency.DAILY: None, Frequency.WEEKLY: day, Frequency.MONTHLY: day(1)}[
        Frequency(frequency)
    ]
