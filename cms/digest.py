"""The promise kept for newsletters: published pages as entries, with what readers can follow.

In goes a window of time, out come frozen dataclasses. `published.py` finds the pages,
`page_entries.py` says what mails tell of them, `mailings.py` is what editors write by hand.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from alumni.followup import mails
from cms import mailings, places, published, routes
from cms.models import (
    ResourcePage,
    StoryPage,
    Topic,
    UpdatePage,
)
from newsletters.sources import MOST_ENTRIES, Entry, Interest, Written


def entries(
    since: dt.datetime, until: dt.datetime, *, at: dt.datetime | None = None
) -> list[Entry]:
    """Entries with a text that first went live in (since, until], newest first, at most 62.

    They have the texts that are live at a moment, by default `until`. Calls whose deadline is over
    by the network's clock at `until` are left out for good.
    """
    kinds = (
        StoryPage.objects.live(),
        UpdatePage.objects.live().open(on=_day(until)),
        ResourcePage.objects.live(),
    )
    return published.as_entries(published.newest(kinds, since, until), at or until)


def closing(now: dt.datetime, until: dt.date) -> list[Entry]:
    """Calls open at `now` by the network's clock that close on or before a day, soonest first."""
    calls = (
        UpdatePage.objects.live()
        .open(on=_day(now))
        .filter(alias_of=None, deadline__lte=until)
        .order_by("deadline", "pk")
        .values_list("translation_key", flat=True)
    )
    keys = list(dict.fromkeys(calls))[:MOST_ENTRIES]
    return published.as_entries(keys, now) if keys else []


def written(reference: str) -> list[Written]:
    """What is written under a reference: by editors, or the questions of follow-up."""
    by_hand = mailings.written(reference)
    return mails.written(reference) if by_hand is None else by_hand


def interests(language: str) -> list[Interest]:
    """Every country by region, then every topic, labelled in the language."""
    topics = Topic.objects.titles(language)
    with translation.override(language):
        topics_group = _("Topics")
    return [
        Interest(code=f"country:{code}", label=name, group=region)
        for region, countries in places.countries_by_region(language)
        for code, name in countries
    ] + [
        Interest(code=f"topic:{code}", label=title, group=topics_group)
        for code, title in topics.items()
    ]


def standing(path: str) -> str:
    """Whether a path of the site is live, a page's draft, or nowhere."""
    return routes.standing(path)


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(zoneinfo.ZoneInfo(settings.PACK.clock)).date()
