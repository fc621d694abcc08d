"""Cards and lines: a page as a list shows it, with the names a reader reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from alumni.vocabulary import country_name
from cms import languages, places
from cms.audiences import Viewer
from cms.models import CoursePage, Picture, ResourcePage, StoryPage, Topic, UpdatePage

NEWEST = 3

Ways = tuple[tuple[str, str], ...]
"""(name in the page's language, address) pairs."""


@dataclass(frozen=True)
class Card:
    """A story in a list."""

    title: str
    standfirst: str
    url: str
    date: dt.datetime | None
    countries: tuple[str, ...]
    """Names, in the page's language."""
    topics: Ways
    picture: Picture | None
    members_only: bool
    foreign: languages.Spoken | None = None
    """Its language, where that is not the page's."""


@dataclass(frozen=True)
class Call:
    """A call or course in a list."""

    title: str
    standfirst: str
    url: str
    kind: str
    """`Call`, `Webinar` …, in the page's language."""
    deadline: dt.date | None
    days_left: int | None
    countries: tuple[str, ...]
    """Names of the eligible countries; empty: open to all."""
    topics: Ways
    members_only: bool

    @property
    def closes_soon(self) -> bool:
        """A week or less is left."""
        return self.days_left is not None and 0 <= self.days_left <= 7


@dataclass(frozen=True)
class CourseLine:
    """A course in a list."""

    title: str
    standfirst: str
    url: str
    starts_on: dt.date
    ends_on: dt.date
    place: str
    picture: Picture | None


@dataclass(frozen=True)
class ResourceLine:
    """A publication, tool or training material in a list."""

    title: str
    standfirst: str
    url: str
    kind: str
    """`Publication`, `Tool` …, in the page's language."""
    languages: tuple[str, ...]
    """Names of the languages in which there is a document, in their order on the page."""
    topics: Ways
    members_only: bool


def with_pictures(pages: Any) -> Any:
    """The queryset with what a card needs, and no text of the body."""
    return (
        pages.select_related("picture", "locale")
        .prefetch_related("picture__renditions")
        .defer("body")
    )


def newest(request: HttpRequest, user: Viewer, language: str) -> list[Card]:
    """The newest stories in the language that the person may read."""
    told = StoryPage.objects.visible_to(user).written_in(language).newest_first()
    return cards(with_pictures(told)[:NEWEST], request, language)


def cards(pages: Iterable[StoryPage], request: HttpRequest, language: str) -> list[Card]:
    """Stories as cards, in their order; one query for the titles of topics."""
    pages = list(pages)
    titles = _titles(pages, language)
    return [
        Card(
            title=page.title,
            standfirst=page.standfirst,
            url=page.get_url(request) or "",
            date=page.first_published_at,
            countries=_names(page.countries, language),
            topics=_known(titles, page.topics),
            picture=page.picture,
            members_only=not page.is_public,
            foreign=languages.spoken(page.locale.language_code, language),
        )
        for page in pages
    ]


def calls(pages: Iterable[UpdatePage], request: HttpRequest, language: str) -> list[Call]:
    """Calls and courses as lines, in their order; one query for the titles of topics."""
    pages = list(pages)
    titles = _titles(pages, language)
    return [
        Call(
            title=page.title,
            standfirst=page.standfirst,
            url=page.get_url(request) or "",
            kind=page.get_kind_display(),
            deadline=page.deadline,
            days_left=page.days_left,
            countries=_names(page.eligible_countries, language),
            topics=_known(titles, page.topics),
            members_only=not page.is_public,
        )
        for page in pages
    ]


def course_line(page: CoursePage, request: HttpRequest, language: str) -> CourseLine:
    """A course as a line."""
    run = page.course_run
    return CourseLine(
        title=page.title,
        standfirst=page.standfirst,
        url=page.get_url(request) or "",
        starts_on=run.starts_on,
        ends_on=run.ends_on,
        place=run.place.in_language(language),
        picture=page.picture,
    )


def with_documents(pages: Any) -> Any:
    """The queryset with what a line of a resource needs, and no text of the body."""
    return pages.prefetch_related("documents").defer("body")


def resources(
    pages: Iterable[ResourcePage], request: HttpRequest, language: str
) -> list[ResourceLine]:
    """Resources as lines, in their order; one query for the titles of topics."""
    pages = list(pages)
    titles = _titles(pages, language)
    return [
        ResourceLine(
            title=page.title,
            standfirst=page.standfirst,
            url=page.get_url(request) or "",
            kind=page.get_kind_display(),
            languages=tuple(
                places.language_name(code, language)
                for code in dict.fromkeys(one.language for one in page.documents.all())
            ),
            topics=_known(titles, page.topics),
            members_only=not page.is_public,
        )
        for page in pages
    ]


def topic_ways(codes: Iterable[str], language: str) -> Ways:
    """The pages of the topics that exist, in the order of the codes."""
    codes = list(codes)
    return _known(Topic.objects.titles(language), codes) if codes else ()


def topic_url(code: str) -> str:
    """The page of a topic, in the language of the moment."""
    return reverse("topic", args=[code])


def _titles(pages: Iterable[Any], language: str) -> dict[str, str]:
    return Topic.objects.titles(language) if pages else {}


def _known(titles: dict[str, str], codes: Iterable[str]) -> Ways:
    return tuple((titles[code], topic_url(code)) for code in codes if code in titles)


def _names(countries: Iterable[str], language: str) -> tuple[str, ...]:
    return tuple(country_name(code, language) for code in countries)
