"""In: an issue and the clock. Out: the entries that it may tell of, in reading order.

What is over is told to nobody, whoever forgot to say so: the engine looks at deadlines itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.utils import timezone

from newsletters import sources
from newsletters.models import Issue, Newsletter
from newsletters.sources import PUBLIC, Entry

SILENCE = dt.timedelta(days=60)
"""Whoever had nothing to read for so long is told so, once in as long a time."""
LOOKS_BACK = dt.timedelta(days=180)
"""What is older is new to nobody, however long somebody rested."""
INSTANT = dt.timedelta(milliseconds=1)
NEWEST = 3
"""Of what is new anywhere, so many go to a reader without anything of the own."""
CALLS = "update"
FAR_DEADLINE = dt.date.max


def new_entries(issue: Issue, since: dt.datetime) -> list[Entry]:
    """What became mailable after `since`, up to the cutoff; later texts are the next issue's."""
    entries = live(sources.content().entries(since, issue.cutoff_at), issue.cutoff_at)
    newest = sorted(
        not_over(entries, issue.newsletter, max(issue.cutoff_at, timezone.now())),
        # By the newest text: a late translation is as new as a story of the same hour.
        key=lambda entry: max(text.mailable_at for text in entry.texts),
        reverse=True,
    )
    return sorted(newest[: sources.MOST_ENTRIES], key=reading_order)


def first_part(since: dt.datetime, until: dt.datetime) -> dt.datetime:
    """Up to when all that is new since then has room in one mailing: `until`, or the last moment
    before there is too much. Where too much came at one moment, `until`."""

    def has_room(moment: dt.datetime) -> bool:
        return len(sources.content().entries(since, moment)) < sources.MOST_ENTRIES

    if has_room(until):
        return until
    fits, full = since, until
    while full - fits > INSTANT:
        middle = fits + (full - fits) / 2
        fits, full = (middle, full) if has_room(middle) else (fits, middle)
    return fits if sources.content().entries(since, fits) else until


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


def live(entries: Iterable[Entry], cutoff: dt.datetime) -> list[Entry]:
    """With the texts alone that were there at a moment; what had none is left out."""
    return [
        replace(entry, texts=texts)
        for entry in entries
        if (texts := tuple(t for t in entry.texts if t.mailable_at <= cutoff))
    ]
