"""All topics, and a topic's own page: what is told of it and of the narrower terms beneath it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest

from cms import digest, facets
from cms.contexts import cards
from cms.contexts.keys import Keys, leaf_of, listed
from cms.generations import kept
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
    parents = kept("parents", lambda: dict(Topic.objects.values_list("code", "parent")))
    codes = [code, *sorted(one for one, wider in parents.items() if wider == code != one)]
    if code not in parents:
        raise Http404
    titles = cards.titles(language)
    wider = parents[code]

    def about(name: str, kind: Any, chosen: Callable[[Any], Any]) -> Keys:
        def pages() -> Any:
            return chosen(kind.objects.visible_to(request.user).filter(topics__overlap=codes))

        return listed(request, (name, code, language, today()), pages)

    def told(stories: Any) -> Any:
        return stories.told_in(language).newest_first()

    def to_answer(updates: Any) -> Any:
        found = updates.told_in(language).open().exclude(kind__in=TO_READ)
        return found.soonest_first()[:MOST_CALLS]

    def to_read(updates: Any) -> Any:
        found = updates.told_in(language).open().filter(kind__in=TO_READ)
        return found.newest_first()[:MOST_CALLS]

    def materials(resources: Any) -> Any:
        return resources.written_in(language).newest_first()[:MOST_CALLS]

    leaf = leaf_of(about("told", StoryPage, told), request)
    calls = about("to answer", UpdatePage, to_answer)
    offers = about("to read", UpdatePage, to_read)
    resources = about("materials", ResourcePage, materials)
    return {
        "title": titles[code],
        "wider": cards.topic_ways([wider] if wider else [], language),
        "narrower": [(titles[one], cards.topic_url(one)) for one in titles if one in codes[1:]],
        "stories": cards.cards(leaf.object_list, request, language),
        "leaf": leaf,
        "calls": cards.calls(calls, request, language),
        "resources": cards.resources(resources, request, language),
        "offers": cards.calls(offers, request, language),
        "follow": digest.codes((), codes),
    }
