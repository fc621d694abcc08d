"""In: the cells of one row. Out: what it says of a reader, or what is to be mended.

Nothing is guessed: a word that nobody knows keeps its row out, with a sentence that says so.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language_info, gettext, override

from newsletters import sources
from newsletters.addresses import normalise
from newsletters.imports.columns import LABELS, Column
from newsletters.models import Frequency, Newsletter
from newsletters.sources import EVERYTHING
from newsletters.spreadsheets.dates import day_of
from newsletters.spreadsheets.signs import clean, is_formula
from newsletters.spreadsheets.words import folded

PARTED = re.compile(r"[,;/|·،؛\n]")
LONGEST_WORDS = 500


@dataclass
class Said:
    """What a row says; with problems, as far as it could be read."""

    address: str = ""
    languages: list[str] = field(default_factory=list)
    newsletter: int | None = None
    frequency: str = Frequency.WEEKLY
    interests: list[str] = field(default_factory=lambda: [EVERYTHING])
    provenance: str = ""
    agreed_at: dt.datetime | None = None
    problems: list[str] = field(default_factory=list)


class Vocabulary:
    """What words mean here, in every language of the site; made once for a table."""

    def __init__(self, *, newsletter: Newsletter, language: str) -> None:
        self.newsletter, self.language = newsletter.pk, language
        self.newsletters: dict[str, int] = {}
        for one in Newsletter.objects.prefetch_related("wordings"):
            names = [one.slug, *(wording.name for wording in one.wordings.all())]
            self.newsletters |= {folded(name): one.pk for name in names}
        self.languages: dict[str, str] = {}
        self.frequencies: dict[str, str] = {}
        self.interests = {folded(EVERYTHING): EVERYTHING}
        for code, name in settings.LANGUAGES:
            with override(code):
                self._learn(code, str(name))

    def _learn(self, code: str, name: str) -> None:
        for other, _name in settings.LANGUAGES:
            info = get_language_info(other)
            words = (other, info["name"], info["name_local"], str(info["name_translated"]))
            self.languages |= {folded(word): other for word in words}
        self.languages[folded(name)] = code
        for value, label in Frequency.choices:
            self.frequencies |= {folded(value): value, folded(str(label)): value}
        self.interests[folded(gettext("everything"))] = EVERYTHING
        for one in sources.content().interests(code):
            self.interests |= {folded(one.code): one.code, folded(one.label): one.code}


def read(cells: Mapping[Column, str], words: Vocabulary, *, now: dt.datetime) -> Said:
    """The row in our words."""
    said = Said()
    texts = {column: clean(cell) for column, cell in cells.items()}
    for column, text in texts.items():
        if is_formula(cells[column], text):
            message = gettext("has a formula under “%(column)s”. Write its value.")
            said.problems.append(message % {"column": LABELS[column]})
    _address(texts.get(Column.ADDRESS, ""), said)
    _newsletter(texts.get(Column.NEWSLETTER, ""), words, said)
    said.languages = _each(texts, cells, Column.LANGUAGES, words.languages, said)
    said.languages = said.languages or [words.language]
    said.interests = _each(texts, cells, Column.INTERESTS, words.interests, said) or [EVERYTHING]
    if EVERYTHING in said.interests:
        said.interests = [EVERYTHING]
    if text := texts.get(Column.FREQUENCY, ""):
        said.frequency = words.frequencies.get(folded(text), "")
        if not said.frequency:
            said.problems.append(_unknown(Column.FREQUENCY, text))
    said.provenance = texts.get(Column.PROVENANCE, "")
    if len(said.provenance) > LONGEST_WORDS:
        message = gettext("has more than %(most)d characters under “%(column)s”. Shorten it.")
        label = LABELS[Column.PROVENANCE]
        said.problems.append(message % {"most": LONGEST_WORDS, "column": label})
    _agreed(texts.get(Column.AGREED_ON, ""), now, said)
    return said


def _address(text: str, said: Said) -> None:
    try:
        said.address = normalise(text)
    except ValidationError:
        if text:
            message = gettext("has no e-mail address, but “%(text)s”. Correct it.")
            said.problems.append(message % {"text": text[:60]})
        else:
            said.problems.append(gettext("has no e-mail address. Fill it in."))


def _newsletter(text: str, words: Vocabulary, said: Said) -> None:
    said.newsletter = words.newsletters.get(folded(text)) if text else words.newsletter
    if said.newsletter is None:
        said.problems.append(_unknown(Column.NEWSLETTER, text))


def _each(
    texts: Mapping[Column, str],
    cells: Mapping[Column, str],
    column: Column,
    known: Mapping[str, str],
    said: Said,
) -> list[str]:
    """The values of a cell that holds several; the whole cell may be one with a comma in it."""
    if not texts.get(column):
        return []
    if whole := known.get(folded(texts[column])):
        return [whole]
    found = []
    for word in filter(None, map(clean, PARTED.split(cells[column]))):
        if folded(word) in known:
            found.append(known[folded(word)])
        else:
            said.problems.append(_unknown(column, word))
    return list(dict.fromkeys(found))


def _agreed(text: str, now: dt.datetime, said: Said) -> None:
    if not text:
        return
    day, _is_serial = day_of(text)
    if day is None:
        message = gettext("has no day under “%(column)s”, but “%(text)s”. Write it as 2026-03-31.")
        said.problems.append(message % {"column": LABELS[Column.AGREED_ON], "text": text[:60]})
        return
    moment = timezone.make_aware(dt.datetime.combine(day, dt.time()))
    if moment > now:
        message = gettext("has a day that is still to come under “%(column)s”. Correct it.")
        said.problems.append(message % {"column": LABELS[Column.AGREED_ON]})
        return
    said.agreed_at = moment


def _unknown(column: Column, text: str) -> str:
    message = gettext("says “%(text)s” under “%(column)s”, which nobody here knows. Correct it.")
    return message % {"text": text[:60], "column": LABELS[column]}
