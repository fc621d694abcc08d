"""All topics, and a topic's own page: what is told of it and of the narrower terms beneath it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest

from cms import facets, page_entries
from cms.audiences import Viewer
from cms.contexts import cards
from cms.contexts.keys import leaf_of, listed_together
from cms.models import ResourcePage, StoryPage, Topic, UpdatePage
from cms.models.updates import today

TO_READ = (UpdatePage.Kind.PUBLICATION, UpdatePage.Kind.TOOL)
MOST_CALLS = 12


@dataclass(frozen=True)
class TopicLine:
    """A topic in the list of all."""

    title: str
    url: str
    stories: int
    """Told of it and of what is beneath it."""
    narrower: tuple[TopicLine, ...] = ()


def topics(request: HttpRequest, language: str) -> list[TopicLine]:
    """The taxonomy as a tree, each topic with its stories in this language; three queries."""
    taxonomy = facets.Taxonomy.load(language)
    told = StoryPage.objects.visible_to(request.user).told_in(language)
    counts: Counter[str] = Counter()
    for traits, number in facets.groups(told):
        if not traits.is_short:  # counted with its text
            counts.update(dict.fromkeys(taxonomy.widened(traits.topics), number))

    def line(code: str, *narrower: TopicLine) -> TopicLine:
        return TopicLine(taxonomy.titles[code], cards.topic_url(code), counts[code], narrower)

    beneath = {
        code: [one for one in taxonomy.titles if taxonomy.parents[one] == code]
        for code in taxonomy.titles
    }
    return [
        line(code, *map(line, beneath[code]))
        for code in taxonomy.titles
        if taxonomy.parents[code] not in taxonomy.titles
    ]


def topic(code: str, request: HttpRequest, language: str) -> dict[str, Any]:
    """`title`, `wider` and `narrower` ((title, address) pairs), `stories` (Cards of this leaf),
    `leaf`, `calls` and `offers` (open Calls: to answer, to read or use), `resources`
    (ResourceLines), `follow` (codes). Raises Http404 for no topic."""
    taxonomy = facets.Taxonomy.load(language)
    titles, parents = taxonomy.titles, taxonomy.parents
    if code not in titles:
        raise Http404
    narrower = [one for one in titles if parents[one] == code != one]
    wider = parents[code]
    found = listed_together(
        request,
        ("topic", code, language, today()),
        lambda: Topic.objects.filter(code=code).order_by("pk"),
        lambda: _about([code, *narrower], request.user, language),
    )
    leaf = leaf_of(found["stories"], request)
    calls, offers = found["calls"], found["offers"]
    cards.calls(calls.and_more(offers), request, language)  # both at once, kept for below
    return {
        "title": titles[code],
        "wider": cards.topic_ways([wider] if wider else [], language),
        "narrower": [(titles[one], cards.topic_url(one)) for one in narrower],
        "stories": cards.cards(leaf.object_list, request, language),
        "leaf": leaf,
        "calls": cards.calls(calls, request, language),
        "resources": cards.resources(found["resources"], request, language),
        "offers": cards.calls(offers, request, language),
        "follow": page_entries.codes((), [code, *narrower]),
    }


def _about(codes: list[str], user: Viewer, language: str) -> dict[str, Any]:
    def readable(kind: Any) -> Any:
        return kind.objects.visible_to(user).filter(topics__overlap=codes)

    updates = readable(UpdatePage).told_in(language).open()
    return {
        "stories": readable(StoryPage).told_in(language).newest_first(),
        "calls": updates.exclude(kind__in=TO_READ).soonest_first()[:MOST_CALLS],
        "offers": updates.filter(kind__in=TO_READ).newest_first()[:MOST_CALLS],
        "resources": readable(ResourcePage).written_in(language).newest_first()[:MOST_CALLS],
    }
