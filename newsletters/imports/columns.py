"""The columns of a table of readers and the headings people give them, in four languages."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from newsletters.spreadsheets.words import folded


class Column(Enum):
    """What a column holds."""

    ADDRESS = "address"
    LANGUAGES = "languages"
    NEWSLETTER = "newsletter"
    FREQUENCY = "frequency"
    INTERESTS = "interests"
    PROVENANCE = "provenance"
    AGREED_ON = "agreed on"


LABELS = {
    Column.ADDRESS: _("E-mail address"),
    Column.LANGUAGES: _("Languages"),
    Column.NEWSLETTER: _("Newsletter"),
    Column.FREQUENCY: _("How often"),
    Column.INTERESTS: _("Follows"),
    Column.PROVENANCE: _("Where and how they agreed"),
    Column.AGREED_ON: _("Agreed on"),
}
HEADINGS: dict[Column, str] = {
    Column.ADDRESS: (
        "address, email, e mail, mail, email address, e mail address, subscriber, courriel, "
        "adresse, adresse email, adresse e mail, adresse electronique, correio eletronico, "
        "endereco, endereco de email, البريد الإلكتروني, عنوان البريد الإلكتروني, البريد, العنوان"
    ),
    Column.LANGUAGES: (
        "language, languages, locale, langue, langues, lingua, linguas, idioma, idiomas, "
        "اللغة, اللغات"
    ),
    Column.NEWSLETTER: (
        "newsletter, newsletters, list, lists, mailing list, lettre, lettre d information, liste, "
        "boletim, boletim informativo, lista, النشرة, النشرة البريدية, القائمة"
    ),
    Column.FREQUENCY: (
        "frequency, how often, rhythm, frequence, rythme, frequencia, ritmo, periodicidade, "
        "التكرار, الوتيرة"
    ),
    Column.INTERESTS: (
        "interests, interest, follows, topics, topic, countries, tags, interets, "
        "centres d interet, themes, pays, interesses, temas, paises, الاهتمامات, "
        "الموضوعات, المواضيع"
    ),
    Column.PROVENANCE: (
        "provenance, source, origin, consent, proof, proof of consent, where, opt in, "
        "consentement, preuve, preuve du consentement, origine, consentimento, "
        "prova de consentimento, origem, المصدر, الموافقة, إثبات الموافقة"
    ),
    Column.AGREED_ON: (
        "date, agreed on, consent date, date of consent, consented on, subscribed, subscribed on, "
        "signup date, date du consentement, date d inscription, inscrit le, data, "
        "data do consentimento, data de inscricao, inscrito em, التاريخ, تاريخ الموافقة, "
        "تاريخ الاشتراك"
    ),
}
"""What offices and other mail programs write above their columns."""


@lru_cache(maxsize=1)
def _meanings() -> dict[str, Column]:
    found = {
        folded(heading): column
        for column, headings in HEADINGS.items()
        for heading in headings.split(",")
    }
    for language, _name in settings.LANGUAGES:
        with override(language):
            for column, label in LABELS.items():
                found.setdefault(folded(str(label)), column)
    return found


def column_of(heading: str) -> Column | None:
    """The column a heading means, None where nobody knows it."""
    return _meanings().get(folded(heading[:200]))


def columns_of(headings: Sequence[str]) -> list[Column | None]:
    """The column of each heading; of two that mean the same the first counts."""
    taken: list[Column | None] = []
    for column in map(column_of, headings):
        taken.append(None if column in taken else column)
    return taken
