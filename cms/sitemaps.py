"""The sitemap: every page everyone may read, and every topic, in every language."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from cms.models import (
    CountryIndexPage,
    CountryPage,
    CourseIndexPage,
    CoursePage,
    HomePage,
    NoticePage,
    ProgrammeIndexPage,
    ProgrammePage,
    ProjectPage,
    ResourceIndexPage,
    ResourcePage,
    StoryIndexPage,
    StoryPage,
    Topic,
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
    NoticePage,
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


class TopicSitemap(Sitemap):
    """The list of topics and each of them, in every language of the site; one query."""

    i18n = True

    def items(self) -> list[str]:
        """Codes; the empty one stands for the list."""
        return ["", *sorted(set(Topic.objects.values_list("code", flat=True)))]

    def location(self, item: str) -> str:
        """The path in the language of the moment."""
        return reverse("topic", args=[item]) if item else reverse("topics")
