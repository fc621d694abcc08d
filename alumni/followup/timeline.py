"""Where a course run stands with its questions: wave by wave, person by person. For staff alone.

In: a course run and a day. Out: frozen rows in words; the number of queries does not grow.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from alumni import vocabulary
from alumni.followup.participants import Reached, participants
from alumni.followup.rounds import Round, newsletter, rounds_of
from alumni.followup.survey import Wave, survey
from alumni.models import CourseRun, Profile
from newsletters.models import Issue
from newsletters.plans import REST


class Stand(Enum):
    """Where one person stands in one wave."""

    ANSWERED = "answered"
    ASKED = "asked"
    REMINDED = "reminded"
    SILENT = "silent"
    PLANNED = "planned"
    DUE = "due"
    OVER = "over"
    UNREACHED = "unreached"
    NOT_AGREED = "not agreed"


LABELS = {
    Stand.ANSWERED: pgettext_lazy("of a person", "answered"),
    Stand.ASKED: pgettext_lazy("of a person", "asked"),
    Stand.REMINDED: _("reminded"),
    Stand.SILENT: _("no answer after all reminders"),
    Stand.PLANNED: _("planned"),
    Stand.DUE: _("due"),
    Stand.OVER: _("was not asked"),
    Stand.UNREACHED: _("no mail reaches this person"),
    Stand.NOT_AGREED: _("has not agreed to be asked"),
}


TO_CALL = {Stand.UNREACHED, Stand.SILENT}


@dataclass(frozen=True)
class Cell:
    """One person in one wave."""

    stand: Stand
    on: dt.date | None = None

    @property
    def label(self) -> Any:
        """The stand in words."""
        return LABELS[self.stand]


@dataclass(frozen=True)
class Person:
    """One person of the run, a cell a wave."""

    profile: Profile
    cells: tuple[Cell, ...]

    @property
    def named_cells(self) -> list[tuple[Cell, str]]:
        """Each with its wave's name, for small screens."""
        return [(cell, _name(wave)) for cell, wave in zip(self.cells, survey().waves, strict=True)]

    @property
    def why(self) -> Any:
        """Why this person is to be called."""
        return next((cell.label for cell in self.cells if cell.stand in TO_CALL), "")


@dataclass(frozen=True)
class Next:
    """A mailing that a colleague can send now."""

    round: Round
    day: dt.date
    people: int
    by_itself_on: dt.date | None
    """When it leaves without a colleague; None for at the next hour."""


@dataclass(frozen=True)
class WaveSum:
    """One wave of the run."""

    wave: Wave
    day: dt.date
    answered: int
    people: int
    mailings: tuple[Issue, ...]
    next: Next | None

    @property
    def name(self) -> str:
        """As the pack names it, in the language of the moment."""
        return _name(self.wave)


@dataclass(frozen=True)
class Timeline:
    """A run's follow-up."""

    waves: tuple[WaveSum, ...]
    people: tuple[Person, ...]

    @property
    def to_call(self) -> list[Person]:
        """Whom no mail reaches, and who was silent to the last reminder of the latest wave."""
        return [one for one in self.people if one.why]


def of(run: CourseRun, day: dt.date) -> Timeline:
    """The follow-up of a run, as it stands on a day; seven queries whatever the number."""
    reached = participants(run)
    mailings = _mailings(run)
    sums = []
    columns: list[list[Cell]] = []
    for wave in survey().waves:
        falls, ends = span(run, wave)
        is_over = day >= ends
        cells = [_cell(one, wave, falls, day, is_over=is_over) for one in reached]
        columns.append(cells)
        asked = sum(
            one.enrolment.profile.answers_questions or wave.code in one.answers for one in reached
        )
        sums.append(
            WaveSum(
                wave=wave,
                day=falls,
                answered=sum(cell.stand is Stand.ANSWERED for cell in cells),
                people=asked,
                mailings=tuple(mailings[wave.code]),
                next=None if is_over else _next(reached, wave, falls, day),
            )
        )
    people = (
        Person(one.enrolment.profile, cells)
        for one, cells in zip(reached, zip(*columns, strict=True), strict=True)
    )
    return Timeline(tuple(sums), tuple(people))


def span(run: CourseRun, wave: Wave) -> tuple[dt.date, dt.date]:
    """The day on which a wave falls, and the day from which nobody is asked it any more."""
    weeks = [one.weeks for one in survey().waves if one.weeks > wave.weeks]
    later = min(weeks, default=wave.weeks * 2)
    return run.ends_on + dt.timedelta(weeks=wave.weeks), run.ends_on + dt.timedelta(weeks=later)


def _mailings(run: CourseRun) -> dict[str, list[Issue]]:
    found: dict[str, list[Issue]] = defaultdict(list)
    for issue in (
        Issue.objects.filter(step__newsletter=newsletter(), reference__endswith=f":{run.slug}")
        .select_related("step")
        .annotate(people=Count("passages"))
        .order_by("pk")
    ):
        if issue.step:
            found[issue.step.criteria.get("wave", "")].append(issue)
    return found


def _cell(one: Reached, wave: Wave, falls: dt.date, day: dt.date, *, is_over: bool) -> Cell:
    if answer := one.answers.get(wave.code):
        return Cell(Stand.ANSWERED, answer.answered_at.date())
    times = [one.passed[code] for code in _codes(wave) if code in one.passed]
    if not times:
        if is_over:
            return Cell(Stand.OVER)
        if not one.enrolment.profile.answers_questions or not one.enrolment.profile.has_accepted:
            return Cell(Stand.NOT_AGREED)
        if day < falls:
            return Cell(Stand.PLANNED, falls)
        return Cell(Stand.DUE if one.mailable else Stand.UNREACHED, falls)
    if not one.mailable and not is_over:
        return Cell(Stand.UNREACHED, times[-1].date())
    if len(times) == 1:
        return Cell(Stand.ASKED, times[0].date())
    last = len(times) == len(_codes(wave))
    return Cell(Stand.SILENT if last else Stand.REMINDED, times[-1].date())


def _next(reached: list[Reached], wave: Wave, falls: dt.date, day: dt.date) -> Next | None:
    """The first mail of the wave that would still reach somebody who is silent."""
    if day < falls:
        return None
    for one_round in rounds_of(wave):
        due = [one for one in reached if one.is_due(one_round)]
        if due:
            falls_on = falls + dt.timedelta(days=one_round.after_days)
            asked = [one.passed[one_round.before] for one in due if one_round.number]
            waits = max(falls_on, max(asked).date() + REST) if asked else None
            return Next(one_round, falls_on, len(due), waits)
    return None


def _codes(wave: Wave) -> list[str]:
    return [one.code for one in rounds_of(wave)]


def _name(wave: Wave) -> str:
    return str(settings.PACK.name_of(wave.names, vocabulary.language_now()))
