"""How much each country has told: counts over all languages, a story and its translations once."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, F, Func, Max, Min

from cms.models import CountryFact, StoryPage


def told() -> dict[str, tuple[int, dt.datetime | None]]:
    """By country: (stories, when the newest was first published); countries without one lack."""
    rows = (
        StoryPage.objects.live()
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
