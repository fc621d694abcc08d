"""In: an issue and what was published. Out: who gets which entries, as rows of one statement.

A reader's selection is a bit mask over the issue's entries. Readers with the same languages see
the same texts, so new-ness and language are settled per list of languages, not per reader. Why an
entry is told is the number of one interest that both have.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection

from newsletters import sources
from newsletters.models import Issue
from newsletters.pipeline import gather, matching
from newsletters.pipeline.audience import consider
from newsletters.sources import Entry, Text

FULL = 7
"""So many entries stand in a mail in full; the others as titles."""


AWAKE = """
SELECT languages, min(caught_up_at), min(heard), min(lower(owed)), max(upper(owed))
FROM newsletters_considered WHERE excluded = '' GROUP BY languages ORDER BY languages
"""


class Key(NamedTuple):
    """What readers of one selection have in common, as `newsletters_wanted` has it."""

    languages: str
    discreet: bool
    mask: int
    elsewhere: int
    reasons: str


@dataclass(frozen=True)
class Drawn:
    """What an issue is about; a bit of a mask is a place in `entries`."""

    entries: list[Entry]
    interests: list[str] = field(default_factory=list)
    """What `reasons` count: the first says nothing."""
    new: int = 0
    """The first so many are what is new; what follows is for those who heard nothing for long."""


@dataclass(frozen=True)
class Selection:
    """What some readers get: one frame language, entries in order, each in one language."""

    language: str
    discreet: bool
    choices: tuple[tuple[Entry, Text], ...]
    reasons: tuple[str, ...] = ()
    """For each choice the interest by which it is told; empty: the reader follows everything."""
    elsewhere: tuple[tuple[Entry, Text], ...] = ()
    """Beside the choices; without any, what is shown to whoever heard nothing for long."""

    @property
    def names(self) -> list[str]:
        """`<entry key>@<language>` of all that is told, in order."""
        told = [*self.choices, *self.elsewhere]
        return [f"{entry.key}@{text.language}" for entry, text in told]


def draw_up(issue: Issue) -> Drawn:
    """Settle who gets which of the entries; call inside a transaction.

    Everyone considered is read once, in one statement: who changes a language or a rhythm
    meanwhile is in this issue as he or she was, or in the next. The result stands in
    `newsletters_wanted` until the transaction ends, with the reason of those left out, so that
    candidates = chosen + excluded holds by construction. The issue then says, unsaved, what of the
    news it had room for (`told_from`, `owed_until`).
    """
    consider(issue)
    with connection.cursor() as cursor:
        cursor.execute(AWAKE)
        rows = cursor.fetchall()
    told_until = {languages: since for languages, since, *_more in rows}
    if issue.is_notice:
        # Also for whom a digest had no room for it.
        found = gather.News(gather.the_call(issue), owed_until=issue.cutoff_at)
    else:
        since = min(told_until.values(), default=issue.cutoff_at)
        owed = [(after, until) for *_more, after, until in rows if after]
        found = gather.news(issue, since, _around(owed))
    issue.told_from, issue.owed_until = found.told_from, found.owed_until
    new, silent_since = found.entries, issue.cutoff_at - gather.SILENCE
    silent = [languages for languages, _s, heard, *_o in rows if heard and heard <= silent_since]
    if issue.told_from:
        # Whoever has something waiting is not told that there is nothing.
        silent = []
    entries, shown = _shown_to_the_silent(issue, new, silent)
    drawn = Drawn(entries, matching.told_by(new), len(new))
    matching.match(
        issue,
        new,
        interests=drawn.interests,
        all_languages=told_until,
        shown=shown,
        silent_since=silent_since,
    )
    return drawn


def readers() -> list[Key]:
    """The distinct keys of chosen readers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT languages, discreet, mask, elsewhere, reasons FROM newsletters_wanted"
            " WHERE excluded = '' ORDER BY languages, discreet, mask, elsewhere, reasons"
        )
        return [Key(*row) for row in cursor.fetchall()]


def selections(drawn: Drawn) -> Iterator[tuple[Key, Selection]]:
    """Each of those with its selection."""
    for key in readers():
        yield key, selection(drawn, key)


def selection(drawn: Drawn, key: Key) -> Selection:
    """What readers of one key get."""
    order = key.languages.split()
    numbers = [int(number) for number in key.reasons.split(",") if number]
    return Selection(
        language=order[0],
        discreet=key.discreet,
        choices=_chosen(drawn, key.mask, order),
        reasons=tuple(drawn.interests[number] for number in numbers),
        elsewhere=_chosen(drawn, key.elsewhere, order),
    )


def _around(
    windows: list[tuple[dt.datetime, dt.datetime]],
) -> tuple[dt.datetime, dt.datetime] | None:
    """From the first of them to the last."""
    if not windows:
        return None
    return min(after for after, _until in windows), max(until for _after, until in windows)


def _chosen(drawn: Drawn, mask: int, order: Sequence[str]) -> tuple[tuple[Entry, Text], ...]:
    return tuple(
        (entry, text)
        for bit, entry in enumerate(drawn.entries)
        if mask >> bit & 1 and (text := entry.text_for(order)) is not None
    )


def _shown_to_the_silent(
    issue: Issue, new: list[Entry], silent: Sequence[str]
) -> tuple[list[Entry], dict[str, int]]:
    """The entries with those that silent readers are shown, and which, by languages."""
    if not silent or issue.is_notice:
        return new, {}
    recent = gather.not_over(gather.recent(issue), issue.newsletter, issue.cutoff_at)
    by_key, entries = {entry.key: entry for entry in recent}, list(new)
    places = {entry.key: place for place, entry in enumerate(entries)}
    shown = {}
    for languages in silent:
        keys = gather.newest_for(languages.split(), recent, issue.cutoff_at - gather.SILENCE)
        for key in keys:
            if key not in places and len(entries) < sources.MOST_ENTRIES:
                places[key] = len(entries)
                entries.append(by_key[key])
        if mask := sum(1 << places[key] for key in keys if key in places):
            shown[languages] = mask
    return entries, shown
