"""What a pack holds. `Words` are texts by language code; English is always among them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from packs import demo_folder, demonstration
from packs.followup import FollowUp
from packs.training import Training
from packs.values import Words

Tier = Literal["network", "cohort", "protected"]


@dataclass(frozen=True)
class Region:
    """A group of countries, as the network counts them."""

    code: str
    names: Words
    countries: tuple[str, ...]
    """ISO 3166 codes of two letters."""


@dataclass(frozen=True)
class Topic:
    """A term of the expertise taxonomy; the code is never translated."""

    code: str
    names: Words
    parent: str | None = None


@dataclass(frozen=True)
class Choice:
    """One answer of a fixed list, such as a type of institution."""

    code: str
    names: Words


@dataclass(frozen=True)
class Role:
    """What someone does at work, and who may find such a person before he or she chooses."""

    code: str
    names: Words
    tier: Tier


@dataclass(frozen=True)
class NewsletterPlan:
    """A newsletter as set-up creates it; editors own it from then on."""

    slug: str
    kind: Literal["digest", "written"]
    names: Words
    plain_names: Words
    descriptions: Words
    from_email: str
    reply_to: str
    list_id: str
    timezone: str
    hour: int
    weekday: int
    """Monday is 0."""
    weekend: Literal["56", "45", "34", "4", "6"] = "56"
    """The days on which nobody is at work, a digit each: Monday is 0."""
    is_open: bool = True
    """Whether everyone may subscribe."""


@dataclass(frozen=True)
class Heading:
    """Title and first words of a list of pages."""

    titles: Words
    standfirsts: Words


@dataclass(frozen=True)
class Joined:
    """A shape of the world file that is drawn as part of a country."""

    shape: str
    country: str


@dataclass(frozen=True)
class MapPlan:
    """How the map treats what the world file draws otherwise than the network lists it."""

    joined: tuple[Joined, ...] = ()
    disputed: tuple[str, ...] = ()
    """Countries drawn with hatching, unless the editors choose otherwise."""


@dataclass(frozen=True)
class Part:
    """A heading and what stands beneath it."""

    titles: Words
    texts: Words


@dataclass(frozen=True)
class NoticePlan:
    """A notice as set-up creates it; editors own it from then on."""

    titles: Words
    standfirsts: Words
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Pages:
    """What stands beneath every home page: lists, and the two notices."""

    countries: Heading
    stories: Heading
    calls: Heading
    courses: Heading
    privacy: NoticePlan
    imprint: NoticePlan
    programmes: Heading
    resources: Heading


@dataclass(frozen=True)
class Notices:
    """What members read before they write to one another; empty: nothing."""

    not_for: Words = field(default_factory=dict)
    """What this site is no channel for, and where to go instead."""
    leave_out: Words = field(default_factory=dict)
    """What must not be written here."""

    def spoken(self, language: str) -> dict[str, str]:
        """Both in this language, else in English."""
        return {
            name: words.get(language) or words.get("en", "") for name, words in vars(self).items()
        }


@dataclass(frozen=True)
class Shorter:
    """A shorter period than docs/data-retention.yaml has."""

    model: str
    """`app.Model`"""
    days: int


@dataclass(frozen=True)
class Pack:
    """One centre's names, countries, topics, people and newsletters."""

    code: str
    folder: Path
    network_name: Words
    centre_name: Words
    tagline: Words
    disclaimer: Words
    postal_address: str
    contact: str
    clock: str
    """A zone of the IANA database."""
    languages: tuple[str, ...]
    """Those of the site; the first one is what visitors without a preference get."""
    regions: tuple[Region, ...]
    topics: tuple[Topic, ...]
    institution_types: tuple[Choice, ...]
    roles: tuple[Role, ...]
    newsletters: tuple[NewsletterPlan, ...]
    training: Training
    followup: FollowUp
    pages: Pages
    map: MapPlan = MapPlan()
    notices: Notices = field(default_factory=Notices)
    fact_kinds: tuple[Choice, ...] = ()
    """What a country's page can say of it, besides what editors write freely."""
    retention: tuple[Shorter, ...] = ()
    """Where this centre keeps data of people for a shorter time than the rule."""

    @property
    def countries(self) -> tuple[str, ...]:
        """The codes of all countries, region by region."""
        return tuple(code for region in self.regions for code in region.countries)

    def name_of(self, names: Words, language: str) -> str:
        """The words in this language, else in English."""
        return names.get(language) or names["en"]

    def region_of(self, country: str) -> Region | None:
        """The region that lists the country."""
        return next((region for region in self.regions if country in region.countries), None)

    def role(self, code: str) -> Role | None:
        """The role with this code."""
        return next((role for role in self.roles if role.code == code), None)

    @property
    def sample_roster(self) -> Path | None:
        """An invented list of people to try the import with; None without one."""
        return next(iter(sorted((self.folder / "demo").glob("roster*.csv"))), None)

    def demonstration(self, today: dt.date) -> demonstration.Demonstration | None:
        """The invented people and stories of `demo/`, counted back from today; None without it."""
        folder = self.folder / "demo"
        return demo_folder.read_demonstration(folder, today) if folder.is_dir() else None
