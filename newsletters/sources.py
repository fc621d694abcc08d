"""The two promises the engine is kept by: who may read (audience), what is new (content).

Settings name a module for each by dotted path. The engine knows no page, no profile and no
course: it knows these dataclasses and functions.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from django.conf import settings
from django.core import checks

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from newsletters.models import Subscriber

PUBLIC = "public"
EVERYTHING = "all"
"""The interest of a reader who follows everything; every entry carries it."""

PURPOSE = re.compile(r"[\w:-]{1,120}", re.ASCII)
"""What a personal link can be for, as its address holds it."""

LIVE, DRAFT, NOWHERE = "live", "draft", "nowhere"
"""What stands at an address of ours."""

MOST_ENTRIES = 62
"""Entries an issue can hold: a reader's selection is a bit mask in one signed 64-bit column."""


@dataclass(frozen=True)
class Text:
    """One language of an entry: full, or short (title and standfirst, the rest elsewhere)."""

    language: str
    title: str
    standfirst: str
    url: str
    """Absolute https address on our own host."""
    mailable_at: dt.datetime
    """When this language first went live; an edit never renews it."""
    kicker: str = ""
    """The quiet line above the title: country, or the kind of call."""
    note: str = ""
    """A line below: a deadline, "full text in English"."""
    acknowledgement: str = ""
    """What the project's agreement requires to stand beside the entry."""
    words_in: str = ""
    """The language of title and standfirst, where they stand in another one than the card."""


@dataclass(frozen=True)
class Picture:
    """A picture on our own host, with its size in CSS pixels and a text per language."""

    url: str
    width: int
    height: int
    alt: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """What the engine knows of a published page."""

    key: str
    kind: str
    """`story`, `update` or `resource`: decides the order in a mail; an update is told to none but
    those who follow it."""
    texts: tuple[Text, ...]
    interests: frozenset[str]
    """Whoever follows one of them is told. Of a call for some countries: these, no topic."""
    audience: str = PUBLIC
    """`public`, `members`, or one course run: passed to the audience source as it is."""
    deadline: dt.date | None = None
    picture: Picture | None = None

    def text_for(self, languages: Sequence[str]) -> Text | None:
        """The first of the reader's languages that exists, full before short, else None."""
        by_language = {text.language: text for text in self.texts}
        return next((by_language[code] for code in languages if code in by_language), None)

    @property
    def first_mailable_at(self) -> dt.datetime:
        """When the first language went live."""
        return min(text.mailable_at for text in self.texts)


@dataclass(frozen=True)
class PersonalLink:
    """A link that differs from reader to reader; the audience source knows where it leads."""

    label: str
    purpose: str
    """Handed to `personal_link` when it is followed; as `PURPOSE` allows."""


@dataclass(frozen=True)
class Words:
    """Paragraphs, headings, lists and links; cleaned again before they are sent."""

    html: str
    text: str
    """The same, written for reading as plain text."""


@dataclass(frozen=True)
class Button:
    """One thing to do, at an address that is the same for everybody."""

    label: str
    url: str


@dataclass(frozen=True)
class Figure:
    """A picture across the column, with the words beneath it."""

    picture: Picture
    caption: str = ""


@dataclass(frozen=True)
class Divider:
    """A line between what goes before and what follows."""


Part = Words | Entry | Button | Figure | Divider
"""A piece of a written mailing; an entry, in its first text, stands as the card of a digest."""


@dataclass(frozen=True)
class Written:
    """What editors wrote for an issue, in one language: as words, or as parts in their order."""

    language: str
    subject: str
    preheader: str
    html: str = ""
    """Paragraphs, headings, lists and links; cleaned again before it is sent."""
    text: str = ""
    """The same, written for reading as plain text."""
    links: tuple[PersonalLink, ...] = ()
    """Buttons below the words, each to a page of the reader's own."""
    holds: tuple[str, ...] = ()
    """`<entry key>@<language>` of what it tells of: when one is taken down, the issue stops."""
    parts: tuple[Part, ...] = ()
    """In the place of `html`, `text` and `links`."""

    @property
    def said(self) -> tuple[str, ...]:
        """Every line of an editor's own words; not those of the entries it tells of."""
        lines = [self.subject, self.preheader, *self.text.splitlines()]
        for part in self.parts:
            if isinstance(part, Words):
                lines += part.text.splitlines()
            elif isinstance(part, Button):
                lines += [part.label, part.url]
            elif isinstance(part, Figure):
                lines.append(part.caption)
        return tuple(lines)


