"""How long data of people is kept: docs/data-retention.yaml, and what a pack shortens of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from packs.model import Pack
from packs.values import BrokenPack, read


@dataclass(frozen=True)
class Policy:
    """What becomes of the rows of one model that holds data of people."""

    what: str
    kept: str
    """In words, for whoever reads the file."""
    personal: tuple[str, ...]
    """The fields that say something of a person."""
    other: tuple[str, ...] = ()
    days: int | None = None
    """Days after `since`; without it nothing is done by the calendar."""
    since: str = ""
    where: dict[str, Any] = field(default_factory=dict)
    """Only rows like these."""
    rule: str = "delete"
    """What is done then: `delete`, or a rule of alumni/privacy/retention.py by name."""
    exported: bool = True
    """Whether a person's own export has these rows."""
    why_not: str = ""


@dataclass(frozen=True)
class Retention:
    """The whole file: policies by model (`app.Model`), and the models that hold nobody."""

    people: dict[str, Policy]
    nobody: dict[str, Any]


def load_retention(path: Path, pack: Pack) -> Retention:
    """The file with the pack's shorter periods in it; raises BrokenPack for a longer one."""
    found: Retention = read(path, Retention)
    people = dict(found.people)
    for label, policy in people.items():
        if (policy.days is None) != (policy.since == ""):
            raise BrokenPack(f"{path}: people.{label}: days and since come together.")
    for shorter in pack.retention:
        label, days = shorter.model, shorter.days
        place = f"{pack.folder}/retention.yaml: retention ({label})"
        allowed = people[label].days if label in people else None
        if allowed is None:
            raise BrokenPack(f"{place}: {path.name} has no period for it.")
        if not 0 < days <= allowed:
            raise BrokenPack(f"{place}: expected 1 to {allowed} days, found {days}.")
        people[label] = replace(people[label], days=days)
    return replace(found, people=people)
