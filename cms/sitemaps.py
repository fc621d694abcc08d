"""The sitemap: every page everyone may read, in every language."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap

from cms.models import (
    CountryIndexPage,
    CountryPage,
    CourseIndexPage,
    CoursePage,
    HomePage,
    ProgrammeIndexPage,
    ProgrammePage,
    ProjectPage,
    ResourceIndexPage,
    ResourcePage,
    StoryIndexPage,
    StoryPage,
    UpdateIndexPage,
    UpdatePage,
)

SHOWN: tuple[Any, ...] = (
    HomePage,
    CountryIndexPage,
    CountryPage,
    StoryIndexPage,
    StoryPage,
    UpdateIndexPage,
    UpdatePage,
    CourseIndexPage,
    CoursePage,
    ProgrammeIndexPage,
    ProgrammePage,
    ProjectPage,
    ResourceIndexPage,
    ResourcePage,
)


class PageSitemap(Sitemap):
    """One query for every kind of page."""

    def items(self) -> list[Any]:
        """Live pages a stranger may read, once each."""
        stranger = AnonymousUser()
        found: list[Any] = []
        for model in SHOWN:
            pages = model.pages_visible_to(stranger).filter(alias_of=None).order_by("path")
            found += [page for page in pages.defer_streamfields() if page.get_url_parts()]
        return found

    def location(self, item: Any) -> str:
        """The path, with its language."""
        return str(item.get_url_parts()[2])

    def lastmod(self, item: Any) -> dt.datetime | None:
        """When it was last published."""
        return item.last_published_at or item.first_published_at
