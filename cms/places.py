"""Countries as pages list them: by the pack's regions, named in the page's language."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from alumni.vocabulary import country_name, sort_key

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
