"""A person as one row of a roster has him or her, and what there is to say about the row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from alumni.models import Enrolment
from alumni.roster.columns import Column
from newsletters.spreadsheets.words import folded


class Problem(Enum):
    """What keeps a row out."""

    NAME = "name"
    ADDRESS = "address"
    DATE = "date"
    COUNTRY = "country"
    FORMULA = "formula"
    CHOICE = "choice"
    LENGTH = "length"
    MERGE = "merge"
    SURPLUS = "surplus"
    DOUBT = "doubt"


@dataclass(frozen=True)
class Entrant:
    """A person as one row has him or her, all values in the shape the models keep."""

    given_name: str = ""
    family_name: str = ""
    address: str = ""
    phone: str = ""
    gender: str = ""
    country: str = ""
    role: str = ""
    institution: str = ""
    institution_type: str = ""
    post: str = ""
    languages: tuple[str, ...] = ()
    part: str = Enrolment.Role.PARTICIPANT
    completion: str = Enrolment.Completion.COMPLETED
    completed_on: dt.date | None = None

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}".strip()

    @cached_property
    def name_key(self) -> str:
        """The same for every spelling and order of the same name."""
        return name_key(self.name)


@dataclass
class Reading:
    """What one row says, with everything a person should know about it."""

    row: int
    typed_address: str = ""
    entrant: Entrant = field(default_factory=Entrant)
    problems: list[tuple[Problem, str]] = field(default_factory=list)
    asked: list[Column] = field(default_factory=list)
    """The columns in which something is to be mended."""
    notes: list[str] = field(default_factory=list)

    def problem(self, kind: Problem, column: Column | None, text: str) -> None:
        """Keep the row out until this is mended, in that column where it is in one."""
        self.problems.append((kind, text))
        if column is not None and column not in self.asked:
            self.asked.append(column)


def name_key(name: str) -> str:
    """The same for every spelling and order of the same name."""
    return " ".join(sorted(folded(name).split()))
