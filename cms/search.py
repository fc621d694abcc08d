"""Search over what the reader may read, in the language of the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from cms import routes
from cms.audiences import Viewer
from cms.contexts import cards
from cms.models import CountryPage, CoursePage, StoryPage, UpdatePage

MOST_OF_A_KIND = 20
LONGEST_QUERY = 100


@dataclass(frozen=True)
class Found:
    """What a search found, kind by kind, best first."""

    stories: tuple[cards.Card, ...] = ()
    calls: tuple[cards.Call, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    """(title, address) of countries and courses."""

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.stories) + len(self.calls) + len(self.others)


def search(words: str, request: HttpRequest, *, user: Viewer, language: str) -> Found:
    """Pages with all the words. A page the user may not read changes nothing: no hit, no count."""
    words = words.replace("\x00", "").strip()[:LONGEST_QUERY]
    locale = next((one for one in routes.locales().values() if one.language_code == language), None)
    if not words or locale is None:
        return Found()

    def found(pages: Any) -> list[Any]:
        readable = pages.visible_to(user).filter(locale=locale, alias_of=None)
        return list(readable.search(words)[:MOST_OF_A_KIND])

    stories = found(cards.with_pictures(StoryPage.objects))
    others = found(CountryPage.objects.defer("body")) + found(CoursePage.objects.defer("body"))
    return Found(
        stories=tuple(cards.cards(stories, request, language)),
        calls=tuple(cards.calls(found(UpdatePage.objects.defer("body")), request, language)),
        others=tuple((page.title, routes.address(page.url_path)) for page in others),
    )
