"""The feeds of the site, of a country and of a topic: what everyone may read, newest first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed

from alumni.vocabulary import country_name, language_now
from cms.models import ResourcePage, StoryPage, Topic, UpdatePage

MOST_ITEMS = 30


@dataclass(frozen=True)
class Asked:
    """A language, and what of it: everything, one country, or a topic with its narrower ones."""

    language: str
    country: str = ""
    topics: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        """The country's or the topic's name; empty for everything."""
        if self.country:
            return country_name(self.country, self.language)
        return Topic.objects.titles(self.language)[self.topics[0]] if self.topics else ""


class SiteFeed(Feed):
    """Stories, open calls and resources in the language of the address, for strangers."""

    feed_type = Rss201rev2Feed

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Asked:
        """The language."""
        return Asked(language_now())

    def title(self, asked: Asked) -> str:
        """The network's name; before it, what the feed is about."""
        network = str(settings.PACK.name_of(settings.PACK.network_name, asked.language))
        return f"{asked.about} · {network}" if asked.about else network

    def description(self, asked: Asked) -> str:
        """The network's tagline."""
        return str(settings.PACK.name_of(settings.PACK.tagline, asked.language))

    def link(self, asked: Asked) -> str:
        """The home page, or the topic's."""
        if asked.topics:
            return f"{settings.SITE_URL}{reverse('topic', args=[asked.topics[0]])}"
        return f"{settings.SITE_URL}/{asked.language}/"

    def items(self, asked: Asked) -> list[Any]:
        """The newest stories, calls and resources together."""
        stories, calls = StoryPage.objects.all(), UpdatePage.objects.open()
        resources = ResourcePage.objects.all()
        if asked.country:
            stories = stories.filter(countries__contains=[asked.country])
            calls = calls.reaching(asked.country)
            resources = resources.filter(countries__contains=[asked.country])
        if asked.topics:
            stories = stories.filter(topics__overlap=asked.topics)
            calls = calls.filter(topics__overlap=asked.topics)
            resources = resources.filter(topics__overlap=asked.topics)
        stranger = AnonymousUser()
        found: list[Any] = []
        for pages in (stories, calls, resources):
            public = pages.visible_to(stranger).written_in(asked.language).defer("body")
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


class CountryFeed(SiteFeed):
    """What is told of a country, and the calls open to it."""

    def get_object(self, request: HttpRequest, *args: Any, code: str = "", **kwargs: Any) -> Asked:
        """A country of the network, by its code in small letters."""
        country = code.upper()
        if code != code.lower() or country not in settings.PACK.countries:
            raise Http404
        return Asked(language_now(), country=country)


class TopicFeed(SiteFeed):
    """What is told of a topic, and the calls that name it."""

    def get_object(self, request: HttpRequest, *args: Any, code: str = "", **kwargs: Any) -> Asked:
        """A topic and the narrower ones beneath it."""
        codes = Topic.objects.with_narrower(code)
        if not codes:
            raise Http404
        return Asked(language_now(), topics=tuple(codes))