@dataclass(frozen=True)
class Interest:
    """Something a reader can follow, with its label in the language asked for."""

    code: str
    label: str
    group: str


@dataclass(frozen=True)
class Section:
    """Rows of one model that speak of a person."""

    label: str
    """`app.Model`, as in docs/data-retention.yaml."""
    title: str
    rows: tuple[dict[str, Any], ...]
    shown: tuple[tuple[tuple[str, str], ...], ...]
    """The same rows as (name, value) in words."""


@dataclass(frozen=True)
class Elsewhere:
    """What is kept about a reader outside the engine."""

    page: str = ""
    """Where the reader, signed in, has all of it, newsletters included; empty without account."""
    sections: tuple[Section, ...] = ()
    """What is kept of whoever is reached at the reader's address and has no account."""
    looks: tuple[Section, ...] = ()
    """Who of the staff looked at what of the reader."""


class Content(Protocol):
    """What the content source promises."""

    def entries(
        self, since: dt.datetime, until: dt.datetime, *, at: dt.datetime | None = None
    ) -> list[Entry]:
        """Entries with a text that became mailable in (since, until], newest first, at most 62.

        With the texts that are there at a moment, by default `until`.
        """

    def closing(self, now: dt.datetime, until: dt.date) -> list[Entry]:
        """Calls open at `now` that close on or before that day, with what of them is live."""

    def written(self, reference: str) -> list[Written]:
        """What was written under this reference, one for each language that is complete."""

    def interests(self, language: str) -> list[Interest]:
        """Everything that can be followed, in the order in which to show it."""

    def standing(self, path: str) -> str:
        """Whether a path of our site is LIVE, a page's DRAFT, or NOWHERE; by looking, not asking.

        LIVE is whatever may be opened by somebody, and what cannot be told.
        """


class Audience(Protocol):
    """What the audience source promises."""

    def narrow(
        self, readers: QuerySet[Subscriber], criteria: dict[str, Any]
    ) -> QuerySet[Subscriber]:
        """The readers who meet the criteria; a queryset, so that freezing stays one statement.

        `{"step": …, "anchor": …}` are those of whom a step that fell due still wants something,
        whichever day it is: nobody who has answered since.
        """

    def due(self, step: dict[str, Any], day: dt.date) -> QuerySet[Any]:
        """Rows of (subscriber_id, anchor_key) for whom a step of a follow-up plan falls on a day.

        Whoever has answered is left out.
        """

    def personal_link(self, subscriber_id: int, purpose: str) -> str | None:
        """The reader's own page for a purpose, as an address of ours; None where there is none."""

    def elsewhere(self, reader: Subscriber) -> Elsewhere:
        """What else is kept about the owner of this mailbox, who has just proved it."""

    def forget(self, reader: Subscriber, language: str) -> None:
        """Erase it with the reader: inside the transaction, before the reader goes."""

    def looked(self, readers: QuerySet[Subscriber], *, how: str, detail: str, by: Any) -> None:
        """Write down that a colleague looked at a reader (`reader`) or took a list out (`list`)."""


def content() -> Content:
    """The module named by RABITA_CONTENT_SOURCE."""
    return cast(Content, import_module(settings.RABITA_CONTENT_SOURCE))


def audience() -> Audience:
    """The module named by RABITA_AUDIENCE_SOURCE."""
    return cast(Audience, import_module(settings.RABITA_AUDIENCE_SOURCE))


def check_sources(app_configs: object, **kwargs: object) -> list[checks.CheckMessage]:
    """System check: both sources can be imported and have every promised function."""
    found: list[checks.CheckMessage] = []
    for setting, promise in (
        ("RABITA_CONTENT_SOURCE", Content),
        ("RABITA_AUDIENCE_SOURCE", Audience),
    ):
        path = getattr(settings, setting, "")
        try:
            module = import_module(path)
        except (ImportError, ValueError) as error:
            found.append(checks.Error(f"{setting} = {path!r} cannot be imported: {error}."))
            continue
        found.extend(
            checks.Error(f"{path} keeps no promise {name!r} (see newsletters/sources.py).")
            for name in vars(promise)
            if not name.startswith("_") and not callable(getattr(module, name, None))
        )
    return found
