"""Programmes and projects: what is done under each, as far as the reader may see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from alumni.models import Project
from cms.contexts import cards
from cms.contexts.reading import address_of
from cms.models import (
    CoursePage,
    ProgrammeIndexPage,
    ProgrammePage,
    ProjectPage,
    ResourcePage,
    StoryPage,
)

NEWEST = 6
"""Stories and resources that stand on the page."""
MOST = 40
"""Courses and projects on one page."""


@dataclass(frozen=True)
class ProjectLine:
    """A project in a list."""

    title: str
    standfirst: str
    url: str
    donor: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    members_only: bool


@dataclass(frozen=True)
class ProgrammeLine:
    """A programme in a list, with its projects."""

    title: str
    standfirst: str
    url: str
    members_only: bool
    projects: tuple[ProjectLine, ...]


def listing(page: ProgrammeIndexPage, request: HttpRequest) -> dict[str, Any]:
    """`programmes` (ProgrammeLines), `projects` (ProjectLines of no programme that is listed)."""
    language = page.shown_language
    found = ProgrammePage.objects.visible_to(request.user).written_in(language)
    programmes = list(found.defer("body").order_by("path")[:MOST])
    projects = _projects(request, language)[:MOST]
    lines = [(one.project.programme_id, _project_line(one, request, language)) for one in projects]
    listed = {one.programme_id for one in programmes}
    return {
        "programmes": [
            ProgrammeLine(
                title=one.title,
                standfirst=one.standfirst,
                url=one.get_url(request) or "",
                members_only=not one.is_public,
                projects=tuple(line for owner, line in lines if owner == one.programme_id),
            )
            for one in programmes
        ],
        "projects": [line for owner, line in lines if owner not in listed],
    }


def programme(page: ProgrammePage, request: HttpRequest) -> dict[str, Any]:
    """`projects` (ProjectLines), `courses` (CourseLines, newest first), `stories` (Cards of the
    newest from its courses), `resources` (ResourceLines), `acknowledgements` (of the projects of
    all these, each once)."""
    language = page.shown_language
    projects = list(_projects(request, language).filter(project__programme=page.programme)[:MOST])
    shown = _shown(
        request,
        language,
        courses={"course_run__course__programme": page.programme},
        resources=ResourcePage.objects.of_programme(page.programme),
    )
    owed = [one.project for one in projects] + shown.pop("owed")
    return {
        "projects": [_project_line(one, request, language) for one in projects],
        "acknowledgements": _acknowledgements(owed, language),
        **shown,
    }


def project(page: ProjectPage, request: HttpRequest) -> dict[str, Any]:
    """`project` (starts_on, ends_on …), `name` (its title as the agreement has it), `donor`,
    `administering_partner`, `programme` (title) and `programme_url` (or ""), `acknowledgement`,
    `courses` (CourseLines, newest first), `stories` (Cards that came out of them), `resources`
    (ResourceLines)."""
    language = page.shown_language
    told = page.project
    shown = _shown(
        request,
        language,
        courses={"course_run__project": told},
        resources=ResourcePage.objects.of_project(told),
    )
    del shown["owed"]
    return {
        "project": told,
        "name": told.title_in(language),
        "donor": told.donor.in_language(language),
        "administering_partner": told.administering_partner.in_language(language),
        "programme": told.programme.title_in(language),
        "programme_url": address_of(ProgrammePage, request, language, programme=told.programme),
        "acknowledgement": told.acknowledgement.in_language(language),
        **shown,
    }


def _shown(
    request: HttpRequest, language: str, *, courses: dict[str, Any], resources: Any
) -> dict[str, Any]:
    """Courses, stories and resources as lines, and `owed`: the projects they came out of."""

    def readable(pages: Any) -> Any:
        return pages.visible_to(request.user).written_in(language)

    held = list(
        cards.with_pictures(readable(CoursePage.objects.filter(**courses)))
        .select_related("course_run__project", "course_run__course", "picture")
        .order_by("-course_run__ends_on", "-pk")[:MOST]
    )
    told = list(
        cards.with_words(
            cards.with_pictures(
                StoryPage.objects.filter(**courses)
                .visible_to(request.user)
                .told_in(language)
                .newest_first()
            )
        ).select_related("course_run__project", "picture")[:NEWEST]
    )
    kept = list(
        cards.with_documents(readable(resources).newest_first()).select_related(
            "project", "course_run__project"
        )[:NEWEST]
    )
    of_runs = [one.course_run.project for one in (*held, *told)]
    return {
        "courses": [cards.course_line(one, request, language) for one in held],
        "stories": cards.cards(told, request, language),
        "resources": cards.resources(kept, request, language),
        "owed": [one for one in (*of_runs, *(one.made_in for one in kept)) if one],
    }


def _projects(request: HttpRequest, language: str) -> Any:
    found = ProjectPage.objects.visible_to(request.user).written_in(language)
    return found.select_related("project").defer("body").order_by("-project__ends_on", "path")


def _project_line(page: ProjectPage, request: HttpRequest, language: str) -> ProjectLine:
    return ProjectLine(
        title=page.title,
        standfirst=page.standfirst,
        url=page.get_url(request) or "",
        donor=page.project.donor.in_language(language),
        starts_on=page.project.starts_on,
        ends_on=page.project.ends_on,
        members_only=not page.is_public,
    )


def _acknowledgements(projects: Iterable[Project], language: str) -> list[str]:
    texts = (project.acknowledgement.in_language(language) for project in projects)
    return list(dict.fromkeys(text for text in texts if text))
