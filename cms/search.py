"""Search over what the reader may read: hits of every kind together, best first, with facets.

The number of queries depends neither on how much is found nor on who asks: one for the hits as
numbers, one for those of other languages that are told shortly in the screen's, one for each kind
among the pages of the leaf.
"""

from __future__ import annotations

import datetime as dt
import difflib
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.paginator import Page as Leaf
from django.core.paginator import Paginator
from django.db.models import CharField, F, Func, Value
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from alumni.vocabulary import country_name
from cms import languages
from cms.audiences import Viewer
from cms.contexts import cards
from cms.excerpts import Marked, around, marked, words_of
from cms.facets import Asked, Facet, Taxonomy, Traits, facets, fits
from cms.models import (
    CountryPage,
    CoursePage,
    ProgrammePage,
    ProjectPage,
    ResourcePage,
    ShortTranslation,
    StoryPage,
    UpdatePage,
)

MOST_OF_A_KIND = 1000
LONGEST_QUERY = 100
A_LEAF = 12
MOST_TOPICS = 5
ALIKE = 0.75
CODES = ArrayField(CharField())
NOTHING = Value([], CODES)
ONE_COUNTRY = Func("country", template="ARRAY[%(expressions)s]::varchar[]", output_field=CODES)


@dataclass(frozen=True)
class Kind:
    """A kind of page that can be found, and where it keeps its countries, topics and text."""

    code: str
    label: Any
    model: Any
    countries: Any = NOTHING
    topics: Any = NOTHING
    text: str = ""


KINDS = (
    Kind("stories", _("Stories"), StoryPage, F("countries"), F("topics"), "body"),
    Kind("calls", _("Calls and courses"), UpdatePage, F("eligible_countries"), F("topics"), "body"),
    Kind("countries", _("Countries"), CountryPage, ONE_COUNTRY),
    Kind("resources", _("Resources"), ResourcePage, F("countries"), F("topics"), "body"),
    Kind("courses", _("Courses"), CoursePage),
    Kind("programmes", _("Programmes"), ProgrammePage),
    Kind("projects", _("Projects"), ProjectPage),
)


@dataclass(frozen=True)
class Hit:
    """A page in the list of what was found."""

    kind: str
    title: str
    url: str
    marked_title: Marked
    standfirst: Marked
    excerpt: Marked
    """From the text, where the words stand in neither title nor standfirst; else nothing."""
    date: dt.datetime | None
    countries: tuple[str, ...]
    foreign: languages.Spoken | None
    """Its language, where that is not the screen's."""
    text_in: str
    """Name of the language of its text, where title and standfirst alone are in the screen's."""
    members_only: bool


@dataclass(frozen=True)
class Found:
    """What a search found."""

    words: str = ""
    hits: tuple[Hit, ...] = ()
    """Those of this leaf."""
    leaf: Leaf | None = None
    count: int = 0
    facets: tuple[Facet, ...] = ()
    topics: cards.Ways = ()
    """Topics whose titles have the words, or nearly."""
    elsewhere: tuple[tuple[str, str, int], ...] = ()
    """(code, name, number) of the other languages that have the words."""
    meant: str = ""
    """The same words spelled as a country or topic is, where nothing was found."""


@dataclass(frozen=True)
class _Row:
    kind: Kind
    pk: int
    rank: float
    traits: Traits
    short: Traits | None
    """The same in the screen's language, where title and standfirst alone are in it."""

    def fits(self, wanted: Asked, taxonomy: Taxonomy) -> bool:
        """Whether it is asked for, in the language of its text or in that of the screen."""
        if fits(self.traits, wanted, taxonomy):
            return True
        return self.short is not None and fits(self.short, wanted, taxonomy)


def search(
    words: str, request: HttpRequest, *, user: Viewer, language: str, wanted: Asked | None = None
) -> Found:
    """Pages with all the words. A page the user may not read changes nothing: no hit, no count."""
    words = words.replace("\x00", "").strip()[:LONGEST_QUERY]
    asked_for = words_of(words)
    if not asked_for:
        return Found(words)
    wanted = wanted or Asked(language=language)
    taxonomy = Taxonomy.load(language)
    rows = _rows(words, user, language)
    fitting = [row for row in rows if row.fits(wanted, taxonomy)]
    fitting.sort(key=lambda row: (-row.rank, row.kind.code, -row.pk))
    leaf = Paginator(fitting, A_LEAF).get_page(request.GET.get("page"))
    everywhere = facets(
        [(one, 1) for row in rows for one in (row.traits, row.short) if one is not None],
        wanted,
        taxonomy,
        language,
        kinds={kind.code: kind.label for kind in KINDS},
    )
    spoken = next(facet for facet in everywhere if facet.name == "in")
    return Found(
        words=words,
        hits=tuple(_hits(leaf.object_list, asked_for, request, language)),
        leaf=leaf,
        count=len(fitting),
        facets=tuple(everywhere) if rows else (),
        topics=_topics(asked_for, taxonomy, close=not rows),
        elsewhere=tuple(
            (one.value, one.label, one.count)
            for one in spoken.options
            if wanted.language and not one.chosen
        ),
        meant="" if rows else _meant(words, taxonomy, language),
    )


