"""The site's feed in each language: what everyone may read, newest first."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import get_language

from cms.models import StoryPage, UpdatePage

MOST_ITEMS = 30


class SiteFeed(Feed):
    """Stories and open calls of the language in the address; whoever asks is a stranger."""

    feed_type = Rss201rev2Feed

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        """The language."""
        return get_language() or settings.LANGUAGE_CODE

    def title(self, language: str) -> str:
        """The network's name."""
        return str(settings.PACK.name_of(settings.PACK.network_name, language))

    def description(self, language: str) -> str:
        """The network's tagline."""
        return str(settings.PACK.name_of(settings.PACK.tagline, language))

    def link(self, language: str) -> str:
        """The home page."""
        return f"{settings.SITE_URL}/{language}/"

    def items(self, language: str) -> list[Any]:
        """The newest stories and calls together."""
        stranger = AnonymousUser()
        found: list[Any] = []
        for pages in (StoryPage.objects, UpdatePage.objects.open()):
            public = pages.visible_to(stranger).written_in(language).defer("body")
            found += public.filter(first_published_at__isnull=False).newest_first()[:MOST_ITEMS]
        found.sort(key=lambda page: page.first_published_at, reverse=True)
        return found[:MOST_ITEMS]

    def item_title(self, item: Any) -> str:
        """The page's title."""
        return str(item.title)

    def item_description(self, item: Any) -> str:
        """The page's standfirst."""
        return str(item.standfirst)

    def item_link(self, item: Any) -> str:
        """The page's address."""
        return str(item.address)

    def item_guid(self, item: Any) -> str:
        """The address again: it stays."""
        return str(item.address)

    def item_pubdate(self, item: Any) -> dt.datetime | None:
        """When it was first published."""
        return item.first_published_at

    def item_updateddate(self, item: Any) -> dt.datetime | None:
        """When it was last published."""
        return item.last_published_at
