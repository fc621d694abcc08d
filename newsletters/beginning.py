"""In: a subscription that begins. Out: the newest of what its reader follows, for the first mail.

Everything older than the confirmation counts as told: no digest tells it again.
"""

from __future__ import annotations

import datetime as dt

from newsletters import sources
from newsletters.markup import direction
from newsletters.models import Newsletter, Subscriber, Subscription
from newsletters.pipeline import gather
from newsletters.sources import EVERYTHING, PUBLIC, Entry, Text

LOOKS_BACK = dt.timedelta(days=365)
NEWEST = 3
NAMES = ("first", "second", "third")
"""Of the letter's parameters: `first_title`, `first_url` and so on."""


def newest(subscription: Subscription, now: dt.datetime) -> list[tuple[Entry, Text]]:
    """The three newest entries that this reader follows, may read and can read."""
    newsletter, reader = subscription.newsletter, subscription.subscriber
    if newsletter.kind != Newsletter.Kind.DIGEST:
        return []
    followed = {*subscription.interests}
    found = []
    for entry in gather.live(sources.content().entries(now - LOOKS_BACK, now), now):
        text = entry.text_for(reader.languages)
        if text and (EVERYTHING in followed or entry.interests & followed):
            found.append((entry, text))
    found.sort(key=lambda told: (told[1].mailable_at, told[0].key), reverse=True)
    is_open = {entry.key for entry in gather.not_over([e for e, _text in found], newsletter, now)}
    allowed: dict[str, bool] = {PUBLIC: True}
    chosen: list[tuple[Entry, Text]] = []
    for entry, text in found:
        if entry.audience not in allowed:
            allowed[entry.audience] = _may_read(reader, entry.audience)
        if entry.key in is_open and allowed[entry.audience]:
            chosen.append((entry, text))
        if len(chosen) == NEWEST:
            break
    return chosen


def as_params(told: list[tuple[Entry, Text]]) -> dict[str, str]:
    """The same as parameters of a letter; what is not for everyone as its title alone."""
    params: dict[str, str] = {}
    for name, (entry, text) in zip(NAMES, told, strict=False):
        params |= {
            f"{name}_title": text.title,
            f"{name}_standfirst": text.standfirst if entry.audience == PUBLIC else "",
            f"{name}_owed": text.acknowledgement if entry.audience == PUBLIC else "",
            f"{name}_note": text.note if entry.audience == PUBLIC and entry.deadline else "",
            f"{name}_language": text.language,
            f"{name}_direction": direction(text.language),
            f"{name}_url": text.url,
        }
    return params


def _may_read(reader: Subscriber, audience: str) -> bool:
    one = Subscriber.objects.filter(pk=reader.pk)
    return sources.audience().narrow(one, {"audience": audience}).exists()
