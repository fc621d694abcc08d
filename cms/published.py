"""In: translation keys, or a window of time. Out: what is published, as entries or as cards.

The number of queries does not depend on how many pages there are.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet

from cms import bylines
from cms.audiences import PUBLIC
from cms.models import (
    FirstLive,
    ResourcePage,
    ShortTranslation,
    StoryPage,
    UpdatePage,
)
from cms.page_entries import ContentPage, Told, entry, told_in
from newsletters.sources import MOST_ENTRIES, Entry


def newest(kinds: Iterable[QuerySet[Any]], since: dt.datetime, until: dt.datetime) -> list[UUID]:
    """Pages with a language that first went live in (since, until], newest first, at most 62;
    none that names somebody who is hidden."""
    untold = bylines.untold()
    found: dict[UUID, dt.datetime] = {}
    for pages in kinds:
        rows = (
            pages.filter(
                alias_of=None,
                first_live__mailable_at__gt=since,
                first_live__mailable_at__lte=until,
            )
            .exclude(translation_key__in=untold)
            .order_by()
            .values("translation_key")
            .annotate(newest=Max("first_live__mailable_at"))
            .order_by("-newest")[:MOST_ENTRIES]
        )
        found |= {row["translation_key"]: row["newest"] for row in rows}
    return sorted(found, key=lambda key: (found[key], str(key)), reverse=True)[:MOST_ENTRIES]


def newest_stories(since: dt.datetime | None, until: dt.datetime) -> list[UUID]:
    """Stories for everyone that went live after a moment, newest first, at most 62."""
    stories = StoryPage.objects.live().filter(audience=PUBLIC)
    return newest([stories], since or dt.datetime.min.replace(tzinfo=dt.UTC), until)


def as_entries(keys: Sequence[UUID], until: dt.datetime) -> list[Entry]:
    """The entries of these pages with the texts that were live at a moment."""
    pages = _pages(keys)
    live_at = _first_live(pages, until)
    short = _short_translations(pages)
    made = (entry(pages_of, live_at, short) for pages_of in _by_key(pages, keys))
    return [entry for entry in made if entry is not None]


def told(keys: Sequence[UUID], language: str) -> dict[UUID, Told]:
    """Live pages as cards of a language, translated or told shortly, else in their own words.

    The last say which language that is. None that names somebody who is hidden.
    """
    untold = bylines.untold()
    keys = [key for key in keys if key not in untold]
    pages = _pages(keys)
    short = _short_translations(pages)
    grouped = _by_key(pages, keys)
    return {of_key[0].translation_key: told_in(of_key, language, short) for of_key in grouped}


def _pages(keys: Iterable[UUID]) -> list[ContentPage]:
    """Every live language of the entries, the first page of each before its translations."""
    return [
        *_live(StoryPage, keys, "course_run__project", "picture").prefetch_related(
            "picture__renditions"
        ),
        *_live(UpdatePage, keys),
        *_live(ResourcePage, keys, "project", "course_run__project"),
    ]


def _live(kind: type[Any], keys: Iterable[UUID], *related: str) -> Any:
    return (
        kind.objects.live()
        .filter(translation_key__in=keys, alias_of=None)
        .select_related("locale", *related)
        .order_by("pk")
        .defer_streamfields()
    )


def _by_key(pages: Iterable[ContentPage], keys: Iterable[UUID]) -> list[list[ContentPage]]:
    grouped: dict[UUID, list[ContentPage]] = defaultdict(list)
    for page in pages:
        grouped[page.translation_key].append(page)
    return [grouped[key] for key in keys if key in grouped]


def _first_live(
    pages: Iterable[ContentPage], until: dt.datetime
) -> dict[tuple[int, str], dt.datetime]:
    rows = FirstLive.objects.filter(page_id__in=[page.pk for page in pages], mailable_at__lte=until)
    return {(row.page_id, row.language): row.mailable_at for row in rows}


def _short_translations(pages: Iterable[ContentPage]) -> dict[int, list[ShortTranslation]]:
    grouped: dict[int, list[ShortTranslation]] = defaultdict(list)
    rows = ShortTranslation.objects.filter(page_id__in=[page.pk for page in pages])
    for row in rows.order_by("pk"):
        grouped[row.page_id].append(row)
    return grouped
