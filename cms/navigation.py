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
from cms import languages
from cms.models import CoursePage, ProjectPage

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
        "thanks": SimpleLazyObject(lambda: acknowledgements(language)),
        "home_url": f"/{language}/",
        "language_links": SimpleLazyObject(lambda: languages.links_of_a_screen(request)),
    }


def sections(request: HttpRequest) -> list[Section]:
    """Sections of the home page in the language of the request, else in the first language."""
    pages = Page.objects.live().in_menu().filter(depth=SECTION_DEPTH).order_by("path")
    spoken = get_language() or settings.LANGUAGE_CODE
    found = list(pages.filter(locale__language_code=spoken)) or list(
        pages.filter(locale__language_code=settings.LANGUAGE_CODE)
    )
    urls = [(page.title, page.get_url(request) or "") for page in found]
    return [Section(title, url, bool(url) and request.path.startswith(url)) for title, url in urls]


def acknowledgements(language: str) -> list[str]:
    """The acknowledgement of every project that everyone may read of, or of a course of it."""
    stranger = AnonymousUser()
    told = Q(runs__in=CoursePage.objects.visible_to(stranger).values("course_run"))
    told |= Q(pk__in=ProjectPage.objects.visible_to(stranger).values("project"))
    projects = Project.objects.filter(told).distinct().order_by("pk")
    texts = (project.acknowledgement.in_language(language) for project in projects)
    return list(dict.fromkeys(text for text in texts if text))
