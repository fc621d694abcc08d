"""The home page, the list of countries and a country's own page."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Func
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from alumni import bands
from alumni.vocabulary import country_name
from cms import page_entries, places, routes
from cms.audiences import Viewer
from cms.contexts import cards, facts, lists, maps
from cms.generations import kept_around, kept_for_strangers
from cms.models import (
    CountryIndexPage,
    CountryPage,
    CoursePage,
    HomePage,
    ResourcePage,
    StoryIndexPage,
    StoryPage,
    UpdateIndexPage,
    UpdatePage,
)

CALLS_ON_HOME = 5
MOST_STORIES_OF_A_COUNTRY = 60


@dataclass(frozen=True)
class CountryLine:
    """A country in a list."""

    code: str
    name: str
    url: str
    """Of its page in this language, else of the list of its stories; empty without either."""
    stories: int


@dataclass(frozen=True)
class RegionLine:
    """A region with its countries."""

    name: str
    countries: tuple[CountryLine, ...]

    @property
    def stories(self) -> int:
        """Stories told by its countries; one about two of them counts for both."""
        return sum(country.stories for country in self.countries)


@dataclass(frozen=True)
class TopicStories:
    """Stories of one topic."""

    title: str
    url: str
    stories: tuple[cards.Card, ...]


def home(page: HomePage, request: HttpRequest) -> dict[str, Any]:
    """`stories` (three newest Cards), `regions` (RegionLines), `map`, `calls` (open ones by
    deadline), `course` (CourseLine or None), `stories_url`, `calls_url`, `countries_url`."""
    language = page.shown_language
    open_calls = (
        UpdatePage.objects.visible_to(request.user).told_in(language).open().soonest_first()
    )[:CALLS_ON_HOME]
    around = {
        kind: _url_of_list(model, page)
        for kind, model in (
            ("stories_url", StoryIndexPage),
            ("calls_url", UpdateIndexPage),
            ("countries_url", CountryIndexPage),
        )
    }
    listed = regions(request, language)
    return {
        "stories": cards.newest(request, request.user, language),
        "calls": cards.calls(open_calls, request, language),
        "regions": listed,
        "map": maps.world(listed),
        "course": _course(page, request, language),
        **around,
    }


def countries(page: CountryIndexPage, request: HttpRequest) -> dict[str, Any]:
    """`regions` (RegionLines with every country of the pack), `map`."""
    listed = regions(request, page.shown_language)
    return {"regions": listed, "map": maps.world(listed)}


def country(page: CountryPage, request: HttpRequest) -> dict[str, Any]:
    """`country_name`, `own_name` and `own_language` (its own first language, as far as CLDR
    knows; else empty), `region`, `thumbnail` (or None), `newest` (Card or None), `topics`
    (TopicStories of the others), `other_stories` (Cards without a topic), `calls` (open ones that
    name this country or all), `resources` (ResourceLines about it), `facts` (FactLines), `people`
    (from and to, or None) and `people_url`, `follow` (its code as readers follow it)."""
    language = page.shown_language
    told = (
        StoryPage.objects.visible_to(request.user)
        .told_in(language)
        .filter(countries__contains=[page.country])
        .newest_first()
    )[:MOST_STORIES_OF_A_COUNTRY]
    shown = cards.cards(told, request, language)
    topics, without = _by_topic(shown[1:], language)
    open_calls = (
        UpdatePage.objects.visible_to(request.user)
        .told_in(language)
        .open()
        .reaching(page.country)
        .soonest_first()
    )[:CALLS_ON_HOME]
    materials = (
        ResourcePage.objects.visible_to(request.user)
        .written_in(language)
        .filter(countries__contains=[page.country])
        .newest_first()
    )
    own_name, own_language = places.own_name(page.country)
    return {
        "country_name": country_name(page.country, language),
        "own_name": own_name,
        "own_language": own_language,
        "region": places.region_name(page.country, language),
        "people": bands.band_of(page.country),
        "people_url": f"{reverse('alumni:people')}?{urlencode({'where': page.country})}",
        "facts": facts.of(page.country, language),
        "thumbnail": maps.thumbnail(page.country),
        "newest": shown[0] if shown else None,
        "topics": topics,
        "other_stories": without,
        "follow": page_entries.codes([page.country], ()),
        "calls": cards.calls(open_calls, request, language),
        "resources": cards.resources(materials[:CALLS_ON_HOME], request, language),
    }


def regions(request: HttpRequest, language: str) -> list[RegionLine]:
    """The pack's regions with their countries, pages and numbers of stories; two queries, of
    somebody who is not signed in mostly none."""
    return kept_for_strangers(
        request.user, ("regions", language), lambda: _regions(request, language)
    )


def _regions(request: HttpRequest, language: str) -> list[RegionLine]:
    counts = _stories_by_country(request.user, language)
    pages = CountryPage.objects.visible_to(request.user).written_in(language).order_by("-pk")
    rows = pages.values_list("country", "url_path")
    told = {code: lists.of_country(code, language) for code in counts}
    urls = told | {code: routes.address(path) for code, path in rows}
    return [
        RegionLine(
            name,
            tuple(
                CountryLine(code, own, urls.get(code, ""), counts.get(code, 0))
                for code, own in members
            ),
        )
        for name, members in places.countries_by_region(language)
    ]


def _stories_by_country(user: Viewer, language: str) -> dict[str, int]:
    rows = (
        StoryPage.objects.visible_to(user)
        .told_in(language)
        .order_by()
        .annotate(one=Func(F("countries"), function="unnest"))
        .values("one")
        .annotate(stories=Count("pk", distinct=True))
    )
    return {row["one"]: row["stories"] for row in rows}


def _by_topic(
    shown: list[cards.Card], language: str
) -> tuple[list[TopicStories], list[cards.Card]]:
    """Each story once, under the first of its topics in the taxonomy's order."""
    ways = cards.topic_ways(cards.titles(language), language)
    grouped: dict[tuple[str, str], list[cards.Card]] = defaultdict(list)
    without = []
    for card in shown:
        first = next((way for way in ways if way in card.topics), None)
        if first is None:
            without.append(card)
        else:
            grouped[first].append(card)
    topics = [TopicStories(*way, tuple(grouped[way])) for way in ways if way in grouped]
    return topics, without


def _course(page: HomePage, request: HttpRequest, language: str) -> cards.CourseLine | None:
    """The course chosen for the home page, in this language; else the newest visible one."""
    visible = CoursePage.objects.visible_to(request.user).written_in(language)
    offered = visible.order_by("-course_run__ends_on", "-pk")
    same = CoursePage.objects.filter(pk=page.course_id).values("translation_key")
    chosen = page.course_id and cards.course_lines(
        offered.filter(translation_key__in=same)[:1], request, language
    )
    lines = chosen or cards.course_lines(offered[:1], request, language)
    return lines[0] if lines else None


def _url_of_list(model: Any, page: HomePage) -> str:
    return kept_around(("list", model, page.pk), lambda: _path_of_list(model, page))


def _path_of_list(model: Any, page: HomePage) -> str:
    path = model.objects.live().child_of(page).values_list("url_path", flat=True).first()
    return routes.address(path) if path else ""
