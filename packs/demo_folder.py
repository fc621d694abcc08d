"""In: a pack's `demo/` folder and a day. Out: its demonstration, as it stands on that day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from packs.afterwards import read_afterwards
from packs.demonstration import (
    Colleague,
    CountryPlan,
    Demonstration,
    FactPlan,
    Person,
    Reader,
    ResourcePlan,
    StoryPlan,
    UpdatePlan,
)
from packs.letters import read_letters
from packs.training import Course, Project, Run, Training
from packs.values import Words, read


@dataclass(frozen=True)
class _RecentRun:
    """A run that ended some days before the installation."""

    slug: str
    course: str
    project: str | None
    ended_days_ago: int
    days: int
    country: str
    languages: tuple[str, ...]
    place: Words
    format: str = "regional"

    def seen_from(self, today: dt.date) -> Run:
        ended = today - dt.timedelta(days=self.ended_days_ago)
        return Run(
            slug=self.slug,
            course=self.course,
            project=self.project,
            place=self.place,
            country=self.country,
            languages=self.languages,
            format=self.format,
            starts_on=ended - dt.timedelta(days=self.days - 1),
            ends_on=ended,
        )


@dataclass(frozen=True)
class _RecentProject(Project):
    """A project that goes on while the demonstration does."""

    began_days_ago: int | None = None
    ends_in_days: int | None = None

    def seen_from(self, today: dt.date) -> Project:
        known = {one.name: getattr(self, one.name) for one in fields(Project)}
        if self.began_days_ago is not None:
            known["starts_on"] = today - dt.timedelta(days=self.began_days_ago)
        if self.ends_in_days is not None:
            known["ends_on"] = today + dt.timedelta(days=self.ends_in_days)
        return Project(**known)


@dataclass(frozen=True)
class _RecentTraining:
    projects: tuple[_RecentProject, ...]
    courses: tuple[Course, ...]
    runs: tuple[_RecentRun, ...]


@lru_cache(maxsize=2)
def read_demonstration(folder: Path, today: dt.date) -> Demonstration:
    """Everything in the folder; BrokenPack with the place of the first mistake.

    Some fifty files: a process reads them once a day.
    """
    recent: _RecentTraining = read(folder / "training.yaml", _RecentTraining)
    return Demonstration(
        training=Training(
            projects=tuple(project.seen_from(today) for project in recent.projects),
            courses=recent.courses,
            runs=tuple(run.seen_from(today) for run in recent.runs),
        ),
        countries=read(folder / "countries.yaml", tuple[CountryPlan, ...]),
        facts=_facts(folder / "facts.yaml"),
        stories=_by_name(folder / "stories", StoryPlan),
        updates=_by_name(folder / "updates", UpdatePlan),
        resources=_resources(folder / "resources.yaml"),
        people=tuple(
            person
            for path in sorted((folder / "people").glob("*.yaml"))
            for person in read(path, tuple[Person, ...])
        ),
        readers=read(folder / "readers.yaml", tuple[Reader, ...]),
        staff=read(folder / "staff.yaml", tuple[Colleague, ...]),
        afterwards=read_afterwards(folder),
        letters=read_letters(folder / "letters.yaml"),
        drafts=_by_name(folder / "drafts", StoryPlan),
        ready=_by_name(folder / "ready", StoryPlan),
    )


def _facts(path: Path) -> tuple[FactPlan, ...]:
    """None in a pack without them."""
    found: tuple[FactPlan, ...] = read(path, tuple[FactPlan, ...]) if path.exists() else ()
    return found


def _resources(path: Path) -> dict[str, ResourcePlan]:
    """By the short name that stands in the address; none in a pack without the file."""
    found: dict[str, ResourcePlan] = read(path, dict[str, ResourcePlan]) if path.exists() else {}
    return found


def _by_name(folder: Path, kind: Any) -> dict[str, Any]:
    return {path.stem: read(path, kind) for path in sorted(folder.glob("*.yaml"))}
