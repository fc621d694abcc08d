"""What readers follow. In: codes. Out: their labels, in the order in which to show them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext, override

from newsletters import sources
from newsletters.sources import EVERYTHING, Interest


def followable(codes: Iterable[str], language: str) -> list[Interest]:
    """Those of the codes that can be followed, labelled, in the order in which to show them."""
    if not (asked := set(codes)):
        return []
    return [one for one in sources.content().interests(language) if one.code in asked]


def in_words(codes: Iterable[str], language: str) -> str:
    """“Iceland · Lighthouses”, or “everything”; empty when none can be followed any more."""
    codes = set(codes)
    if EVERYTHING in codes:
        with override(language):
            return gettext("everything")
    return " · ".join(one.label for one in followable(codes, language))
