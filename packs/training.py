"""Programmes, projects, courses and runs as a pack tells of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from packs.values import Words


@dataclass(frozen=True)
class Programme:
    """A thematic line."""

    slug: str
    titles: Words
    descriptions: Words


@dataclass(frozen=True)
class Project:
    """An intervention; one that is funded by others names the donor and the line to be shown."""

    slug: str
    programme: str
    titles: Words
    donor: Words = field(default_factory=dict)
    administering_partner: Words = field(default_factory=dict)
    acknowledgement: Words = field(default_factory=dict)
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None


@dataclass(frozen=True)
class Module:
    """A part of a curriculum."""

    titles: Words
    texts: Words


@dataclass(frozen=True)
class Course:
    """A curriculum."""

    slug: str
    programme: str
    titles: Words
    summaries: Words
    """One or two sentences, at most 300 characters."""
    descriptions: Words
    modules: tuple[Module, ...]


@dataclass(frozen=True)
class Run:
    """One run of a course: dates, place, project."""

    slug: str
    course: str
    project: str | None
    languages: tuple[str, ...]
    format: str
    starts_on: dt.date
    ends_on: dt.date
    place: Words = field(default_factory=dict)
    """Empty, like the country, where it is not known."""
    country: str = ""


@dataclass(frozen=True)
class Training:
    """Programmes, projects, courses and runs that set-up creates."""

    programmes: tuple[Programme, ...] = ()
    projects: tuple[Project, ...] = ()
    courses: tuple[Course, ...] = ()
    runs: tuple[Run, ...] = ()
