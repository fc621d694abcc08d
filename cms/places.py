"""Countries as pages list them: by the pack's regions, named in the page's language."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable

from babel import Locale, UnknownLocaleError
from babel.dates import get_timezone_location
from babel.languages import get_official_languages
from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext

from alumni.vocabulary import country_name, language_now, region_name, sort_key

__all__ = [
    "by_the_clock",
    "clock",
    "countries_by_region",
    "language_name",
    "names_of",
    "own_name",
    "region_name",
]

Named = list[tuple[str, str]]


def names_of(countries: Iterable[str], language: str) -> list[str]:
    """The names in the order of the codes."""
    return [country_name(code, language) for code in countries]


def countries_by_region(language: str) -> list[tuple[str, Named]]:
    """(region's name, its countries as (code, name) by name), in the pack's order of regions."""
    pack = settings.PACK
    return [
        (
            pack.name_of(region.names, language),
            sorted(
                ((code, country_name(code, language)) for code in region.countries),
                key=lambda country: sort_key(country[1]),
            ),
        )
        for region in pack.regions
    ]


def language_name(code: str, language: str) -> str:
    """The name of a language in another (or the same) language."""
    return str(Locale.parse(language, sep="-").languages.get(code, code))


def own_name(country: str) -> tuple[str, str]:
    """(name, language): the country in the first of its official languages that CLDR can write."""
    for language in get_official_languages(country, de_facto=True):
        try:
            name = Locale.parse(language).territories.get(country)
        except (UnknownLocaleError, ValueError):
            continue
        if name:
            return str(name), language
    return "", ""


def clock() -> str:
    """The town whose time the network goes by, in the language of the moment."""
    zone = settings.PACK.clock
    if "/" not in zone:
        return str(zone)
    language = language_now().replace("-", "_")
    return str(get_timezone_location(zoneinfo.ZoneInfo(zone), locale=language, return_city=True))


def by_the_clock(moment: dt.datetime) -> str:
    """A day and an hour by the network's clock, whatever the reader's own is."""
    local = moment.astimezone(zoneinfo.ZoneInfo(settings.PACK.clock))
    words = {"when": date_format(local, "DATETIME_FORMAT"), "town": clock()}
    return gettext("%(when)s (%(town)s time)") % words