def _rows(words: str, user: Viewer, language: str) -> list[_Row]:
    """Hits of every kind, in one query; what the screen's language tells shortly is of it, too."""
    kinds = {kind.code: kind for kind in KINDS}
    first, *others = (_matching(kind, words, user) for kind in KINDS)
    found = list(first.union(*others, all=True))
    keys = [pk for _code, pk, _rank, own, *_rest in found if own != language]
    told = ShortTranslation.objects.filter(language=language, page__in=keys).alone()
    short = set(told.values_list("page", flat=True)) if keys else set()
    return [
        _Row(
            kinds[code],
            pk,
            rank,
            carried := Traits(own, tuple(countries), tuple(topics), code),
            replace(carried, language=language, is_short=True) if pk in short else None,
        )
        for code, pk, rank, own, countries, topics in found
    ]


def _matching(kind: Kind, words: str, user: Viewer) -> Any:
    readable = kind.model.objects.visible_to(user).filter(alias_of=None)
    best = readable.search(words).annotate_score("rank")[:MOST_OF_A_KIND].get_queryset()
    carried = {"kind": Value(kind.code), "places": kind.countries, "about": kind.topics}
    return best.annotate(**{f"its_{name}": value for name, value in carried.items()}).values_list(
        "its_kind", "pk", "rank", "locale__language_code", "its_places", "its_about"
    )


def _hits(rows: Any, words: frozenset[str], request: HttpRequest, language: str) -> list[Hit]:
    pages: dict[int, Any] = {}
    for kind in KINDS:
        chosen = [row.pk for row in rows if row.kind is kind]
        whole = kind.model.objects.select_related("locale")
        pages |= whole.annotate(told_shortly=cards.TOLD_SHORTLY).in_bulk(chosen)
    return [_hit(row, pages[row.pk], words, request, language) for row in rows if row.pk in pages]


def _hit(row: _Row, page: Any, words: frozenset[str], request: HttpRequest, language: str) -> Hit:
    told = cards.words_of(page, language)
    title, standfirst = marked(told["title"], words), marked(told["standfirst"], words)
    stands_there = any(is_word for _piece, is_word in (*title, *standfirst))
    quoted = row.kind.text and not stands_there and not told["text_in"]
    return Hit(
        kind=str(row.kind.label),
        title=told["title"],
        url=told["url"],
        marked_title=title,
        standfirst=standfirst,
        excerpt=around(_text(page, row.kind.text), words) if quoted else (),
        date=page.first_published_at if row.kind.text else None,
        countries=tuple(country_name(code, language) for code in row.traits.countries),
        foreign=cards.foreign_of(page, language),
        text_in=told["text_in"],
        members_only=not page.is_public,
    )


def _text(page: Any, name: str) -> str:
    field = page._meta.get_field(name)
    return " ".join(map(str, field.get_searchable_content(getattr(page, name))))


def _topics(words: frozenset[str], taxonomy: Taxonomy, *, close: bool) -> cards.Ways:
    """Topics with all the words in their titles; where nothing was found, with nearly one."""
    ways = []
    for code, title in taxonomy.titles.items():
        own = words_of(title)
        if words <= own or (close and any(_nearly(word, own) for word in words)):
            ways.append((title, cards.topic_url(code)))
    return tuple(ways[:MOST_TOPICS])


def _meant(words: str, taxonomy: Taxonomy, language: str) -> str:
    """Each word as the nearest country or topic spells it; empty where all stay as they are."""
    countries = (country_name(code, language) for code in settings.PACK.countries)
    known = frozenset().union(*map(words_of, chain(countries, taxonomy.titles.values())))
    typed = words.split()
    spelled = []
    for word in typed:
        folded = " ".join(sorted(words_of(word)))
        spelled.append(word if folded in known else _nearly(folded, known) or word)
    return " ".join(spelled) if spelled != typed else ""


def _nearly(word: str, known: frozenset[str]) -> str:
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=ALIKE)
    return close[0] if close and len(word) > 3 else ""
