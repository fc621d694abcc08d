"""In: an issue and the clock. Out: the entries that it may tell of, in reading order.

What is over is told to nobody, whoever forgot to say so: the engine looks at deadlines itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from newsletters import sources
from newsletters.models import Issue, Newsletter
from newsletters.sources import PUBLIC, Entry

SILENCE = dt.timedelta(days=60)
"""Whoever had nothing to read for so long is told so, once in as long a time."""
LOOKS_BACK = dt.timedelta(days=180)
"""What is owed for longer is told no more."""
INSTANT = dt.timedelta(milliseconds=1)
NEWEST = 3
"""Of what is new anywhere, so many go to a reader without anything of the own."""
CALLS = "update"
FAR_DEADLINE = dt.date.max


@dataclass(frozen=True)
class News:
    """What an issue has room for: all that came after `told_from`, and of what was left over
    before, all that came up to `owed_until`. None: all, and nothing."""

    entries: list[Entry]
    told_from: dt.datetime | None = None
    owed_until: dt.datetime | None = None


def news(issue: Issue, since: dt.datetime, owed: tuple[dt.datetime, dt.datetime] | None) -> News:
    """What became mailable after `since`, up to the cutoff, the newest where there is too much;
    and where room is left, the oldest of what earlier issues had no room for: of what became
    mailable after the first moment of `owed`, up to the second.
    """
    found = sources.content().entries(since, issue.cutoff_at)
    told_from = None
    if len(found) >= sources.MOST_ENTRIES:
        moments = sorted((_newest(entry, issue.cutoff_at) for entry in found), reverse=True)
        told_from = moments[sources.MOST_ENTRIES - 1]
        # Only what came after: of what came in that very moment not all may be here.
        found = [entry for entry in found if _newest(entry, issue.cutoff_at) > told_from]
    owed_until = None
    if owed is not None:
        after, until = max(owed[0], issue.cutoff_at - LOOKS_BACK), owed[1]
        room = sources.MOST_ENTRIES - 1 - len(found)
        owed_until = _as_far_as_there_is_room(after, until, room)
        if owed_until is not None:
            told = {entry.key for entry in found}
            more = sources.content().entries(after, owed_until, at=issue.cutoff_at)
            found += [entry for entry in more if entry.key not in told]
    moment = max(issue.cutoff_at, timezone.now())
    entries = not_over(live(found, issue.cutoff_at), issue.newsletter, moment)
    return News(sorted(entries, key=reading_order), told_from, owed_until)


def the_call(issue: Issue) -> list[Entry]:
    """The one call of a notice, if it is still open and was not taken down."""
    today = timezone.now().astimezone(issue.newsletter.zone).date()
    calls = closing(issue.newsletter, issue.cutoff_at, until=today + SILENCE * 2)
    return [entry for entry in calls if entry.key == issue.reference]


def closing(newsletter: Newsletter, now: dt.datetime, *, until: dt.date) -> list[Entry]:
    """Calls open now that close on or before a day, by the newsletter's clock."""
    calls = live(sources.content().closing(now, until), now)
    return not_over(calls, newsletter, max(now, timezone.now()))


def newest_for(languages: Sequence[str], entries: Iterable[Entry], since: dt.datetime) -> list[str]:
    """The keys of the newest public entries, calls apart, that can be read in these languages."""
    found = []
    for entry in entries:
        moments = [text.mailable_at for text in entry.texts if text.language in languages]
        if moments and min(moments) > since and is_for_anyone(entry):
            found.append((min(moments), entry.key))
    return [key for _moment, key in sorted(found, reverse=True)[:NEWEST]]


def is_for_anyone(entry: Entry) -> bool:
    """Whether it may go to a reader who follows nothing of it: public, and no call."""
    return entry.audience == PUBLIC and entry.kind != CALLS and entry.deadline is None


def recent(issue: Issue) -> list[Entry]:
    """What became mailable within the last sixty days: what a silent reader is shown is of it."""
    cutoff = issue.cutoff_at
    return live(sources.content().entries(cutoff - SILENCE, cutoff), cutoff)


def not_over(entries: Iterable[Entry], newsletter: Newsletter, now: dt.datetime) -> list[Entry]:
    """Without the calls whose last day has passed by the newsletter's clock."""
    today = now.astimezone(newsletter.zone).date()
    return [entry for entry in entries if entry.deadline is None or entry.deadline >= today]


def reading_order(entry: Entry) -> tuple[int, dt.date, float, str]:
    """Stories before calls; newest stories and nearest deadlines first."""
    newest = -entry.first_mailable_at.timestamp()
    if entry.kind == "story":
        return (0, FAR_DEADLINE, newest, entry.key)
    return (1, entry.deadline or FAR_DEADLINE, newest, entry.key)


def _newest(entry: Entry, cutoff: dt.datetime) -> dt.datetime:
    """Its newest text's: a late translation is as new as a story of the same hour."""
    return max(text.mailable_at for text in entry.texts if text.mailable_at <= cutoff)


def _as_far_as_there_is_room(
    after: dt.datetime, until: dt.datetime, room: int
) -> dt.datetime | None:
    """The latest moment up to which there is no more than there is room for; None for none."""

    def fits(moment: dt.datetime) -> bool:
        return len(sources.content().entries(after, moment)) <= room

    if fits(until):
        return until
    small, large = after, until
    while large - small > INSTANT:
        middle = small + (large - small) / 2
        small, large = (middle, large) if fits(middle) else (small, middle)
    return small if small > after else None


def live(entries: Iterable[Entry], cutoff: dt.datetime) -> list[Entry]:
    """With the texts alone that were there at a moment; what had none is left out."""
    return [
        replace(entry, texts=texts)
        for entry in entries
        if (texts := tuple(t for t in entry.texts if t.mailable_at <= cutoff))
    ]
