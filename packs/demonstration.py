"""The invented people, stories and calls with which a pack shows what the site is like.

Days are counted back from the day of installation, so that there is always something new, something
due and something closing soon.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from packs.afterwards import Afterwards
from packs.letters import Letters
from packs.training import Training
from packs.values import Words

ReaderState = Literal["confirmed", "pending", "paused", "left", "bounced"]


@dataclass(frozen=True)
class PageText:
    """A page in one language. A part of `body` is a paragraph, or one block by its name."""

    title: str
    standfirst: str
    body: tuple[Any, ...]
    byline: str = ""
    alt: str = ""
    """What the picture shows, for those who do not see it."""
    caption: str = ""


@dataclass(frozen=True)
class ShortText:
    """Title and standfirst in a language without the full text."""

    title: str
    standfirst: str


@dataclass(frozen=True)
class StoryPlan:
    """A story in all its languages."""

    days_ago: int
    countries: tuple[str, ...]
    topics: tuple[str, ...]
    texts: dict[str, PageText]
    """By language; the one it was told in comes first."""
    picture: str = ""
    """Drawn; a draft may lack it."""
    run: str | None = None
    audience: str = "public"
    short: dict[str, ShortText] = field(default_factory=dict)
    author: str = ""
    """The address of the member who tells it; then no text has a byline of its own."""
    signed_by: Literal["name", "initials", "role"] = "name"
    """How the author agreed to be named."""


@dataclass(frozen=True)
class UpdatePlan:
    """A call, course or webinar in all its languages."""

    days_ago: int
    kind: str
    closes_in_days: int | None
    """None: it stays open."""
    countries: tuple[str, ...]
    topics: tuple[str, ...]
    texts: dict[str, PageText]
    audience: str = "public"
    short: dict[str, ShortText] = field(default_factory=dict)


@dataclass(frozen=True)
class DocumentPlan:
    """A file of a resource: printed as a title with paragraphs beneath."""

    name: str
    """Of the file, without its ending."""
    language: str
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class ResourcePlan:
    """A publication, tool or training material in all its languages."""

    days_ago: int
    kind: str
    topics: tuple[str, ...]
    texts: dict[str, PageText]
    documents: tuple[DocumentPlan, ...]
    countries: tuple[str, ...] = ()
    run: str | None = None
    project: str | None = None
    audience: str = "public"
    short: dict[str, ShortText] = field(default_factory=dict)


@dataclass(frozen=True)
class CountryPlan:
    """A country that has a page from the start."""

    country: str
    standfirst: Words


@dataclass(frozen=True)
class FactPlan:
    """An invented fact of a country."""

    country: str
    kind: str
    value: Words
    source: str
    verified_days_ago: int
    label: Words = field(default_factory=dict)


@dataclass(frozen=True)
class EarlierPost:
    """Where someone worked before."""

    institution: str
    institution_type: str
    post: str
    from_days_ago: int
    until_days_ago: int


@dataclass(frozen=True)
class Person:
    """An invented alumnus."""

    address: str
    given_name: str
    family_name: str
    gender: str
    country: str
    role: str
    institution_type: str
    institution: str
    post: str
    languages: tuple[str, ...]
    expertise: tuple[str, ...]
    run: str
    also: tuple[str, ...] = ()
    """Further runs the same person took part in."""
    completion: str = "completed"
    phone: str = ""
    joined_days_ago: int | None = None
    """None: stands on a roster, has not joined."""
    invited_days_ago: int | None = None
    bounced: bool = False
    """The invitation came back."""
    tier: str = ""
    """Empty: has not chosen who may find him or her."""
    shows_initials: bool = False
    shares_institution: bool = False
    asked: bool = False
    """Agreed to be asked about the course, at a mailbox that said yes."""
    sign_in: bool = False
    biography: str = ""
    contact: str = "nobody"
    earlier: tuple[EarlierPost, ...] = ()


@dataclass(frozen=True)
class Reader:
    """A subscription of one kind."""

    address: str
    languages: tuple[str, ...]
    interests: tuple[str, ...]
    frequency: str
    state: ReaderState = "confirmed"
    person: bool = False
    """The reader is the person with the same address."""
    discreet: bool = False


@dataclass(frozen=True)
class Colleague:
    """Someone who works on the editing side."""

    address: str
    given_name: str
    family_name: str
    groups: tuple[str, ...] = ()
    administrator: bool = False


@dataclass(frozen=True)
class Demonstration:
    """All of a pack's `demo/`."""

    training: Training
    countries: tuple[CountryPlan, ...]
    facts: tuple[FactPlan, ...]
    stories: dict[str, StoryPlan]
    """By the short name that stands in the address; it is the file's name."""
    updates: dict[str, UpdatePlan]
    resources: dict[str, ResourcePlan]
    people: tuple[Person, ...]
    readers: tuple[Reader, ...]
    staff: tuple[Colleague, ...]
    afterwards: Afterwards
    letters: Letters | None = None
    drafts: dict[str, StoryPlan] = field(default_factory=dict)
    """Stories that somebody has written and nobody has published."""
    ready: dict[str, StoryPlan] = field(default_factory=dict)
    """Stories whose texts are copied into the form by whoever tries the site."""
