"""The feed of a newsletter in a language: its issues as the archive shows them, newest first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.formats import date_format
from django.utils.translation import get_language

from newsletters import archive
from newsletters.models import Issue, Newsletter

MOST_ITEMS = 30


@dataclass(frozen=True)
class Asked:
    """A newsletter and a language."""

    newsletter: Newsletter
    language: str


class NewsletterFeed(Feed):
    """What everybody may read of a newsletter."""

    feed_type = Rss201rev2Feed

    def get_object(self, request: HttpRequest, newsletter: str) -> Asked:
        """The newsletter of the address, in the language of the address."""
        found = Newsletter.objects.filter(slug=newsletter, is_open=True).first()
        if found is None:
            raise Http404
        return Asked(found, get_language() or settings.LANGUAGE_CODE)

    def title(self, asked: Asked) -> str:
        """The newsletter's name."""
        return asked.newsletter.wording(asked.language).name

    def description(self, asked: Asked) -> str:
        """What comes, and how often."""
        return asked.newsletter.wording(asked.language).description

    def link(self, asked: Asked) -> str:
        """Where one subscribes."""
        return settings.SITE_URL + reverse("newsletters:list")

    def items(self, asked: Asked) -> list[Issue]:
        """Its latest issues in this language."""
        issues = archive.archived(asked.language).filter(newsletter=asked.newsletter)
        return list(issues[:MOST_ITEMS])

    def item_title(self, item: Any) -> str:
        """What editors called it; a digest by its day."""
        if item.kind == Newsletter.Kind.WRITTEN:
            return str(item.cards[0].title)
        return date_format(item.cutoff_at.astimezone(item.newsletter.zone), "DATE_FORMAT")

    def item_description(self, item: Any) -> str:
        """The titles of what it tells of."""
        if item.kind == Newsletter.Kind.WRITTEN:
            return ""
        return " · ".join(card.title for card in item.cards)

    def item_link(self, item: Any) -> str:
        """Its page in the archive."""
        return settings.SITE_URL + reverse(
            "newsletters:issue", args=[item.newsletter.slug, item.key]
        )

    def item_pubdate(self, item: Any) -> dt.datetime:
        """Up to when it tells what was new."""
        return item.cutoff_at
