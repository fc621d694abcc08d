"""The mailings that the demonstration's editors have written by hand, and who receives them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from packs.values import Words, read


@dataclass(frozen=True)
class LetterNewsletter:
    """The newsletter under which they go out, in the keys of a pack's own ones."""

    slug: str
    names: Words
    plain_names: Words
    descriptions: Words
    from_email: str
    reply_to: str
    list_id: str
    timezone: str
    hour: int = 9
    weekday: int = 0
    weekend: Literal["56", "45", "34", "4", "6"] = "56"
    kind: Literal["written"] = "written"
    is_open: bool = False


@dataclass(frozen=True)
class LetterReader:
    """Somebody who has asked for these letters."""

    address: str
    languages: tuple[str, ...]


@dataclass(frozen=True)
class LetterText:
    """A mailing in one language, or as much of it as is written.

    A part of `body` is a paragraph, or one of {heading: words}, {story: name}, {call: name},
    {newest: number}, {divider: true}.
    """

    subject: str
    preheader: str = ""
    body: tuple[Any, ...] = ()


@dataclass(frozen=True)
class LetterPlan:
    """One mailing, sent some days ago or still being written."""

    title: str
    texts: dict[str, LetterText]
    sent_days_ago: int | None = None


@dataclass(frozen=True)
class Letters:
    """A newsletter that is written, with its readers and mailings."""

    newsletter: LetterNewsletter
    readers: tuple[LetterReader, ...]
    """Those with a name."""
    mailings: tuple[LetterPlan, ...]
    """Those that were sent first, the oldest before the others."""
    crowd: dict[str, int] = field(default_factory=dict)
    """How many more readers, by language: without many, every figure of a report is hidden."""


def read_letters(path: Path) -> Letters | None:
    """None in a pack without them."""
    return read(path, Letters) if path.exists() else None
