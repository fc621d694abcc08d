"""Addresses of a country's stories where it has no page of its own."""

from __future__ import annotations

from cms import facets, routes
from cms.facets import Asked
from cms.generations import kept_around
from cms.models import StoryIndexPage


def of_country(country: str, language: str) -> str:
    """The list of stories, narrowed to the country; empty where the language has no list.

    To be asked only for a country of which the reader may read a story: the way alone would tell
    that there is one.
    """
    path = kept_around(("list of stories", language), lambda: _list(language))
    asked = Asked(country=country, language=language)
    return f"{path}?{facets.query(asked, language)}" if path else ""


def _list(language: str) -> str:
    lists = StoryIndexPage.objects.live().filter(locale__language_code=language, alias_of=None)
    path = lists.order_by("pk").values_list("url_path", flat=True).first()
    return routes.address(path) if path else ""
