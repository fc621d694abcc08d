"""How many people of a country there are, in words that point at nobody.

Only people whom every member may find count: then the band tells, beside the directory, nothing of
those who are found by their course alone or by nobody. Bands are wide, none is given below five,
and no sum of them is shown from which another could be had.
"""

from __future__ import annotations

from django.db.models import Q

from alumni.models import Hiding, Profile

LEAST_PUBLIC = 5
"""Public counts below are hidden."""
BANDS = ((50, None), (25, 49), (10, 24), (LEAST_PUBLIC, 9))
"""From and to, the widest first; the last one begins where counts are public."""

Band = tuple[int, int | None]


def band_of(country: str) -> Band | None:
    """The band the country's people fall into, the same for whoever asks; one query."""
    active = Q(user__isnull=True) | Q(user__is_active=True)
    people = Profile.objects.members().filter(active, country=country, tier=Profile.Tier.NETWORK)
    return band(people.exclude(Hiding.objects.of_each()).count())


def band(count: int) -> Band | None:
    """5–9, 10–24, 25–49, 50 and more; None below."""
    return next(((least, most) for least, most in BANDS if count >= least), None)
