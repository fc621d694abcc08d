"""Mailgun's Events API: in comes a query, out comes a page of what happened, and where the next is.

Newest first, unless the range of time or `ascending` says otherwise. Pages go on until one is
empty. Calls are found by tag in the index and only then read.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from localmail.events import event_for, outcomes
from localmail.exchange import BadRequest, Request
from localmail.inbox import Inbox
from localmail.ledger import Taken
from localmail.mails import Mail

MOST_ITEMS = 300
FILTERS = {"tags", "event", "recipient", "begin", "end", "ascending", "limit"}
AND_OR = re.compile(r"\s+(AND|OR)\s+")

Key = tuple[int, int, int]
"""Call, position and number of an event: its place in the one order of all events."""


@dataclass(frozen=True)
class Search:
    """What is asked for, and after which event a page begins."""

    tags: list[str]
    every_tag: bool
    events: set[str]
    recipient: str
    since: float
    until: float
    ascending: bool
    most: int
    after: Key | None = None


def read_search(request: Request, page: str = "") -> tuple[Search, dict[str, str]]:
    """The search of a request, or of the page's own name; and the query that began it."""
    query, after = request.query, None
    if page:
        try:
            asked, key = json.loads(base64.urlsafe_b64decode(page))
            query = {str(name): str(value) for name, value in dict(asked).items()}
            after = (int(key[0]), int(key[1]), int(key[2])) if key else None
            request = Request(request.method, request.path, query, request.headers)
        except (ValueError, TypeError, LookupError):
            raise BadRequest("There is no such page.", 404) from None
    if unknown := query.keys() - FILTERS:
        raise BadRequest(f"Events are not filtered by {', '.join(sorted(unknown))} here.")
    tags, every = _expression(query.get("tags", ""))
    events, every_event = _expression(query.get("event", ""))
    if every_event:
        raise BadRequest("An event has one name: join several with OR.")
    begin, end = (_moment(query.get(name, ""), name) for name in ("begin", "end"))
    moments = sorted(moment for moment in (begin, end) if moment is not None)
    rising = begin is not None and end is not None and begin < end
    downward = begin is not None and end is None and query.get("ascending") == "no"
    search = Search(
        tags,
        every,
        set(events),
        query.get("recipient", "").lower(),
        since=moments[0] if begin is not None and not downward else 0,
        until=moments[-1] if end is not None or downward else float("inf"),
        ascending=query.get("ascending", "yes" if rising else "no") == "yes",
        most=int(request.number("limit", 100, MOST_ITEMS)) or 1,
        after=after,
    )
    return search, query


def find(inbox: Inbox, domain: str, search: Search, until: float) -> list[tuple[Key, Any]]:
    """The page's events with their keys; of calls that were taken before `until`."""
    found = []
    for key, mail, name in _events(inbox, domain, search, min(until, search.until)):
        found.append((key, event_for(mail, name, at=mail.call.at)))
        if len(found) == search.most:
            break
    return found


def hidden(inbox: Inbox, search: Search, until: float) -> list[int]:
    """The calls that would show, had they not been taken after `until`."""
    calls = inbox.ledger.index.find(search.tags, every=search.every_tag)
    return [number for number, at in calls if until < at <= search.until]


def page_after(query: dict[str, str], key: Key | None) -> str:
    """The name of the page that begins after the event of this key; None: of the first."""
    return base64.urlsafe_b64encode(json.dumps([query, key]).encode()).decode()


def _events(
    inbox: Inbox, domain: str, search: Search, until: float
) -> Iterator[tuple[Key, Mail, str]]:
    calls = inbox.ledger.index.find(search.tags, every=search.every_tag)
    for number, at in calls if search.ascending else reversed(calls):
        if not search.since <= at <= until:
            continue
        if search.after and (
            number < search.after[0] if search.ascending else number > search.after[0]
        ):
            continue
        taken = inbox.taken(number)
        if taken is None or taken.domain != domain:
            continue
        events = list(_events_of(taken, search))
        for key, name in events if search.ascending else reversed(events):
            if search.after and (key <= search.after if search.ascending else key >= search.after):
                continue
            yield key, Mail(taken, key[1]), name


def _events_of(taken: Taken, search: Search) -> Iterator[tuple[Key, str]]:
    for position, (address, _, _) in enumerate(taken.recipients, start=1):
        if not search.recipient or search.recipient == address.lower():
            for place, name in enumerate(("accepted", *outcomes(address))):
                if not search.events or name in search.events:
                    yield (taken.number, position, place), name


def _expression(text: str) -> tuple[list[str], bool]:
    """The words of `a`, `"a b"`, `a OR b` or `a AND b`, and whether it was AND."""
    words = AND_OR.split(text.strip())
    joins = set(words[1::2])
    if len(joins) > 1:
        raise BadRequest("Join with AND or with OR, not with both.")
    return [one.strip('"') for one in words[::2] if one], joins == {"AND"}


def _moment(text: str, name: str) -> float | None:
    """Seconds since 1970, from such a number or a date as in a mail (RFC 2822)."""
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            raise BadRequest(f"{name} is neither seconds since 1970 nor a date.") from None
    return moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp()
