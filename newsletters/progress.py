"""In: mailings and the clock. Out: what moves on the editors' screens, how fast, what is left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from newsletters import schedule
from newsletters.models import Issue, Newsletter
from newsletters.pipeline.freeze import may_send
from newsletters.tallies import Tally

PACE_OF = dt.timedelta(minutes=1)
"""The pace is that of the last minute: a pause or a slow hour is soon forgotten."""
LONG_ENOUGH = dt.timedelta(seconds=10)
"""A pace that was measured over less is not told."""
TAKEN = """
WITH out AS (
    SELECT batch_id, count(*) AS people FROM newsletters_delivery
    WHERE issue_id = ANY (%(issues)s) AND exception <> '' GROUP BY batch_id
)
SELECT b.issue_id, sum(CASE WHEN a.fates = '{}' THEN b.size - coalesce(out.people, 0)
        ELSE (SELECT count(*) FROM jsonb_each_text(a.fates) f WHERE f.value = 'accepted') END),
    min(a.started_at)
FROM newsletters_attempt a JOIN newsletters_batch b ON b.id = a.batch_id
LEFT JOIN out ON out.batch_id = b.id
WHERE b.issue_id = ANY (%(issues)s) AND a.finished_at > %(since)s
    AND (a.fates = '{}' AND a.outcome = 'accepted' OR a.fates @@ '$.* == "accepted"')
GROUP BY b.issue_id
"""
"""Of a batch, whom the service took: one may be refused, have left or come back to the queue."""
DRAWN_UP = {Issue.State.APPROVED, Issue.State.FREEZING, Issue.State.READY}


@dataclass(frozen=True)
class Progress:
    """How far a mailing is."""

    issue: Issue
    tally: Tally
    a_minute: int = 0
    """People a minute; 0 where it is not known."""

    @property
    def moves(self) -> bool:
        """Whether something happens to it without a person."""
        return self.is_drawn_up or self.is_sent or bool(self.tally.in_flight)

    @property
    def is_drawn_up(self) -> bool:
        """Whether it has no list yet, but soon will."""
        return self.issue.state in DRAWN_UP

    @property
    def is_sent(self) -> bool:
        """Whether its mails leave now."""
        return self.issue.state == Issue.State.SENDING

    @property
    def has_bar(self) -> bool:
        """A bar is for what is on its way; later the sum tells it better."""
        return bool(self.tally.audience) and not self.issue.closed_at

    @property
    def figures(self) -> str:
        """The bar in words."""
        tally = self.tally
        return gettext("%(done)s of %(people)s done, %(left)s to come.") % {
            "done": _grouped(tally.settled),
            "people": _grouped(tally.audience),
            "left": _grouped(tally.to_come),
        }

    @property
    def pace(self) -> str:
        """How fast, and for how long still; empty while nobody knows."""
        left = self.tally.to_come
        if not (self.is_sent and self.a_minute and left):
            return ""
        a_minute = ngettext("About %(n)s a minute.", "About %(n)s a minute.", self.a_minute)
        return f"{a_minute % {'n': _grouped(self.a_minute)}} {_time_left(left / self.a_minute)}"


def on_its_way() -> QuerySet[Issue]:
    """Mailings that are not over and whose moment has come, what stopped among them."""
    begun = ~Q(state__in=[Issue.State.DRAFT, Issue.State.APPROVED])
    due = Issue.objects.to_draw_up(timezone.now()).values("pk")
    unfinished = Issue.objects.unfinished().filter(begun | Q(pk__in=due))
    return unfinished.select_related("newsletter").prefetch_related("newsletter__wordings")


def of(
    issues: Iterable[Issue], tallies: dict[int, Tally], now: dt.datetime | None = None
) -> list[Progress]:
    """How far each is, with the pace of those that are being sent; one statement."""
    issues = list(issues)
    paces = _paces([issue for issue in issues if issue.state == Issue.State.SENDING], now)
    return [Progress(issue, tallies[issue.pk], paces.get(issue.pk, 0)) for issue in issues]


def due_now(now: dt.datetime | None = None) -> set[int]:
    """Newsletters with a digest that is due; to be asked before the mailings are.

    One that is opened between the two questions then stands in both answers, never in none.
    """
    return {row.newsletter_id for row in schedule.due(now or timezone.now())}


def waiting(found: Iterable[Progress], due: set[int]) -> list[str]:
    """A sentence for each newsletter that is due and has nothing in its way.

    The bell has been rung for it; its mailing stands in no row yet.
    """
    due = due - {progress.issue.newsletter_id for progress in found}
    if not due or not may_send():
        return []
    newsletters = Newsletter.objects.filter(pk__in=due).prefetch_related("wordings")
    return [
        gettext("The digest of “%(newsletter)s” is being drawn up.") % {"newsletter": newsletter}
        for newsletter in newsletters
    ]


def happening(found: Iterable[Progress]) -> list[str]:
    """A sentence for each mailing that goes on by itself."""
    moving = [progress for progress in found if progress.moves]
    return [_sentence(progress) for progress in moving] if moving and may_send() else []


def _sentence(progress: Progress) -> str:
    if progress.is_drawn_up:
        words = gettext("“%(mailing)s” is being drawn up.")
    elif progress.is_sent:
        words = gettext("“%(mailing)s” is being sent.")
    else:
        words = gettext("The last mails of “%(mailing)s” are being handed over.")
    return words % {"mailing": progress.issue}


def _paces(issues: list[Issue], now: dt.datetime | None) -> dict[int, int]:
    """People a minute of each mailing, from what the mail service took within the last minute."""
    if not issues:
        return {}
    now = now or timezone.now()
    values: dict[str, Any] = {"issues": [issue.pk for issue in issues], "since": now - PACE_OF}
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, values)
        rows = cursor.fetchall()
    return {
        issue: _rounded(float(people) * 60 / (now - since).total_seconds())
        for issue, people, since in rows
        if now - since >= LONG_ENOUGH
    }


def _rounded(pace: float) -> int:
    """Two figures of it: nobody measures a pace to the person."""
    whole = round(pace)
    return round(whole, 2 - len(str(whole)))


def _time_left(minutes: float) -> str:
    if minutes < 1:
        return gettext("Less than a minute left.")
    if minutes < 90:
        n = round(minutes)
        return ngettext("About %(n)d minute left.", "About %(n)d minutes left.", n) % {"n": n}
    n = round(minutes / 60)
    return ngettext("About %(n)d hour left.", "About %(n)d hours left.", n) % {"n": n}


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)
