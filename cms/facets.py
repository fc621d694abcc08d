"""How a list can be narrowed, and how many pages each way would leave.

In: what pages carry (countries, topics, language, kind), as groups with their numbers, and what was
asked for. Out: facets for a plain form. A facet counts what the other facets leave, so that each
number is what choosing it would show. Whoever calls has left out what the reader may not see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from alumni.vocabulary import country_name, sort_key
from cms import places
from cms.generations import kept_around
from cms.models import ShortTranslation, Topic

NAMES = ("kind", "country", "topic", "language")
ALL = "all"
"""What the address says for every language."""
GONE = "-"
"""Stands for every topic that there is not."""


@dataclass(frozen=True)
class Asked:
    """What a reader asked for; an empty text is everything."""

    kind: str = ""
    country: str = ""
    topic: str = ""
    language: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything besides the language was asked for."""
        return bool(self.kind or self.country or self.topic)

    def without(self, name: str) -> Asked:
        """The same, with everything of one facet."""
        return replace(self, **{name: ""})


@dataclass(frozen=True)
class Traits:
    """What one page, or several alike, can be found by."""

    language: str
    countries: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    kind: str = ""
    is_short: bool = False
    """In this language it has title and standfirst alone; it is counted with its text, too."""


@dataclass(frozen=True)
class Option:
    """One way to narrow a list."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """A question of the form: its name in the address, its label, and what can be answered."""

    name: str
    label: str
    value_of_everything: str
    options: tuple[Option, ...]
    count: int
    """How many there are without this question."""

    @property
    def counts_some_twice(self) -> bool:
        """Whether a text told in two languages counts in both, and once in all together."""
        return self.name == "in" and sum(one.count for one in self.options) > self.count


@dataclass(frozen=True)
class Taxonomy:
    """The titles of topics in the taxonomy's order, and the wider topic of each; two queries."""

    titles: dict[str, str]
    parents: dict[str, str]

    @classmethod
    def load(cls, language: str) -> Taxonomy:
        """In the language, else in English."""
        return kept_around(("taxonomy", language), lambda: cls._read(language))

    @classmethod
    def _read(cls, language: str) -> Taxonomy:
        titles = Topic.objects.titles(language)
        return cls(titles, dict(Topic.objects.values_list("code", "parent")) if titles else {})

    def widened(self, codes: Iterable[str]) -> set[str]:
        """The codes and the wider topics they are part of."""
        known = {code for code in codes if code in self.titles}
        return known | {self.parents[code] for code in known if self.parents[code] in self.titles}


def asked(request: HttpRequest, language: str, *, kinds: Iterable[str] = ()) -> Asked:
    """What the address asks for, in known codes alone (lists are kept by it): what nobody knows is
    taken for nothing, a topic that is none (any more) for one without pages. In no other language
    than the page's, unless the address says so (`in`)."""
    given = request.GET
    spoken = given.get("in", language)
    known = {code for code, _name in settings.LANGUAGES}
    country, topic = given.get("country", ""), given.get("topic", "")
    if not topic.replace("-", "").replace("_", "").isalnum():
        topic = ""
    elif topic not in Taxonomy.load(language).titles:
        topic = GONE
    return Asked(
        kind=given.get("kind", "") if given.get("kind", "") in set(kinds) else "",
        country=country if country in settings.PACK.countries else "",
        topic=topic,
        language="" if spoken == ALL else spoken if spoken in known else language,
    )


def query(wanted: Asked, language: str, **more: str) -> str:
    """What the address of a list needs so that it shows the same; empty for all of the page's."""
    spoken = {} if wanted.language == language else {"in": wanted.language or ALL}
    kept = {name: getattr(wanted, name) for name in ("kind", "country", "topic")} | spoken
    return urlencode({name: value for name, value in (more | kept).items() if value})


def fits(traits: Traits, wanted: Asked, taxonomy: Taxonomy) -> bool:
    """Whether a page with these traits is among what was asked for."""
    carried = _carried(traits, taxonomy)
    return all(value in carried[name] for name, value in _answers(wanted).items())


