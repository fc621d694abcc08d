"""Pages one reads (story, call, course) and the lists one leafs through."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from alumni.models import CourseRun
from cms import facets, page_entries, places, reactions, routes
from cms.contexts import cards, lists
from cms.contexts.keys import leaf_of, listed
from cms.generations import kept_for_strangers
from cms.models import (
    CountryPage,
    CourseIndexPage,
    CoursePage,
    ProgrammePage,
    ProjectPage,
    ResourcePage,
    StoryIndexPage,
    StoryPage,
    UpdateIndexPage,
    UpdatePage,
)
from cms.models.updates import today

RELATED = 3
MOST_RESOURCES = 12


def stories(page: StoryIndexPage, request: HttpRequest) -> dict[str, Any]:
    """`stories` (Cards of this leaf), `leaf` (paginator page: has_next, number …), `facets`,
    `asked` (cms.facets.Asked), `query` (the address without its leaf), `total` (how many fit)."""
    language = page.locale.language_code
    wanted = facets.asked(request, language)

    def readable() -> Any:
        return StoryPage.objects.visible_to(request.user).filter(alias_of=None)

    def questions() -> list[facets.Facet]:
        taxonomy = facets.Taxonomy.load(language)
        return facets.facets(facets.groups(readable()), wanted, taxonomy, language)

    found = listed(
        request,
        ("stories", language, wanted),
        lambda: facets.narrowed(readable(), wanted).newest_first(),
    )
    leaf = leaf_of(found, request)
    return {
        "stories": cards.cards(leaf.object_list, request, language),
        "leaf": leaf,
        "facets": kept_for_strangers(request.user, ("facets", language, wanted), questions),
        "asked": wanted,
        "query": facets.query(wanted, language),
        "total": leaf.paginator.count,
    }


def updates(page: UpdateIndexPage, request: HttpRequest) -> dict[str, Any]:
    """`calls` (open Calls of this leaf, nearest deadline first), `leaf`."""
    language = page.locale.language_code

    def calls() -> Any:
        told = UpdatePage.objects.visible_to(request.user).told_in(language)
        return told.open().soonest_first()

    leaf = leaf_of(listed(request, ("calls", language, today()), calls), request)
    return {"calls": cards.calls(leaf.object_list, request, language), "leaf": leaf}


def courses(page: CourseIndexPage, request: HttpRequest) -> dict[str, Any]:
    """`courses` (CourseLines of this leaf, newest first), `leaf`."""
    language = page.locale.language_code

    def newest() -> Any:
        written = CoursePage.objects.visible_to(request.user).written_in(language)
        return written.order_by("-course_run__ends_on", "-pk")

    leaf = leaf_of(listed(request, ("courses", language), newest), request)
    return {"courses": cards.course_lines(leaf.object_list, request, language), "leaf": leaf}


def story(page: StoryPage, request: HttpRequest) -> dict[str, Any]:
    """`byline` as the author chose, `countries` ((name, url or "") pairs), `topics` (the same),
    `course` (the run's title or ""), `course_url`, `acknowledgement`, `related` (Cards: same topic,
    other countries), `follow` (codes of its countries and topics), `reactions`, `said`."""
    language = page.shown_language
    run = _run(page.course_run_id) if page.course_run_id else None
    related = (
        StoryPage.objects.visible_to(request.user)
        .told_in(language)
        .filter(topics__overlap=page.topics)
        .exclude(countries__overlap=page.countries)
        .exclude(pk=page.pk)
        .newest_first()
    )
    return {
        "byline": page.shown_byline,
        "countries": [
            (name, url or lists.of_country(code, language))
            for code, (name, url) in zip(
                page.countries, country_ways(page.countries, request, language), strict=True
            )
        ],
        "topics": cards.topic_ways(page.topics, language),
        "course": run.title_in(language) if run else "",
        "course_url": address_of(CoursePage, request, language, course_run=run) if run else "",
        "acknowledgement": _acknowledgement(run, language),
        "follow": page_entries.codes(page.countries, page.topics),
        "reactions": reactions.of(page),
        "said": "said" in request.GET,
        "related": cards.cards(related[:RELATED], request, language),
    }


def update(page: UpdatePage, request: HttpRequest) -> dict[str, Any]:
    """`call` (a Call), `countries` and `topics` ((name, url or "") pairs; no country: all), `link`,
    `follow` (codes of its topics and of the countries it names: for a call to all, of the topics
    alone), `day` (one to be kept in a calendar, or None)."""
    language = page.shown_language
    return {
        "call": cards.calls([page], request, language)[0],
        "countries": country_ways(page.eligible_countries, request, language),
        "topics": cards.topic_ways(page.topics, language),
        "link": page.link,
        "follow": page_entries.codes(page.eligible_countries, page.topics),
        "day": page.deadline if page.is_open else None,
    }


def course(page: CoursePage, request: HttpRequest) -> dict[str, Any]:
    """`run` (starts_on, ends_on …), `place`, `country`, `partners`, `spoken` (language names),
    `modules` ((title, text) pairs), `programme` and `project` (titles or ""), `programme_url` and
    `project_url` (or "": no page that the reader may open), `donor`, `administering_partner`,
    `acknowledgement`, `day` (its first one while it is not over, or None), `stories`
    (Cards that came out of it), `resources` (ResourceLines)."""
    language = page.shown_language
    run = _run(page.course_run_id)
    project = run.project
    told = (
        StoryPage.objects.visible_to(request.user)
        .told_in(language)
        .filter(course_run=run)
        .newest_first()
    )
    offered = (
        ResourcePage.objects.visible_to(request.user)
        .written_in(language)
        .filter(course_run=run)
        .newest_first()
    )
    programme = run.course.programme
    return {
        "run": run,
        "place": run.place.in_language(language),
        "country": places.names_of([run.country], language)[0] if run.country else "",
        "partners": run.partners.in_language(language),
        "spoken": [places.language_name(code, language) for code in run.languages],
        "modules": [
            (module.title_in(language), module.text.in_language(language))
            for module in run.course.modules.all()
        ],
        "programme": programme.title_in(language),
        "programme_url": address_of(ProgrammePage, request, language, programme=programme),
        "project": project.title_in(language) if project else "",
        "project_url": (
            address_of(ProjectPage, request, language, project=project) if project else ""
        ),
        "donor": project.donor.in_language(language) if project else "",
        "administering_partner": (
            project.administering_partner.in_language(language) if project else ""
        ),
        "acknowledgement": _acknowledgement(run, language),
        "day": run.starts_on if run.ends_on >= today() else None,
        "stories": cards.cards(told[:RELATED], request, language),
        "resources": cards.resources(offered[:MOST_RESOURCES], request, language),
    }


def _run(run_id: int) -> CourseRun:
    return (
        CourseRun.objects.select_related("course__programme", "project")
        .prefetch_related("course__modules")
        .get(pk=run_id)
    )


def _acknowledgement(run: CourseRun | None, language: str) -> str:
    return run.project.acknowledgement.in_language(language) if run and run.project else ""


def address_of(kind: Any, request: HttpRequest, language: str, **wanted: Any) -> str:
    """Of the first page of this kind that the reader may open, else nothing; one query."""
    pages = kind.objects.visible_to(request.user).written_in(language).filter(**wanted)
    found = pages.order_by("pk").first()
    return (found.get_url(request) or "") if found else ""


def country_ways(
    countries: list[str], request: HttpRequest, language: str
) -> list[tuple[str, str]]:
    """(name, address of the country's page or "") in the order of the codes; one query."""
    pages = (
        CountryPage.objects.visible_to(request.user)
        .written_in(language)
        .filter(country__in=countries)
        .order_by("-pk")
        .values_list("country", "url_path")
    )
    urls = {code: routes.address(path) for code, path in pages}
    names = places.names_of(countries, language)
    return [(name, urls.get(code, "")) for code, name in zip(countries, names, strict=True)]
