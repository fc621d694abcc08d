"""The pack's vocabularies as choices, named in the language of the moment.

Passed to model fields as callables: no migration holds a country, a role or a topic.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

from babel import Locale
from django.conf import settings
from django.utils.translation import get_language, pgettext

Choices = list[tuple[str, str]]


def language_now() -> str:
    """The language of the request, the reader or the command, as our settings write it."""
    return get_language() or settings.LANGUAGE_CODE


def countries() -> Choices:
    """The pack's countries, sorted by their name in the language of the moment."""
    return sorted(
        ((code, country_name(code)) for code in settings.PACK.countries),
        key=lambda choice: sort_key(choice[1]),
    )


def country_name(code: str, language: str = "") -> str:
    """A country's name by CLDR; the code itself where CLDR knows none."""
    return str(_cldr(language or language_now()).territories.get(code) or code)


def region_name(country: str, language: str = "") -> str:
    """The name of the pack's region that a country belongs to, else an empty text."""
    pack = settings.PACK
    for region in pack.regions:
        if country in region.countries:
            return str(pack.name_of(region.names, language or language_now()))
    return ""


def roles() -> Choices:
    """What people of this network do, in the pack's order."""
    return _named(settings.PACK.roles)


def institution_types() -> Choices:
    """Kinds of institution, in the pack's order."""
    return _named(settings.PACK.institution_types)


def waves() -> Choices:
    """The moments at which everyone of a course is asked, in their order."""
    return _named(settings.PACK.followup.waves)


def change_kinds() -> Choices:
    """What a change at work can be, in the pack's order."""
    return _named(settings.PACK.followup.change_kinds)


def topics() -> Choices:
    """The terms of expertise, in the pack's order."""
    return _named(settings.PACK.topics)


def topics_in_groups() -> list[tuple[str, str | Choices]]:
    """The terms of expertise, each under the one it belongs to, as form choices."""
    names, terms = dict(topics()), settings.PACK.topics
    groups: list[tuple[str, str | Choices]] = []
    for top in (term for term in terms if not term.parent):
        below = [(term.code, names[term.code]) for term in terms if term.parent == top.code]
        groups.append((names[top.code], below) if below else (top.code, names[top.code]))
    return groups


def spoken_languages() -> Choices:
    """Languages a person can name: the network's own first, then all with a two-letter code."""
    names = {str(code): str(name) for code, name in _cldr(language_now()).languages.items()}
    own = list(settings.PACK.languages)
    others = (code for code in names if len(code) == 2 and code not in own)
    return [(code, names.get(code, code)) for code in own] + sorted(
        ((code, names[code]) for code in others), key=lambda choice: sort_key(choice[1])
    )


def language_names(codes: Iterable[str]) -> list[str]:
    """Names of languages in the language of the moment, in the order given."""
    names = _cldr(language_now()).languages
    return [str(names.get(code, code)) for code in codes]


def sort_key(name: str) -> str:
    """Sorts accents beside their letter; the database's own order is that of bytes."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


class Term(Protocol):
    """Something of the pack with a code and a name in each language."""

    @property
    def code(self) -> str: ...

    @property
    def names(self) -> dict[str, str]: ...


def _named(terms: Iterable[Term]) -> Choices:
    pack, language = settings.PACK, language_now()
    return [(term.code, pack.name_of(term.names, language)) for term in terms]


@lru_cache(maxsize=16)
def _cldr(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))


def listed(words: Iterable[object]) -> str:
    """One after the other, with the comma of the moment's language: Arabic has its own."""
    return pgettext("between the words of a list", ", ").join(map(str, words))
