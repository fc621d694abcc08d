"""In: steps of follow-up and a day. Out: ordinary mailings, one a step and anchor.

When a step is due for whom, the audience source knows; here it is held that it happens to each
reader once, and never two steps close upon each other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from newsletters import sources
from newsletters.models import (
    Cadence,
    Issue,
    Newsletter,
    Passage,
    Step,
    Subscription,
    not_to_be_mailed,
)
from newsletters.pipeline.freeze import may_send
from newsletters.schedule import LASTS, next_due

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

REST = dt.timedelta(days=6)
"""Between two steps to the same reader about the same anchor, however late the first one left."""


THROUGH = """
INSERT INTO newsletters_passage (step_id, subscriber_id, anchor, issue_id, at)
SELECT DISTINCT %s::bigint, r.subscriber_id, r.anchor_key, %s::bigint, %s::timestamptz
FROM ({rows}) AS r (subscriber_id, anchor_key)
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Due:
    """A mailing that could leave now."""

    step: Step
    anchor: str
    people: int
    day: dt.date


def due(day: dt.date, *, now: dt.datetime | None = None) -> list[Due]:
    """What falls due on a day and has not left, in the order of the steps; a query a step."""
    steps = Step.objects.filter(is_active=True).select_related("newsletter", "after")
    return [one for step in steps for one in _due(step, day, now or timezone.now())]


def open_due(now: dt.datetime | None = None) -> list[Issue]:
    """Open the mailings of each newsletter whose daily hour has come, and move that on.

    Safe to run again and beside itself: a reader goes through a step once.
    """
    now = now or timezone.now()
    if not may_send():
        return []
    rows = Cadence.objects.filter(next_at__lte=now, newsletter__steps__is_active=True)
    opened = []
    for row in rows.select_related("newsletter").distinct():
        day = now.astimezone(row.newsletter.zone).date()
        with transaction.atomic():
            moved = Cadence.objects.filter(pk=row.pk, next_at=row.next_at).update(
                next_at=next_due(row.newsletter, row.frequency, now)
            )
            if moved:
                opened += [
                    issue
                    for one in due(day, now=now)
                    if one.step.newsletter_id == row.newsletter_id
                    if (issue := _open(one, now, None)) is not None
                ]
    return opened


def send(
    step: Step, *, anchor: str, day: dt.date, by: AbstractBaseUser | AnonymousUser
) -> Issue | None:
    """Send a step now to those of an anchor for whom it is due on that day; None for nobody.

    A colleague may remind before its time: the day says which time is meant.
    """
    now = timezone.now()
    rows = _rows(step, day, now, rest=dt.timedelta(0)).filter(anchor_key=anchor)
    people = rows.count()
    with transaction.atomic():
        return _open(Due(step, anchor, people, day), now, by) if people else None


def ensure_steps(newsletter: Newsletter, steps: Iterable[Step]) -> int:
    """Make the steps that are not there yet; those that stand are left alone. How many are new."""
    made, standing = 0, {step.code: step for step in newsletter.steps.all()}
    for order, step in enumerate(steps):
        if step.code in standing:
            continue
        step.newsletter, step.order = newsletter, order
        step.after = standing[step.after.code] if step.after else None
        step.save()
        standing[step.code] = step
        made += 1
    return made


def _due(step: Step, day: dt.date, now: dt.datetime) -> list[Due]:
    counted = (
        _rows(step, day, now, rest=REST)
        .order_by("anchor_key")
        .values("anchor_key")
        .annotate(people=Count("subscriber_id", distinct=True))
    )
    return [Due(step, row["anchor_key"], row["people"], day) for row in counted]


def _rows(
    step: Step, day: dt.date, now: dt.datetime, *, rest: dt.timedelta
) -> QuerySet[Any, tuple[int, str]]:
    """(subscriber_id, anchor_key) of everyone to whom a mailing of this step would go.

    Whoever rests or must not be written to has not gone through the step: should that end while
    it still falls due, it reaches them.
    """
    readers = Subscription.objects.confirmed().filter(newsletter=step.newsletter_id)
    readers = readers.exclude(not_to_be_mailed()).exclude(paused_until__gt=now)
    went = Passage.objects.filter(
        subscriber=OuterRef("subscriber_id"),
        anchor=OuterRef("anchor_key"),
        step__newsletter=step.newsletter_id,
    )
    rows = sources.audience().due(step.criteria, day)
    rows = rows.filter(
        ~Exists(went.filter(Q(step=step) | Q(at__gt=now - rest))),
        subscriber_id__in=readers.values("subscriber"),
    )
    return rows.filter(Exists(went.filter(step=step.after_id))) if step.after_id else rows


def _open(one: Due, now: dt.datetime, by: AbstractBaseUser | AnonymousUser | None) -> Issue | None:
    """Inside a transaction. None when another caller was faster with everybody."""
    step, rest = one.step, REST if by is None else dt.timedelta(0)
    rows = _rows(step, one.day, now, rest=rest).filter(anchor_key=one.anchor)
    sql, params = rows.order_by().query.sql_with_params()
    before = transaction.savepoint()
    issue = Issue.objects.create(
        newsletter=step.newsletter,
        kind=Newsletter.Kind.WRITTEN,
        step=step,
        reference=f"{step.code}:{one.anchor}",
        cutoff_at=now,
        state=Issue.State.APPROVED,
        approved_at=now,
        approved_by_id=by.pk if by else None,
        not_after=now + LASTS,
    )
    with connection.cursor() as cursor:
        cursor.execute(THROUGH.format(rows=sql), [step.pk, issue.pk, now, *params])
        if cursor.rowcount:
            transaction.savepoint_commit(before)
            return issue
    transaction.savepoint_rollback(before)
    return None
