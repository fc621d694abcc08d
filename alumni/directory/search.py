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
from operator import add, or_

from django.conf import settings
from django.contrib.postgres.search import SearchQuery
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

from alumni import appearance, visibility
from alumni.appearance import Seen
from alumni.directory.folding import fold
from alumni.models import Course, CourseRun, Enrolment, Profile
from alumni.models.profiles import OF_BIOGRAPHY, OF_NAME, OF_PLACE
from alumni.visibility import Field, Viewer

PAGE = 24
MOST = 960
"""People a question leads to, forty pages; whoever looks for someone beyond asks more exactly."""
MOST_WORDS = 6
NAME, EXPERTISE, PLACE, ABOUT = 8, 4, 2, 1
AS_LISTED = ("listed_as", "key")

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
    sought = _Sought(viewer, asked, lambda field: visibility.showing(field, viewer, met))
    # In no order, so that the database leaves off when it has counted MOST.
    count = sought.people().order_by().values("pk")[:MOST].count()
    # So broad a question has no best answer, and weighing every hit would take long.
    fitting = sought.by_name() if count >= MOST else sought.best_first()
    pages = max(1, -(-count // PAGE))
    page = min(max(page, 1), pages)
    start = (page - 1) * PAGE
    rows = fitting.prefetch_related("enrolments__run__course")
    people = appearance.seen(viewer, rows[start : min(start + PAGE, MOST)])
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
    rows = people.order_by(*AS_LISTED).prefetch_related("enrolments__run__course")
    return appearance.seen(viewer, rows)


@dataclass(frozen=True)
class _Word:
    """A word, or the beginning of one, that is looked for."""

    anywhere: Q
    """In whom it stands at all, shown or not: by this the index finds few among many."""
    places: list[tuple[Q, int]]
    """Where the viewer may see it, and what finding it there is worth."""

    @property
    def found(self) -> Q:
        return self.anywhere & reduce(or_, (place for place, _worth in self.places))


class _Sought:
    """Who fits, to be counted and put in order."""

    def __init__(self, viewer: Viewer, asked: Asked, showing: Showing) -> None:
        people = visibility.visible_to(viewer).filter(accepted_at__isnull=False)
        self._people = people.filter(*_facets(asked, showing))
        self._words = [_word(word, showing) for word in _words(asked.words)]
        if not self._words and asked.words.strip():
            # Signs alone are no word; asking for them finds nobody rather than everybody.
            self._people = people.none()

    def people(self) -> QuerySet[Profile]:
        """All of them."""
        return self._people.filter(*(word.found for word in self._words))

    def by_name(self) -> QuerySet[Profile]:
        """As they are listed: those of whom there are many are soon met by going through the list.

        A CASE keeps the database from gathering all of them by the index of words and sorting.
        """
        words = (Case(When(word.found, then=True), default=False) for word in self._words)
        return self._people.filter(*words).order_by(*AS_LISTED)

    def best_first(self) -> QuerySet[Profile]:
        """Those first in whom the words stand where they count most."""
        points: list[Combinable] = [
            Case(When(place, then=Value(worth)), default=Value(0), output_field=IntegerField())
            for word in self._words
            for place, worth in word.places
        ]
        if not points:
            return self.by_name()
        score = ExpressionWrapper(reduce(add, points), IntegerField())
        return self.people().order_by(OrderBy(score, descending=True), *AS_LISTED)


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
        course = Course.objects.filter(slug=asked.course).values_list("pk", flat=True).first()
        taken = Enrolment.objects.taken_up().filter(run__course=course)
        found.append(showing(Field.COURSES) & Q(Exists(taken.filter(profile=OuterRef("pk")))))
    return found


def _words(text: str) -> list[str]:
    """The folded words, without whatever the database reads as a sign of its own."""
    return [word[:40] for word in re.findall(r"[^\W_]+", fold(text))[:MOST_WORDS]]


def _word(word: str, showing: Showing) -> _Word:
    anywhere = _stands(word)
    places = [
        (showing(Field.NAME) & _stands(word, OF_NAME), NAME),
        (showing(Field.INSTITUTION) & _stands(word, OF_PLACE), PLACE),
        (showing(Field.BIOGRAPHY) & _stands(word, OF_BIOGRAPHY), ABOUT),
    ]
    topics = _topics_named(word)
    if topics:
        knows = Q(expertise__overlap=topics)
        anywhere |= knows
        places.append((showing(Field.EXPERTISE) & knows, EXPERTISE))
    return _Word(anywhere, places)


def _stands(word: str, mark: str = "") -> Q:
    return Q(words=SearchQuery(f"'{word}':*{mark}", search_type="raw", config="simple"))


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
