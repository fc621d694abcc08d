"""The promise kept for newsletters: published pages as entries, with what readers can follow.

In goes a window of time, out come frozen dataclasses; the number of queries does not depend on
how many pages there are. Mails are forwarded: the words here are those a stranger may read, and
an entry that is not for everyone says whom it is for.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from babel.lists import format_list
from django.conf import settings
from django.db.models import Max, QuerySet
from django.utils import translation
from django.utils.formats import date_format
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from wagtail.images.exceptions import InvalidFilterSpecError
from wagtail.images.models import SourceImageIOError

from alumni.followup import mails
from alumni.vocabulary import country_name
from cms import places, routes
from cms.audiences import MEMBERS, PUBLIC
from cms.models import (
    FirstLive,
    ResourcePage,
    ShortTranslation,
    StoryPage,
    Topic,
    UpdatePage,
)
from newsletters.sources import EVERYTHING, MOST_ENTRIES, Entry, Interest, Picture, Text, Written

CARD = "fill-600x338|format-jpeg|jpegquality-72"
"""Mail programs show JPEG everywhere; WebP and AVIF not yet."""

MOST_COUNTRIES_NAMED = 3

ContentPage = StoryPage | UpdatePage | ResourcePage


def entries(since: dt.datetime, until: dt.datetime) -> list[Entry]:
    """Entries with a text that first went live in (since, until], newest first, at most 62.

    Calls whose deadline is over by the network's clock at `until` are left out for good.
    """
    newest = {
        **_newest(StoryPage.objects.live(), since, until),
        **_newest(UpdatePage.objects.live().open(on=_day(until)), since, until),
        **_newest(ResourcePage.objects.live(), since, until),
    }
    chosen = sorted(newest, key=lambda key: (newest[key], str(key)), reverse=True)[:MOST_ENTRIES]
    return _made(chosen, until)


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
    return _made(keys, now) if keys else []


def previewed(page: ContentPage) -> Entry:
    """What a page would be in a mail that left now; it may be a draft, or not saved at all."""
    language, now = page.locale.language_code, dt.datetime.now(dt.UTC)
    text = _text(page, language, page.title, page.standfirst, now)
    return Entry(
        key=page.entry_key,
        kind=page.mail_kind,
        texts=(text,),
        interests=frozenset({EVERYTHING}),
        audience=page.audience,
        deadline=page.deadline if isinstance(page, UpdatePage) else None,
        picture=_picture(page) if isinstance(page, StoryPage) else None,
    )


@dataclass(frozen=True)
class Told:
    """A published page as the card of one language."""

    entry: Entry
    """With one text."""
    holds: tuple[str, ...]
    """`<entry key>@<language>` of what the card was made from."""


def told(keys: Sequence[UUID], language: str) -> dict[UUID, Told]:
    """Live pages as cards of a language, translated or told shortly, else in their own words.

    The last say which language that is. The number of queries does not depend on the keys.
    """
    pages = _pages(list(keys))
    short = _short_translations(pages)
    grouped = _by_key(pages, list(keys))
    return {of_key[0].translation_key: _told(of_key, language, short) for of_key in grouped}


def newest_stories(since: dt.datetime | None, until: dt.datetime) -> list[UUID]:
    """Stories for everyone that went live after a moment, newest first, at most 62."""
    stories = StoryPage.objects.live().filter(audience=PUBLIC)
    found = _newest(stories, since or dt.datetime.min.replace(tzinfo=dt.UTC), until)
    return sorted(found, key=lambda key: (found[key], str(key)), reverse=True)


def written(reference: str) -> list[Written]:
    """What is written under a reference: by editors, or the questions of follow-up."""
    by_hand = import_string("cms.mailings.written")(reference)
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


def codes(countries: Iterable[str], topics: Iterable[str]) -> list[str]:
    """What readers follow of these, as entries and the form beneath a page name it."""
    return [f"country:{code}" for code in countries] + [f"topic:{code}" for code in topics]


def _made(keys: list[UUID], until: dt.datetime) -> list[Entry]:
    """The entries of these pages with the texts that were live at a moment."""
    pages = _pages(keys)
    live_at = _first_live(pages, until)
    short = _short_translations(pages)
    made = (_entry(pages_of, live_at, short) for pages_of in _by_key(pages, keys))
    return [entry for entry in made if entry is not None]


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(zoneinfo.ZoneInfo(settings.PACK.clock)).date()


def _newest(
    pages: QuerySet[Any], since: dt.datetime, until: dt.datetime
) -> dict[UUID, dt.datetime]:
    """Translation keys with the latest first-live moment inside the window."""
    rows = (
        pages.filter(
            alias_of=None,
            first_live__mailable_at__gt=since,
            first_live__mailable_at__lte=until,
        )
        .order_by()
        .values("translation_key")
        .annotate(newest=Max("first_live__mailable_at"))
        .order_by("-newest")[:MOST_ENTRIES]
    )
    return {row["translation_key"]: row["newest"] for row in rows}


def _pages(keys: list[UUID]) -> list[ContentPage]:
    """Every live language of the entries, the first page of each before its translations."""
    stories = (
        StoryPage.objects.live()
        .filter(translation_key__in=keys, alias_of=None)
        .select_related("locale", "course_run__project", "picture")
        .prefetch_related("picture__renditions")
        .order_by("pk")
        .defer_streamfields()
    )
    updates = (
        UpdatePage.objects.live()
        .filter(translation_key__in=keys, alias_of=None)
        .select_related("locale")
        .order_by("pk")
        .defer_streamfields()
    )
    resources = (
        ResourcePage.objects.live()
        .filter(translation_key__in=keys, alias_of=None)
        .select_related("locale", "project", "course_run__project")
        .order_by("pk")
        .defer_streamfields()
    )
    return [*stories, *updates, *resources]


def _by_key(pages: Iterable[ContentPage], keys: list[UUID]) -> list[list[ContentPage]]:
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


def _entry(
    pages: list[ContentPage],
    live_at: dict[tuple[int, str], dt.datetime],
    short: dict[int, list[ShortTranslation]],
) -> Entry | None:
    """One entry out of a page and its translations; a full text stands before a short one."""
    first = pages[0]
    texts: dict[str, Text] = {}
    for page in pages:
        language = page.locale.language_code
        moment = live_at.get((page.pk, language))
        if moment is not None and page.address:
            texts[language] = _text(page, language, page.title, page.standfirst, moment)
    for page in pages:
        for row in short.get(page.pk, ()):
            moment = live_at.get((page.pk, row.language))
            if moment is not None and page.address and row.language not in texts:
                texts[row.language] = _text(page, row.language, row.title, row.standfirst, moment)
    if not texts:
        return None
    return Entry(
        key=first.entry_key,
        kind=first.mail_kind,
        texts=tuple(texts.values()),
        interests=frozenset({EVERYTHING}.union(*(_follows(page) for page in pages))),
        audience=_narrowest(page.audience for page in pages),
        deadline=first.deadline if isinstance(first, UpdatePage) else None,
        picture=_picture(first) if isinstance(first, StoryPage) else None,
    )


def _told(
    pages: list[ContentPage], language: str, short: dict[int, list[ShortTranslation]]
) -> Told:
    now, first = dt.datetime.now(dt.UTC), pages[0]
    by_language = {page.locale.language_code: page for page in pages}
    brief = ((page, row) for page in pages for row in short.get(page.pk, ()))
    shortly = next(((page, row) for page, row in brief if row.language == language), None)
    spoken = {language}
    if language in by_language:
        page = by_language[language]
        text = _text(page, language, page.title, page.standfirst, now)
    elif shortly:
        page, row = shortly
        text = _text(page, language, row.title, row.standfirst, now)
        spoken.add(page.locale.language_code)
    else:
        own = first.locale.language_code
        text = replace(_text(first, language, first.title, first.standfirst, now), words_in=own)
        spoken = {own}
    return Told(
        entry=Entry(
            key=first.entry_key,
            kind=first.mail_kind,
            texts=(text,),
            interests=frozenset({EVERYTHING}),
            audience=_narrowest(page.audience for page in pages),
            deadline=first.deadline if isinstance(first, UpdatePage) else None,
            picture=_picture(first) if isinstance(first, StoryPage) else None,
        ),
        holds=tuple(f"{first.entry_key}@{code}" for code in sorted(spoken)),
    )


def _follows(page: ContentPage) -> set[str]:
    """What leads to it. Of a call for some countries only these: a topic makes nobody eligible."""
    if isinstance(page, UpdatePage) and page.eligible_countries:
        return set(codes(page.eligible_countries, ()))
    countries = page.countries_it_reaches() if isinstance(page, UpdatePage) else page.countries
    return set(codes(countries, page.topics))


def _narrowest(audiences: Iterable[str]) -> str:
    """Translations share one audience; should they ever differ, the smallest circle holds."""
    wideness = {PUBLIC: 2, MEMBERS: 1}
    return min(audiences, key=lambda audience: wideness.get(audience, 0))


def _text(
    page: ContentPage, language: str, title: str, standfirst: str, moment: dt.datetime
) -> Text:
    with translation.override(language):
        return Text(
            language=language,
            title=title,
            standfirst=standfirst,
            url=page.address,
            mailable_at=moment,
            kicker=_kicker(page, language),
            note=_note(page, language),
            acknowledgement=_acknowledgement(page, language),
        )


def _kicker(page: ContentPage, language: str) -> str:
    if isinstance(page, UpdatePage | ResourcePage):
        return str(page.get_kind_display())
    names = [country_name(code, language) for code in page.countries[:MOST_COUNTRIES_NAMED]]
    return format_list(names, style="unit", locale=language) if names else ""


def _note(page: ContentPage, language: str) -> str:
    """Whole sentences in the language of the moment: until when, and where the full text is."""
    sentences = []
    if isinstance(page, UpdatePage) and page.deadline:
        sentences.append(_("Open until %(date)s.") % {"date": date_format(page.deadline)})
    if page.locale.language_code != language:
        written = places.language_name(page.locale.language_code, language)
        sentences.append(_("Full text in %(language)s.") % {"language": written})
    return " ".join(sentences)


def _acknowledgement(page: ContentPage, language: str) -> str:
    if isinstance(page, UpdatePage):
        return ""
    run = page.course_run
    project = page.made_in if isinstance(page, ResourcePage) else run and run.project
    return project.acknowledgement.in_language(language) if project else ""


def _picture(page: StoryPage) -> Picture | None:
    """The story's picture on our own host; a file that has gone costs the picture, no more."""
    if page.picture is None:
        return None
    try:
        card = page.picture.get_rendition(CARD)
    except (SourceImageIOError, InvalidFilterSpecError, OSError):
        return None
    url = card.url if card.url.startswith("http") else settings.SITE_URL + card.url
    return Picture(url=url, width=card.width, height=card.height)
