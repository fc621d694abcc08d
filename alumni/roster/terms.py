"""What cells can name, in every language of the offices, and the code each name stands for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from babel import Locale
from django.conf import settings
from django.utils.translation import override

from alumni import vocabulary
from alumni.models import Enrolment, Profile
from alumni.roster.columns import LABELS, Column
from alumni.vocabulary import Choices, Term
from newsletters.spreadsheets.words import folded

Codes = dict[str, str]

NAMED_IN = ("en", "fr", "ar", "pt", "es", "sw")
GENDERS = {
    "f": "f, female, woman, w, femme, feminin, feminino, mulher, امرأة, أنثى, سيدة",
    "m": "m, male, man, homme, masculin, masculino, homem, h, رجل, ذكر",
    "x": "x, other, autre, outro, آخر",
}


def offered() -> list[tuple[Any, Choices]]:
    """What cells of which column may say, in the language of the moment: (code, word) each.

    More is understood: every language of the site, and every language of the world by its name.
    """
    genders = [(str(code), str(label)) for code, label in Profile.Gender.choices if code]
    countries, languages = vocabulary.countries(), vocabulary.spoken_languages()
    own = len(settings.PACK.languages)
    return [
        (LABELS[Column.ROLE], vocabulary.roles()),
        (LABELS[Column.INSTITUTION_TYPE], vocabulary.institution_types()),
        (LABELS[Column.LANGUAGES], languages[:own]),
        (LABELS[Column.GENDER], genders),
        (LABELS[Column.PART], _labelled(Enrolment.Role)),
        (LABELS[Column.COMPLETION], _labelled(Enrolment.Completion)),
        (LABELS[Column.COUNTRY], countries),
    ]


class Terms:
    """All terms at once: made once a file, asked for every row."""

    def __init__(self) -> None:
        pack = settings.PACK
        self.roles = _of_pack(pack.roles)
        self.institution_types = _of_pack(pack.institution_types)
        self.genders = {
            folded(word): code for code, words in GENDERS.items() for word in words.split(",")
        }
        self.parts = _of_choices(Enrolment.Role)
        self.completions = _of_choices(Enrolment.Completion)
        self.languages: Codes = {}
        self.countries: Codes = {}
        for locale in map(Locale.parse, NAMED_IN):
            _add(self.languages, locale.languages.items())
            _add(self.countries, locale.territories.items())
        here = set(pack.countries)
        self.countries = {name: code for name, code in self.countries.items() if code in here}


def _of_pack(terms: Iterable[Term]) -> Codes:
    found: Codes = {}
    for term in terms:
        for name in (term.code, *term.names.values()):
            found.setdefault(folded(name), term.code)
    return found


def _of_choices(choices: type[Enrolment.Role] | type[Enrolment.Completion]) -> Codes:
    found: Codes = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            for choice in choices:
                found.setdefault(folded(str(choice.label)), choice.value)
                found.setdefault(folded(choice.value), choice.value)
    return found


def _labelled(choices: type[Enrolment.Role] | type[Enrolment.Completion]) -> Choices:
    return [(str(choice.value), str(choice.label)) for choice in choices]


def _add(found: Codes, items: Iterable[tuple[str, str]]) -> None:
    for code, name in items:
        if len(code) == 2 and code.isalpha():
            found.setdefault(folded(str(name)), code)
            found.setdefault(folded(code), code)
