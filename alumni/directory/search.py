"""Search among people under the one policy. In: a viewer and what he asks. Out: a page of `Seen`.

Every condition, and every point of relevance, carries `visibility.showing()` of the field it reads:
what the viewer may not see decides neither who is found nor in which order. The choices of the
form come from the pack and the courses, without counts, so they tell nothing about anyone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.conf import settings
from django.contrib.postgres.search import SearchQuery, SearchVectorExact
from django.db.models import (
    Case,
    Exists,
    ExpressionWrapper,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Combinable, OrderBy

from alumni import visibility
from alumni.directory.folding import Words, fold
from alumni.models import CourseRun, Enrolment, Profile
from alumni.models.profiles import ABOUT_WORDS, LISTED_AS, NAME_WORDS, PLACE_WORDS
from alumni.visibility import Field, Seen, Viewer

PAGE = 24
MOST = 960
"""People a question leads to, forty pages; whoever looks for someone beyond asks more exactly."""
MOST_WORDS = 6
NAME, EXPERTISE, PLACE, ABOUT = 8, 4, 2, 1

Showing = Callable[[Field], Q]


@dataclass(frozen=True)
class Asked:
    """What is looked for; empty means anything."""

    words: str = ""
    where: str = ""
    """A country's code, or `region:` and a region's."""
    institution_type: str = ""
    expertise: str = ""
    language: str = ""
    course: str = ""

    @property
    def everyone(self) -> bool:
        """Whether nothing is asked: the whole directory."""
        return self == Asked()


@dataclass(frozen=True)
class Found:
    """One page of people."""

    people: list[Seen]
    count: int
    """How many there are, at most MOST."""
    page: int
    pages: int

    @property
    def is_cut(self) -> bool:
        """Whether there are more than can be leafed through."""
        return self.count >= MOST


def find(viewer: Viewer, asked: Asked, *, page: int = 1) -> Found:
    """The people who fit, as the viewer may see them; the same number of queries for any number."""
    met = visibility.people_met(viewer)
    fitting, order = _fitting(viewer, asked, lambda field: visibility.showing(field, viewer, met))
    count = fitting.values("pk")[:MOST].count()
    if count >= MOST:
        # So broad a question has no best answer, and weighing every hit would take seconds.
        order = [LISTED_AS, "key"]
    pages = max(1, -(-count // PAGE))
    page = min(max(page, 1), pages)
    start = (page - 1) * PAGE
    rows = fitting.order_by(*order).prefetch_related("enrolments__run__course")
    people = visibility.seen(viewer, rows[start : min(start + PAGE, MOST)])
    return Found(people=people, count=count, page=page, pages=pages)


def cohort(viewer: Viewer, run: CourseRun) -> list[Seen] | None:
    """The people of one course; None for whoever was not of it, as if there were no such course."""
    own = visibility.membership(viewer)
    of_the_run = Enrolment.objects.taken_up().filter(run=run)
    is_one = own is not None and own.has_accepted and of_the_run.filter(profile=own).exists()
    if not is_one and not visibility.is_staff(viewer):
        return None
    people = visibility.visible_to(viewer).filter(
        Exists(of_the_run.filter(profile=OuterRef("pk"))), accepted_at__isnull=False
    )
    rows = people.order_by(LISTED_AS, "key").prefetch_related("enrolments__run__course")
    return visibility.seen(viewer, rows)


def _fitting(viewer: Viewer, asked: Asked, showing: Showing) -> tuple[QuerySet[Profile], list[Any]]:
    people = visibility.visible_to(viewer).filter(accepted_at__isnull=False)
    people = people.filter(*_facets(asked, showing))
    words = [_word(word, showing) for word in _words(asked.words)]
    if not words:
        # Signs alone are no word; asking for them finds nobody rather than everybody.
        nobody = bool(asked.words.strip())
        return (people.none() if nobody else people), [LISTED_AS, "key"]
    people = people.filter(reduce(and_, (reduce(or_, _conditions(word)) for word in words)))
    points: list[Combinable] = [
        Case(When(condition, then=Value(worth)), default=Value(0), output_field=IntegerField())
        for word in words
        for condition, worth in word
    ]
    score = reduce(lambda a, b: a + b, points)
    return people, [
        OrderBy(ExpressionWrapper(score, IntegerField()), descending=True),
        LISTED_AS,
        "key",
    ]


def _facets(asked: Asked, showing: Showing) -> list[Q]:
    found: list[Q] = []
    if asked.where:
        kind, _, code = asked.where.rpartition(":")
        if kind:
            inside = {region.code: region.countries for region in settings.PACK.regions}
            countries = inside.get(code, ())
            found.append(showing(Field.REGION) & Q(country__in=countries))
        else:
            found.append(showing(Field.COUNTRY) & Q(country=code))
    if asked.institution_type:
        kind_of = Q(institution_type=asked.institution_type)
        found.append(showing(Field.INSTITUTION_TYPE) & kind_of)
    if asked.expertise:
        below = [topic.code for topic in settings.PACK.topics if topic.parent == asked.expertise]
        terms = [asked.expertise, *below]
        found.append(showing(Field.EXPERTISE) & Q(expertise__overlap=terms))
    if asked.language:
        found.append(showing(Field.LANGUAGES) & Q(languages__contains=[asked.language]))
    if asked.course:
        taken = Enrolment.objects.taken_up().filter(run__course__slug=asked.course)
        found.append(showing(Field.COURSES) & Q(Exists(taken.filter(profile=OuterRef("pk")))))
    return found


def _words(text: str) -> list[str]:
    """The folded words, without whatever the database reads as a sign of its own."""
    return [word[:40] for word in re.findall(r"[^\W_]+", fold(text))[:MOST_WORDS]]


def _word(word: str, showing: Showing) -> list[tuple[Q, int]]:
    """Where a word, or the beginning of one, may stand, and what finding it there is worth."""
    query = SearchQuery(f"'{word}':*", search_type="raw", config="simple")
    places = [
        (showing(Field.NAME) & _match(NAME_WORDS, query), NAME),
        (showing(Field.INSTITUTION) & _match(PLACE_WORDS, query), PLACE),
        (showing(Field.BIOGRAPHY) & _match(ABOUT_WORDS, query), ABOUT),
    ]
    topics = _topics_named(word)
    if topics:
        places.append((showing(Field.EXPERTISE) & Q(expertise__overlap=topics), EXPERTISE))
    return places


def _match(words: Words, query: SearchQuery) -> Q:
    return Q(SearchVectorExact(words, query))


def _conditions(places: list[tuple[Q, int]]) -> list[Q]:
    return [condition for condition, _ in places]


def _topics_named(word: str) -> list[str]:
    """Terms with a word that begins so in any language of the network."""
    return [
        topic.code
        for topic in settings.PACK.topics
        if any(
            part.startswith(word)
            for name in topic.names.values()
            for part in re.findall(r"[^\W_]+", fold(name))
        )
    ]
