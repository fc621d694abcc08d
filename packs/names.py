"""Names of countries and languages, from CLDR; in the language asked for, else in English."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError

WRITTEN_AS = {"pt": "pt-PT"}
"""CLDR's plain Portuguese is Brazil's; readers of Portuguese in Africa write Portugal's."""


def country_name(code: str, language: str) -> str:
    """`KE`, `ar` → كينيا. An unknown code is returned as it is."""
    return _locale(language).territories.get(code) or _locale("en").territories.get(code, code)


def language_name(code: str, language: str) -> str:
    """`pt`, `en` → Portuguese. An unknown code is returned as it is."""
    return _locale(language).languages.get(code) or _locale("en").languages.get(code, code)


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(WRITTEN_AS.get(language, language), sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")
