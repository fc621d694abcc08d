"""What stands around every screen: the menu, the languages, the thanks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from wagtail.models import Page

from alumni.models import Project
from cms import languages, routes
from cms.generations import kept_around
from cms.models import CoursePage, NoticePage, ProjectPage

SECTION_DEPTH = 3
"""Root, home page of a language, its sections."""


@dataclass(frozen=True)
class Way:
    """A page's title and address."""

    title: str
    url: str


@dataclass(frozen=True)
class Section:
    """A section of the site in the menu."""

    title: str
    url: str
    current: bool


def menu(request: HttpRequest) -> dict[str, Any]:
    """Context processor for every screen; each value costs its one query only when it is used.

    `menu` (Sections of the language's home page), `thanks` (what the donors' agreements ask to
    stand on the site), `notices` (address and title of privacy and imprint, by kind), `home_url`,
    `language_links` (LanguageLinks of a screen that exists in every
    language; a page of the tree brings its own, and `hreflang_links` beside them).
    """
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "menu": SimpleLazyObject(lambda: sections(request)),
        "thanks": SimpleLazyObject(
            lambda: kept_around(("thanks", language), lambda: acknowledgements(language))
        ),
        "notices": SimpleLazyObject(lambda: kept_around(("notices", language), notices)),
        "home_url": f"/{language}/",
        "language_links": SimpleLazyObject(lambda: languages.links_of_a_screen(request)),
    }


def sections(request: HttpRequest) -> list[Section]:
    """Sections of the home page in the language of the request, else in the first language."""
    spoken = get_language() or settings.LANGUAGE_CODE
    found = kept_around(("sections", spoken), _sections)
    return [Section(title, url, bool(url) and request.path.startswith(url)) for title, url in found]


def notices() -> dict[str, Way]:
    """The notices in the language of the request, else in the first language."""
    pages = NoticePage.objects.live().defer_streamfields().order_by("-path")
    return {page.kind: Way(page.title, routes.address(page.url_path)) for page in _spoken(pages)}


def _spoken(pages: Any) -> list[Any]:
    """Those in the language of the moment; where there are none, those in the first language."""
    spoken = get_language() or settings.LANGUAGE_CODE
    return list(pages.filter(locale__language_code=spoken)) or list(
        pages.filter(locale__language_code=settings.LANGUAGE_CODE)
    )


def acknowledgements(language: str) -> list[str]:
    """The acknowledgement of every project that everyone may read of, or of a course of it."""
    stranger = AnonymousUser()
    told = Q(runs__in=CoursePage.objects.visible_to(stranger).values("course_run"))
    told |= Q(pk__in=ProjectPage.objects.visible_to(stranger).values("project"))
    projects = Project.objects.filter(told).distinct().order_by("pk")
    texts = (project.acknowledgement.in_language(language) for project in projects)
    return list(dict.fromkeys(text for text in texts if text))


def _sections() -> list[tuple[str, str]]:
    pages = Page.objects.live().in_menu().filter(depth=SECTION_DEPTH).order_by("path")
    return [(page.title, routes.address(page.url_path)) for page in _spoken(pages)]
