"""In: what a pack says of training. Out: programmes, projects, courses and runs, and their pages.

What stands is left as it is, edited or not; each function says how many rows or pages it made.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from wagtail.models import Page, PageQuerySet

from alumni.models import Course, CourseRun, Module, Programme, Project
from alumni.texts import Texts
from cms.founding import paragraph, publish
from cms.models import (
    CourseIndexPage,
    CoursePage,
    HomePage,
    ProgrammeIndexPage,
    ProgrammePage,
    ProjectPage,
)

if TYPE_CHECKING:
    from packs import Pack, Training
    from packs.values import Words

ABOUT = {CoursePage: "course_run", ProgrammePage: "programme", ProjectPage: "project"}
"""The field that says what a page is about."""


def rows(taught: Training) -> int:
    """Programmes, projects, courses with their modules, and runs, by their short names."""
    made = 0
    for item in taught.programmes:
        made += _add(Programme, item.slug, title=item.titles, description=item.descriptions)
    for project in taught.projects:
        made += _add(
            Project,
            project.slug,
            title=project.titles,
            programme=Programme.objects.get(slug=project.programme),
            donor=project.donor,
            administering_partner=project.administering_partner,
            acknowledgement=project.acknowledgement,
            starts_on=project.starts_on,
            ends_on=project.ends_on,
        )
    for course in taught.courses:
        programme = Programme.objects.get(slug=course.programme)
        new = _add(
            Course,
            course.slug,
            title=course.titles,
            programme=programme,
            description=course.descriptions,
        )
        made += new
        if new:
            Module.objects.bulk_create(
                Module(
                    course=Course.objects.get(slug=course.slug),
                    order=order,
                    title=module.titles,
                    text=module.texts,
                )
                for order, module in enumerate(course.modules)
            )
    for run in taught.runs:
        made += _add(
            CourseRun,
            run.slug,
            course=Course.objects.get(slug=run.course),
            project=Project.objects.filter(slug=run.project or "").first(),
            starts_on=run.starts_on,
            ends_on=run.ends_on,
            place=run.place,
            country=run.country,
            languages=list(run.languages),
            format=run.format,
        )
    return made


def course_pages(pack: Pack, taught: Training, languages: Collection[str]) -> int:
    """A page for each run in these languages; the one listed first is that of the home pages."""
    made = 0
    courses = (*pack.training.courses, *taught.courses)
    summaries = {course.slug: course.summaries for course in courses}
    runs = CourseRun.objects.in_bulk([plan.slug for plan in taught.runs], field_name="slug")
    lists = CourseIndexPage.objects.filter(locale__language_code__in=languages)
    for run in (runs[plan.slug] for plan in taught.runs):
        standfirsts, text = summaries[run.course.slug], run.course.description
        for page in _in_each_language(CoursePage, run, lists, standfirsts, pack, text):
            HomePage.objects.ancestor_of(page).filter(course=None).update(course=page)
            made += 1
    return made


def programme_pages(pack: Pack, taught: Training, languages: Collection[str]) -> int:
    """A page for each programme; beneath it, one for each of its projects that has a summary."""
    made = 0
    lists = ProgrammeIndexPage.objects.filter(locale__language_code__in=languages)
    for line in taught.programmes:
        programme = Programme.objects.get(slug=line.slug)
        made += len(_in_each_language(ProgrammePage, programme, lists, line.descriptions, pack))
    for funded in taught.projects:
        if not funded.summaries:
            continue
        project = Project.objects.select_related("programme").get(slug=funded.slug)
        lines = ProgrammePage.objects.filter(
            programme=project.programme, locale__language_code__in=languages
        )
        made += len(_in_each_language(ProjectPage, project, lines, funded.summaries, pack))
    return made


def _in_each_language(
    kind: type[CoursePage | ProgrammePage | ProjectPage],
    told: CourseRun | Programme | Project,
    parents: PageQuerySet,
    standfirsts: Words,
    pack: Pack,
    text: Texts | None = None,
) -> list[Page]:
    """Its page beneath each of the parents, in that one's language; none where one stands."""
    about = {ABOUT[kind]: told}
    if kind.objects.filter(**about).exists():
        return []
    key, made = uuid4(), []
    for parent in parents.select_related("locale").order_by("pk"):
        language = parent.locale.language_code
        page = kind(
            title=told.title_in(language),
            slug=told.slug,
            standfirst=pack.name_of(standfirsts, language),
            locale=parent.locale,
            translation_key=key,
            **about,
        )
        if text is not None:
            page.body = paragraph(text.in_language(language))
        made.append(publish(page, beneath=parent))
    return made


def _add(model: type[Any], slug: str, **values: Any) -> int:
    _row, made = model.objects.get_or_create(slug=slug, defaults=values)
    return int(made)
