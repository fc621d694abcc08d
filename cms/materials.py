"""Pages whose audience is one course run: the promise kept for the people's own page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from alumni.directory.materials import Material
from alumni.vocabulary import language_now
from cms.audiences import RUN
from cms.models import CoursePage, ProgrammePage, ProjectPage, ResourcePage, StoryPage, UpdatePage

KINDS: tuple[Any, ...] = (
    StoryPage,
    UpdatePage,
    ResourcePage,
    CoursePage,
    ProgrammePage,
    ProjectPage,
)


def of_run(slug: str, request: HttpRequest) -> list[Material]:
    """Each page once: in the language of the request, else in the one it was written in first."""
    pages: list[Any] = []
    for kind in KINDS:
        live = kind.objects.live().filter(audience=f"{RUN}{slug}", alias_of=None)
        pages += live.select_related("locale").defer("body").order_by("pk")
    chosen: dict[Any, Any] = {}
    for page in pages:
        if page.translation_key not in chosen or page.locale.language_code == language_now():
            chosen[page.translation_key] = page
    newest = sorted(chosen.values(), key=lambda page: page.first_published_at, reverse=True)
    return [Material(page.title, page.standfirst, page.get_url(request) or "") for page in newest]
