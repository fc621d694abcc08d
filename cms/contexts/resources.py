"""Resources: the list of them, and one with its documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from cms import page_entries, places
from cms.contexts import cards
from cms.contexts.keys import keys, leaf_of
from cms.contexts.reading import address_of, country_ways
from cms.models import CoursePage, ProjectPage, ResourceIndexPage, ResourcePage


@dataclass(frozen=True)
class KindWay:
    """A kind of resource by which the list can be narrowed."""

    name: str
    code: str
    """Empty: all kinds."""
    current: bool


@dataclass(frozen=True)
class File:
    """A document as a page offers it."""

    title: str
    url: str
    code: str
    """The code of its language."""
    language: str
    """The name of its language, in the page's."""
    kind: str
    """`PDF`, `DOCX` …"""
    size: int
    """Bytes; 0 where it is not known."""


def listing(page: ResourceIndexPage, request: HttpRequest) -> dict[str, Any]:
    """`resources` (ResourceLines of this leaf, newest first), `leaf`, `kinds` (KindWays of those
    there are for this reader; none where there is but one), `kind` (the code asked for or "")."""
    language = page.shown_language
    found = ResourcePage.objects.visible_to(request.user).written_in(language)
    there = set(found.order_by().values_list("kind", flat=True).distinct())
    asked = request.GET.get("kind", "")
    kind = asked if asked in there else ""
    if kind:
        found = found.filter(kind=kind)
    leaf = leaf_of(keys(found.newest_first()), request)
    kinds = [
        KindWay(str(label), code, code == kind)
        for code, label in ResourcePage.Kind.choices
        if code in there
    ]
    return {
        "resources": cards.resources(leaf.object_list, request, language),
        "leaf": leaf,
        "kinds": kinds if len(kinds) > 1 else [],
        "kind": kind,
    }


def resource(page: ResourcePage, request: HttpRequest) -> dict[str, Any]:
    """`kind`, `documents` (Files), `countries` and `topics` ((name, url or "") pairs), `course` and
    `project` (titles or ""), `course_url` and `project_url` (or ""), `acknowledgement`, `follow`
    (codes of its countries and topics)."""
    language = page.shown_language
    run, project = page.course_run, page.made_in
    return {
        "kind": page.get_kind_display(),
        "documents": files(page, language),
        "countries": country_ways(page.countries, request, language),
        "topics": cards.topic_ways(page.topics, language),
        "course": run.title_in(language) if run else "",
        "course_url": address_of(CoursePage, request, language, course_run=run) if run else "",
        "project": project.title_in(language) if project else "",
        "project_url": (
            address_of(ProjectPage, request, language, project=project) if project else ""
        ),
        "acknowledgement": project.acknowledgement.in_language(language) if project else "",
        "follow": page_entries.codes(page.countries, page.topics),
    }


def files(page: ResourcePage, language: str) -> list[File]:
    """The documents in the editors' order; one query."""
    return [
        File(
            title=one.title,
            url=one.document.url,
            code=one.language,
            language=places.language_name(one.language, language),
            kind=one.document.file_extension.upper(),
            size=one.document.file_size or 0,
        )
        for one in page.documents.select_related("document")
    ]
