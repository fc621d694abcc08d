"""What the invented people of a demonstration did after their course, and wrote to one another.

People are named by their address, runs and projects by their short name. Days count back from the
day of installation, or on from it where the name says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from packs.values import Words, read


@dataclass(frozen=True)
class Given:
    """One person's answer."""

    by: str
    first: str
    how: Literal["mail", "site", "call"]
    after_days: int
    """From the day the wave fell due; below 0: before anyone asked."""
    others: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Round:
    """What a course answered in one wave."""

    run: str
    wave: str
    given: tuple[Given, ...]


@dataclass(frozen=True)
class PlannedStep:
    """A step of an action plan."""

    text: str
    due_in_days: int
    is_done: bool = False


@dataclass(frozen=True)
class Plan:
    """What someone set out to do."""

    by: str
    run: str
    goal: str
    rating: int
    steps: tuple[PlannedStep, ...]
    blocker: str = ""


@dataclass(frozen=True)
class Told:
    """Something that is different at work, and who may read of it."""

    by: str
    run: str
    kind: str
    text: str
    days_ago: int
    use: Literal["nobody", "unnamed", "public"]
    where: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Target:
    """A figure that a project promised; whole numbers."""

    project: str
    titles: Words
    target: int
    value: int
    as_at_days_ago: int
    baseline: int | None = None
    units: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Paper:
    """A certificate."""

    by: str
    run: str
    number: str
    revoked_days_ago: int | None = None
    why: str = ""


@dataclass(frozen=True)
class Line:
    """One message."""

    by: str
    days_ago: int
    text: str


@dataclass(frozen=True)
class Exchange:
    """Two members who wrote to one another; the first message asks."""

    asker: str
    asked: str
    state: Literal["asked", "accepted"]
    messages: tuple[Line, ...]


@dataclass(frozen=True)
class Look:
    """A colleague who looked at a member's record or page."""

    of: str
    by: str
    what: Literal["record", "page"]
    days_ago: int
    detail: str = ""


@dataclass(frozen=True)
class Afterwards:
    """All of it."""

    answers: tuple[Round, ...]
    plans: tuple[Plan, ...]
    changes: tuple[Told, ...]
    indicators: tuple[Target, ...]
    certificates: tuple[Paper, ...]
    conversations: tuple[Exchange, ...]
    accesses: tuple[Look, ...]


def read_afterwards(folder: Path) -> Afterwards:
    """The files of that name; BrokenPack with the place of the first mistake."""
    return Afterwards(
        answers=read(folder / "answers.yaml", tuple[Round, ...]),
        plans=read(folder / "plans.yaml", tuple[Plan, ...]),
        changes=read(folder / "changes.yaml", tuple[Told, ...]),
        indicators=read(folder / "indicators.yaml", tuple[Target, ...]),
        certificates=read(folder / "certificates.yaml", tuple[Paper, ...]),
        conversations=read(folder / "conversations.yaml", tuple[Exchange, ...]),
        accesses=read(folder / "accesses.yaml", tuple[Look, ...]),
    )
