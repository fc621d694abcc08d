"""What stands around every screen: the menu, the languages, the thanks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from wagtail.models import Page

from alumni.models import Project
from cms import languages, routes
from cms.generations import kept
from cms.models import CoursePage

SECTION_DEPTH = 3
"""Root, home page of a language, its sections."""


@dataclass(frozen=True)
class Section:
    """A section of the site in the menu."""

    title: str
    url: str
    current: bool


def menu(request: HttpRequest) -> dict[str, Any]:
    """Context processor for every screen; each value costs its one query only when it is used.

    `menu` (Sections of the language's home page), `thanks` (what the donors' agreements ask to
    stand on the site), `home_url`, `language_links` (LanguageLinks of a screen that exists in every
    language; a page of the tree brings its own, and `hreflang_links` beside them).
    """
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "menu": SimpleLazyObject(lambda: sections(request)),
        "thanks": SimpleLazyObject(
            lambda: kept(("thanks", language), lambda: acknowledgements(language))
        ),
        "home_url": f"/{language}/",
        "language_links": SimpleLazyObject(lambda: languages.links_of_a_screen(request)),
    }


def sections(request: HttpRequest) -> list[Section]:
    """Sections of the home page in the language of the request, else in the first language."""
    spoken = get_language() or settings.LANGUAGE_CODE
    found = kept(("sections", spoken), lambda: _sections_in(spoken))
    return [Section(title, url, bool(url) and request.path.startswith(url)) for title, url in found]


def acknowledgements(language: str) -> list[str]:
    """The acknowledgement of every project with a course page that everyone may read."""
    runs = CoursePage.objects.visible_to(AnonymousUser()).values("course_run")
    projects = Project.objects.filter(runs__in=runs).distinct().order_by("pk")
    texts = (project.acknowledgement.in_language(language) for project in projects)
    return list(dict.fromkeys(text for text in texts if text))


def _sections_in(language: str) -> list[tuple[str, str]]:
    pages = Page.objects.live().in_menu().filter(depth=SECTION_DEPTH).order_by("path")
    rows = pages.values_list("title", "url_path")
    found = list(rows.filter(locale__language_code=language)) or list(
        rows.filter(locale__language_code=settings.LANGUAGE_CODE)
    )
    return [(title, routes.address(path)) for title, path in found]