def narrowed(pages: Any, wanted: Asked) -> Any:
    """Stories among the pages that fit."""
    if wanted.language:
        pages = pages.told_in(wanted.language)
    if wanted.country:
        pages = pages.filter(countries__contains=[wanted.country])
    if wanted.topic:
        family = Topic.objects.with_narrower(wanted.topic)
        pages = pages.filter(topics__overlap=family) if family else pages.none()
    return pages


def groups(pages: Any) -> list[tuple[Traits, int]]:
    """Stories by what they carry, and how many carry just that; two queries."""
    whole = pages.order_by().values_list("locale__language_code", "countries", "topics")
    short = (
        ShortTranslation.objects.filter(page__in=pages.order_by().values("pk"))
        .alone()
        .values_list("language", "page__storypage__countries", "page__storypage__topics")
    )
    return [
        (Traits(language, tuple(countries), tuple(topics), is_short=is_short), number)
        for is_short, alike in ((False, whole), (True, short))
        for language, countries, topics, number in alike.annotate(number=Count("pk"))
    ]


def facets(
    alike: Iterable[tuple[Traits, int]],
    wanted: Asked,
    taxonomy: Taxonomy,
    language: str,
    *,
    kinds: Mapping[str, str] | None = None,
) -> list[Facet]:
    """One for the kind (if kinds are given, code → label), the country, the topic, the language."""
    carried = [(_carried(traits, taxonomy), number, traits.is_short) for traits, number in alike]
    left = {name: _left(carried, wanted.without(name), name) for name in NAMES}
    made = [
        _facet("country", _("Country"), left, wanted, _by_country(language)),
        _facet("topic", _("Topic"), left, wanted, _by_topic(taxonomy)),
        _facet("language", _("Language"), left, wanted, _by_language(language)),
    ]
    if kinds is not None:
        kind = _facet("kind", _("Kind"), left, wanted, lambda codes: _known(codes, kinds))
        made.insert(0, kind)
    return made


def _answers(wanted: Asked) -> dict[str, str]:
    return {name: getattr(wanted, name) for name in NAMES if getattr(wanted, name)}


def _carried(traits: Traits, taxonomy: Taxonomy) -> dict[str, set[str]]:
    return {
        "kind": {traits.kind},
        "country": set(traits.countries),
        "topic": taxonomy.widened(traits.topics),
        "language": {traits.language},
    }


def _left(
    carried: list[tuple[dict[str, set[str]], int, bool]], others: Asked, name: str
) -> tuple[Counter[str], int]:
    counts: Counter[str] = Counter()
    together = 0
    for one, number, is_short in carried:
        if all(value in one[other] for other, value in _answers(others).items()):
            # In all languages together a text counts once.
            once = number if others.language or not is_short else 0
            together += once
            for value in one[name]:
                counts[value] += number if name == "language" else once
    return counts, together


def _facet(
    name: str,
    label: str,
    left: dict[str, tuple[Counter[str], int]],
    wanted: Asked,
    named: Callable[[set[str]], list[tuple[str, str]]],
) -> Facet:
    counts, together = left[name]
    chosen = getattr(wanted, name)
    codes = {code for code in counts if code} | ({chosen} - {""})
    return Facet(
        name="in" if name == "language" else name,
        label=label,
        value_of_everything=ALL if name == "language" else "",
        options=tuple(
            Option(code, title, counts[code], code == chosen) for code, title in named(codes)
        ),
        count=together,
    )


def _known(codes: set[str], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, str(label)) for code, label in labels.items() if code in codes]


def _by_country(language: str) -> Callable[[set[str]], list[tuple[str, str]]]:
    def named(codes: set[str]) -> list[tuple[str, str]]:
        names = ((code, country_name(code, language)) for code in codes)
        return sorted(names, key=lambda country: sort_key(country[1]))

    return named


def _by_topic(taxonomy: Taxonomy) -> Callable[[set[str]], list[tuple[str, str]]]:
    return lambda codes: _known(codes, taxonomy.titles)


def _by_language(language: str) -> Callable[[set[str]], list[tuple[str, str]]]:
    return lambda codes: [
        (code, places.language_name(code, language))
        for code, _name in settings.LANGUAGES
        if code in codes
    ]
