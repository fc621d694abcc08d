"""Beneath a story: one of three things to say, one press, no account."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.db import transaction
from django.db.models import F

from cms.models import StoryPage, Tally
from newsletters.addresses import keyed_hash

LEAST_SHOWN = 10
MOST_A_NETWORK = 20
"""Of one story, an hour: an office may share one address, a program may not count."""


@dataclass(frozen=True)
class Reaction:
    """One button and, from ten on, how many have pressed it."""

    code: str
    label: str
    total: int | None


def of(page: StoryPage) -> list[Reaction]:
    """The three buttons; one query."""
    rows = Tally.objects.filter(story=page.translation_key).values_list("what", "total")
    totals = {what: total for what, total in rows if total >= LEAST_SHOWN}
    return [Reaction(what.value, str(what.label), totals.get(what)) for what in Tally.What]


def say(*, page: StoryPage, what: Tally.What, network: str) -> bool:
    """One more who says so; False where this network has said a great deal already."""
    key = f"reactions:{page.translation_key}:{keyed_hash(network)}"
    cache.add(key, 0, 3600)
    if cache.incr(key) > MOST_A_NETWORK:
        return False
    with transaction.atomic():
        row, _made = Tally.objects.get_or_create(story=page.translation_key, what=what)
        Tally.objects.filter(pk=row.pk).update(total=F("total") + 1)
    return True
