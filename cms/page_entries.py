"""In: a page with its translations. Out: what mails tell of it, as the engine knows it.

Mails are forwarded: the words here are those a stranger may read, and an entry that is not for
everyone says whom it is for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.images.exceptions import InvalidFilterSpecError
from wagtail.images.models import SourceImageIOError

from alumni import vocabulary
from alumni.vocabulary import country_name
from cms import places
from cms.audiences import MEMBERS, PUBLIC
from cms.models import (
    ResourcePage,
    ShortTranslation,
    StoryPage,
    UpdatePage,
)
from newsletters.sources import EVERYTHING, Entry, Picture, Text

CARD = "fill-600x338|format-jpeg|jpegquality-72"
"""Mail programs show JPEG everywhere; WebP and AVIF not yet."""
MOST_COUNTRIES_NAMED = 3

ContentPage = StoryPage | UpdatePage | ResourcePage


@dataclass(frozen=True)
class Told:
    """A published page as the card of one language."""

    entry: Entry
    """With one text."""
    holds: tuple[str, ...]
    """`<entry key>@<language>` of what the card was made from."""


def codes(countries: Iterable[str], topics: Iterable[str]) -> list[str]:
    """What readers follow of these, as entries and the form beneath a page name it."""
    return [f"country:{code}" for code in countries] + [f"topic:{code}" for code in topics]


def previewed(page: ContentPage) -> Entry:
    """What a page would be in a mail that left now; it may be a draft, or not saved at all."""
    language, now = page.locale.language_code, dt.datetime.now(dt.UTC)
    return _entry([page], [_text(page, page, language, now)])


def entry(
    pages: list[ContentPage],
    live_at: dict[tuple[int, str], dt.datetime],
    short: dict[int, list[ShortTranslation]],
) -> Entry | None:
    """One entry out of a page and its translations; a full text stands before a short one."""
    texts: dict[str, Text] = {}
    for page in pages:
        language = page.locale.language_code
        moment = live_at.get((page.pk, language))
        if moment is not None and page.address:
            texts[language] = _text(page, page, language, moment)
    for page in pages:
        for row in short.get(page.pk, ()):
            moment = live_at.get((page.pk, row.language))
            if moment is not None and page.address and row.language not in texts:
                texts[row.language] = _text(page, row, row.language, moment)
    if not texts:
        return None
    return _entry(pages, texts.values(), *(follows(page) for page in pages))


def told_in(
    pages: list[ContentPage], language: str, short: dict[int, list[ShortTranslation]]
) -> Told:
    """A page as the card of a language: translated, told shortly, or in its own words."""
    now, first = dt.datetime.now(dt.UTC), pages[0]
    by_language = {page.locale.language_code: page for page in pages}
    brief = ((page, row) for page in pages for row in short.get(page.pk, ()))
    shortly = next(((page, row) for page, row in brief if row.language == language), None)
    spoken = {language}
    if language in by_language:
        page = by_language[language]
        text = _text(page, page, language, now)
    elif shortly:
        page, row = shortly
        text = _text(page, row, language, now)
        spoken.add(page.locale.language_code)
    else:
        own = first.locale.language_code
        text = replace(_text(first, first, language, now), words_in=own)
        spoken = {own}
    return Told(
        entry=_entry(pages, [text]),
        holds=tuple(f"{first.entry_key}@{code}" for code in sorted(spoken)),
    )


def follows(page: ContentPage) -> set[str]:
    """What leads to it. Of a call for some countries only these: a topic makes nobody eligible."""
    if isinstance(page, UpdatePage) and page.eligible_countries:
        return set(codes(page.eligible_countries, ()))
    countries = page.countries_it_reaches() if isinstance(page, UpdatePage) else page.countries
    return set(codes(countries, page.topics))


def _narrowest(audiences: Iterable[str]) -> str:
    """Translations share one audience; should they ever differ, the smallest circle holds."""
    wideness = {PUBLIC: 2, MEMBERS: 1}
    return min(audiences, key=lambda audience: wideness.get(audience, 0))


def _entry(pages: Sequence[ContentPage], texts: Iterable[Text], *follows: set[str]) -> Entry:
    first = pages[0]
    return Entry(
        key=first.entry_key,
        kind=first.mail_kind,
        texts=tuple(texts),
        interests=frozenset({EVERYTHING}.union(*follows)),
        audience=_narrowest(page.audience for page in pages),
        deadline=first.deadline if isinstance(first, UpdatePage) else None,
        picture=_picture(first) if isinstance(first, StoryPage) else None,
    )


def _text(
    page: ContentPage, words: ContentPage | ShortTranslation, language: str, moment: dt.datetime
) -> Text:
    """A page as a language tells it: in the words of its translation, or of a short one."""
    with translation.override(language):
        return Text(
            language=language,
            title=words.title,
            standfirst=words.standfirst,
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
    return vocabulary.listed(names)


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
