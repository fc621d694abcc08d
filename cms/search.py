"""Search over what the reader may read, in the language of the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from wagtail.models import Locale

from cms.audiences import Viewer
from cms.contexts import cards
from cms.models import (
    CountryPage,
    CoursePage,
    ProgrammePage,
    ProjectPage,
    ResourcePage,
    StoryPage,
    UpdatePage,
)

MOST_OF_A_KIND = 20
LONGEST_QUERY = 100
OTHERS: tuple[Any, ...] = (CountryPage, CoursePage, ProgrammePage, ProjectPage)


@dataclass(frozen=True)
class Found:
    """What a search found, kind by kind, best first."""

    stories: tuple[cards.Card, ...] = ()
    calls: tuple[cards.Call, ...] = ()
    resources: tuple[cards.ResourceLine, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    """(title, address) of countries, courses, programmes and projects."""

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(map(len, (self.stories, self.calls, self.resources, self.others)))


def search(words: str, request: HttpRequest, *, user: Viewer, language: str) -> Found:
    """Pages with all the words. A page the user may not read changes nothing: no hit, no count."""
    words = words.replace("\x00", "").strip()[:LONGEST_QUERY]
    locale = Locale.objects.filter(language_code=language).first()
    if not words or locale is None:
        return Found()

    def found(pages: Any) -> list[Any]:
        readable = pages.visible_to(user).filter(locale=locale, alias_of=None)
        return list(readable.search(words)[:MOST_OF_A_KIND])

    stories = found(cards.with_pictures(StoryPage.objects))
    resources = found(cards.with_documents(ResourcePage.objects))
    others = [page for kind in OTHERS for page in found(kind.objects.defer("body"))]
    return Found(
        stories=tuple(cards.cards(stories, request, language)),
        calls=tuple(cards.calls(found(UpdatePage.objects.defer("body")), request, language)),
        resources=tuple(cards.resources(resources, request, language)),
        others=tuple((page.title, page.get_url(request) or "") for page in others),
    )
