"""In: a project's report, its figures frozen. Out: the same in words of one language.

Figures name nobody. Changes are told only while their authors release them: a report that was made
before somebody took a change back does not tell it any more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from alumni import vocabulary
from alumni.followup.outcomes import LEAST_FOR_DONOR
from alumni.followup.survey import survey
from alumni.models import Change, ProjectReport
from alumni.texts import as_texts
from alumni.visibility import public_name


@dataclass(frozen=True)
class Bar:
    """One line of a figure: what, how many (None: hidden), and of how many."""

    label: str
    count: int | None
    of: int | None = None

    @property
    def percent(self) -> int | None:
        """Rounded; None where hidden."""
        return round(100 * self.count / self.of) if self.of and self.count is not None else None


@dataclass(frozen=True)
class Wave:
    """What was answered at one time, and by which circle of people."""

    name: str
    circle: str
    asked: int | None
    answered: int | None
    bars: tuple[Bar, ...]
    applied: Bar | None


@dataclass(frozen=True)
class Told:
    """A change that its author released, in its author's words."""

    kind: str
    text: str
    by: str


@dataclass(frozen=True)
class Goal:
    """An indicator against its target."""

    title: str
    unit: str
    baseline: str
    target: str
    value: str
    as_at: str


@dataclass(frozen=True)
class Reading:
    """A report in words of one language."""

    title: str
    donor: str
    acknowledgement: str
    period: str
    as_at: str
    courses: tuple[str, ...]
    people: int | None
    trained: tuple[Bar, ...]
    countries: tuple[str, ...]
    answers: tuple[str, ...]
    """The first question's answers, as the columns of the waves."""
    waves: tuple[Wave, ...]
    benchmark: tuple[Bar, ...]
    benchmark_source: str
    barriers: tuple[Bar, ...]
    barriers_circle: str
    changes: tuple[Told, ...]
    goals: tuple[Goal, ...]
    stories: tuple[tuple[str, str], ...]
    mailings: int
    is_something_hidden: bool
    least: int
    """Counts below this one are hidden."""
    is_invented: bool
    """Figures of a demonstration."""

    @property
    def applied(self) -> tuple[tuple[str, Bar], ...]:
        """Who used it, wave by wave, to stand beside what others found."""
        return tuple((wave.name, wave.applied) for wave in self.waves if wave.applied)


def read(report: ProjectReport, language: str) -> Reading:
    """The report in a language, its changes asked for anew."""
    with override(language):
        return _reading(report, report.figures, language)


def invented(reading: Reading) -> str:
    """What stands above every report of a demonstration."""
    if reading.donor:
        return _("Figures invented: a demonstration. Its project, donor and people do not exist.")
    return _("Figures invented: a demonstration. Its project and people do not exist.")


def _reading(report: ProjectReport, found: Mapping[str, Any], language: str) -> Reading:
    project, trained, barriers = report.project, found["trained"], found["barriers"]
    waves = tuple(_wave(one, language) for one in found["waves"])
    bars = _trained(trained)
    blocked = _barriers(barriers, language)
    hidden = trained["people"] is None or any(
        bar.count is None
        for bar in (*bars, *blocked, *(bar for wave in waves for bar in wave.bars))
    )
    pack, benchmark = settings.PACK, survey().benchmark
    return Reading(
        title=str(project.title.in_language(language)),
        donor=str(project.donor.in_language(language)),
        acknowledgement=str(project.acknowledgement.in_language(language)),
        period=_("%(first)s to %(last)s")
        % {"first": date_format(report.starts_on), "last": date_format(report.ends_on)},
        as_at=date_format(timezone.localtime(report.made_at)),
        courses=tuple(_course(one, language) for one in found["runs"]),
        people=trained["people"],
        trained=bars,
        countries=tuple(
            sorted(
                (vocabulary.country_name(code, language) for code in found["countries"]),
                key=vocabulary.sort_key,
            )
        ),
        answers=tuple(pack.name_of(one.names, language) for one in survey().questions[0].answers),
        waves=waves,
        benchmark=tuple(
            Bar(str(one.year), one.percent, 100) for one in (benchmark.figures if benchmark else ())
        ),
        benchmark_source=pack.name_of(benchmark.source, language) if benchmark else "",
        barriers=blocked,
        barriers_circle=_circle(barriers["level"]),
        changes=_changes(found["changes"]),
        goals=tuple(_goal(one, language) for one in found["indicators"]),
        stories=tuple(_story(one, language) for one in found["told"]["stories"]),
        mailings=found["told"]["mailings"],
        is_something_hidden=hidden or any(not wave.circle for wave in waves),
        least=LEAST_FOR_DONOR,
        is_invented=getattr(settings, "DEMO", False),
    )


def _story(told: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Title and address in one language; a report of before 2026-11-28 knows one address alone."""
    addresses = told.get("addresses") or dict.fromkeys(told["titles"], told["address"])
    return as_texts(told["titles"]).in_language(language), as_texts(addresses).in_language(language)


def _trained(found: Mapping[str, Any]) -> tuple[Bar, ...]:
    people = found["people"]
    return (
        Bar(_("Women"), found["women"], people),
        Bar(_("Men"), found["men"], people),
        Bar(_("Completed"), found["completed"], people),
    )


def _wave(found: Mapping[str, Any], language: str) -> Wave:
    pack, first = settings.PACK, survey().questions[0]
    known = survey().wave(found["code"])
    bars = {
        answer.code: Bar(
            pack.name_of(answer.names, language), found["first"][answer.code], found["answered"]
        )
        for answer in first.answers
        if answer.code in found["first"]
    }
    return Wave(
        name=pack.name_of(known.names, language) if known else found["code"],
        circle=_circle(found["level"]),
        asked=found["asked"],
        answered=found["answered"],
        bars=tuple(bars.values()),
        applied=bars.get(survey().applied),
    )


def _barriers(found: Mapping[str, Any], language: str) -> tuple[Bar, ...]:
    question = survey().question(survey().barriers)
    return tuple(
        Bar(
            settings.PACK.name_of(answer.names, language),
            found["counts"][answer.code],
            found["people"],
        )
        for answer in (question.answers if question else ())
        if answer.code in found["counts"]
    )


def _circle(level: str) -> str:
    circles = {"project": _("people of this project"), "programme": _("people of the programme")}
    return circles.get(level, "")


def _course(found: Mapping[str, Any], language: str) -> str:
    first, last = (dt.date.fromisoformat(found[name]) for name in ("starts_on", "ends_on"))
    return _("%(course)s, %(first)s to %(last)s") % {
        "course": as_texts(found["titles"]).in_language(language),
        "first": date_format(first),
        "last": date_format(last),
    }


def _changes(keys: list[str]) -> tuple[Told, ...]:
    """Those still released. A name stands only beside what its author tells everyone."""
    told = Change.objects.filter(key__in=keys).exclude(use=Change.Use.NOBODY)
    return tuple(
        Told(
            kind=change.get_kind_display(),
            text=change.text,
            by=public_name(change.profile) if change.use == Change.Use.PUBLIC else "",
        )
        for change in told.select_related("profile").order_by("created_at")
    )


def _goal(found: Mapping[str, Any], language: str) -> Goal:
    def shown(name: str) -> str:
        return number_format(found[name], force_grouping=True) if found[name] else ""

    return Goal(
        title=as_texts(found["titles"]).in_language(language),
        unit=as_texts(found["units"]).in_language(language),
        baseline=shown("baseline"),
        target=shown("target"),
        value=shown("value"),
        as_at=date_format(dt.date.fromisoformat(found["as_at"])) if found["as_at"] else "",
    )
