"""Cards and lines: a page as a list shows it, with the names a reader reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.urls import reverse

from alumni.vocabulary import country_name
from cms import facets, languages, places, routes
from cms.audiences import Viewer
from cms.contexts.keys import Keys, keys
from cms.generations import kept_each
from cms.models import (
    Content,
    CoursePage,
    Picture,
    ResourcePage,
    ShortTranslation,
    StoryPage,
    UpdatePage,
)
from cms.models.updates import today

NEWEST = 3
TOLD_SHORTLY = ArraySubquery(
    ShortTranslation.objects.filter(page=OuterRef("pk"))
    .without_full()
    .values(words=JSONObject(language="language", title="title", standfirst="standfirst"))
)
"""For `told_shortly` of a page: its short translations, without a query of their own. Where the
full text is there meanwhile, it is that page which is told in the language."""

Line = TypeVar("Line")
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
    """The language of its title, where that is not the page's."""
    text_in: str = ""
    """Name of the language of the text, where title and standfirst alone are in the page's."""


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
    text_in: str = ""
    """As with a Card."""

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


def with_words(pages: Any) -> Any:
    """The queryset with title and standfirst in every language, and no text of the body."""
    return pages.select_related("locale").annotate(told_shortly=TOLD_SHORTLY).defer("body")


def newest(request: HttpRequest, user: Viewer, language: str) -> list[Card]:
    """The newest stories in the language that the person may read."""
    told = StoryPage.objects.visible_to(user).told_in(language).newest_first()
    return cards(told[:NEWEST], request, language)


def cards(pages: Iterable[StoryPage] | Keys, request: HttpRequest, language: str) -> list[Card]:
    """Stories as cards, in their order."""

    def draw(page: StoryPage) -> Card:
        return Card(
            **words_of(page, language),
            date=page.first_published_at,
            countries=_names(page.countries, language),
            topics=topic_ways(page.topics, language),
            picture=page.picture,
            members_only=not page.is_public,
            foreign=foreign_of(page, language),
        )

    return lines(("card", language), pages, lambda rows: with_words(with_pictures(rows)), draw)


def calls(pages: Iterable[UpdatePage] | Keys, request: HttpRequest, language: str) -> list[Call]:
    """Calls and courses as lines of today, in their order."""

    def draw(page: UpdatePage) -> Call:
        return Call(
            **words_of(page, language),
            kind=str(page.get_kind_display()),
            deadline=page.deadline,
            days_left=page.days_left,
            countries=_names(page.eligible_countries, language),
            topics=topic_ways(page.topics, language),
            members_only=not page.is_public,
        )

    return lines(("call", language, today()), pages, with_words, draw)


def course_lines(
    pages: Iterable[CoursePage] | Keys, request: HttpRequest, language: str
) -> list[CourseLine]:
    """Courses as lines, in their order."""
    return lines(
        ("course", language),
        pages,
        lambda rows: with_pictures(rows).select_related("course_run", "picture"),
        lambda page: course_line(page, request, language),
    )


def lines(
    name: tuple[Any, ...],
    pages: Iterable[Any] | Keys,
    whole: Callable[[Any], Any],
    draw: Callable[[Any], Line],
) -> list[Line]:
    """A line a page. Of a queryset only the keys are asked for, and of the pages whose line is not
    kept what `whole` makes of a queryset: what a line says must not depend on who reads it."""
    found = keys(pages) if isinstance(pages, QuerySet) else pages
    if not isinstance(found, Keys):
        return [draw(page) for page in found]
    rows = found.model._default_manager
    return kept_each(
        name,
        found,
        lambda missing: {page.pk: draw(page) for page in whole(rows.filter(pk__in=missing))},
    )


def course_line(page: CoursePage, request: HttpRequest, language: str) -> CourseLine:
    """A course as a line."""
    run = page.course_run
    return CourseLine(
        title=page.title,
        standfirst=page.standfirst,
        url=routes.address(page.url_path),
        starts_on=run.starts_on,
        ends_on=run.ends_on,
        place=run.place.in_language(language),
        picture=page.picture,
    )


def with_documents(pages: Any) -> Any:
    """The queryset with what a line of a resource needs, and no text of the body."""
    return pages.prefetch_related("documents").defer("body")


def resources(
    pages: Iterable[ResourcePage] | Keys, request: HttpRequest, language: str
) -> list[ResourceLine]:
    """Resources as lines, in their order."""

    def draw(page: ResourcePage) -> ResourceLine:
        return ResourceLine(
            title=page.title,
            standfirst=page.standfirst,
            url=routes.address(page.url_path),
            kind=str(page.get_kind_display()),
            languages=tuple(
                places.language_name(code, language)
                for code in dict.fromkeys(one.language for one in page.documents.all())
            ),
            topics=topic_ways(page.topics, language),
            members_only=not page.is_public,
        )

    return lines(("resource", language), pages, with_documents, draw)


def topic_ways(codes: Iterable[str], language: str) -> Ways:
    """The pages of the topics that exist, in the order of the codes."""
    codes = list(codes)
    return _known(titles(language), codes) if codes else ()


def titles(language: str) -> dict[str, str]:
    """Titles of all topics by code."""
    return facets.Taxonomy.load(language).titles


def topic_url(code: str) -> str:
    """The page of a topic, in the language of the moment."""
    return reverse("topic", args=[code])


def _known(titles: dict[str, str], codes: Iterable[str]) -> Ways:
    return tuple((titles[code], topic_url(code)) for code in codes if code in titles)


def _names(countries: Iterable[str], language: str) -> tuple[str, ...]:
    return tuple(country_name(code, language) for code in countries)


def words_of(page: Content, language: str) -> dict[str, str]:
    """Title, standfirst and address as readers of the language have them."""
    words = page.words_in(language)
    written = languages.spoken(page.locale.language_code, language)
    is_short = written is not None and words is not page
    return {
        "title": words.title,
        "standfirst": words.standfirst,
        "url": page.read_from(language) if is_short else routes.address(page.url_path),
        "text_in": written.name if is_short and written else "",
    }


def foreign_of(page: Content, language: str) -> languages.Spoken | None:
    is_own = page.words_in(language) is page
    return languages.spoken(page.locale.language_code, language) if is_own else None
