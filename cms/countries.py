"""How much each country has told: counts over all languages, a story and its translations once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, F, Func, Max, Min

from alumni import vocabulary
from cms.audiences import keeps_some_countries
from cms.models import CountryDesk, CountryFact, StoryPage


def looked_after(user: Any) -> list[tuple[str, str]]:
    """(code, name) of the network's countries; for country editors, of theirs alone."""
    named = vocabulary.countries()
    if not keeps_some_countries(user):
        return named
    desks = CountryDesk.objects.filter(group__user=user).values_list("countries", flat=True)
    theirs = {code for codes in desks for code in codes}
    return [(code, name) for code, name in named if code in theirs]


def told(user: Any) -> dict[str, tuple[int, dt.datetime | None]]:
    """By country: (stories the colleague may read, when the newest was first published); countries
    without one lack."""
    rows = (
        StoryPage.objects.visible_to(user)
        .filter(alias_of=None)
        .order_by()
        .annotate(one=Func(F("countries"), function="unnest"))
        .values("one")
        .annotate(n=Count("translation_key", distinct=True), newest=Max("first_published_at"))
    )
    return {row["one"]: (row["n"], row["newest"]) for row in rows}


def facts() -> dict[str, tuple[int, dt.date]]:
    """By country: (facts, the day on which the oldest was verified)."""
    rows = CountryFact.objects.order_by().values("country")
    counted = rows.annotate(n=Count("pk"), oldest=Min("as_at"))
    return {row["country"]: (row["n"], row["oldest"]) for row in counted}
