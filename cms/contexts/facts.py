"""The facts of a country as its page shows them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from cms.models import CountryFact
from cms.models.facts import a_year_before
from cms.models.updates import today


@dataclass(frozen=True)
class FactLine:
    """A fact with its source."""

    title: str
    value: str
    source: str
    host: str
    """Where the source is, in short."""
    as_at: dt.date
    is_old: bool
    """Nobody has verified it for a year."""


def of(country: str, language: str) -> list[FactLine]:
    """In the pack's order of kinds; one query."""
    order = [kind.code for kind in settings.PACK.fact_kinds]
    rows = sorted(
        CountryFact.objects.filter(country=country),
        key=lambda fact: (order.index(fact.kind) if fact.kind in order else len(order), fact.pk),
    )
    return [
        FactLine(
            title=fact.title_in(language),
            value=fact.value.in_language(language),
            source=fact.source,
            host=(urlsplit(fact.source).hostname or "").removeprefix("www."),
            as_at=fact.as_at,
            is_old=fact.as_at < a_year_before(today()),
        )
        for fact in rows
    ]
