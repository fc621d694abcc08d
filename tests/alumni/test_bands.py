"""How many there are of a country: a band, of people whom members find anyway, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from alumni.bands import band, band_of
from alumni.models import Hiding
from tests.factories.alumni import ProfileFactory, UserFactory


def people(number: int, **facts: Any) -> list[Any]:
    given = {"joined": True, "country": "KE", "tier": "network"} | facts
    return [ProfileFactory(**given) for _ in range(number)]


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, None),
        (4, None),
        (5, (5, 9)),
        (9, (5, 9)),
        (10, (10, 24)),
        (24, (10, 24)),
        (25, (25, 49)),
        (49, (25, 49)),
        (50, (50, None)),
        (5000, (50, None)),
    ],
)
def test_a_count_is_told_in_bands_and_not_below_five(count: int, shown: Any) -> None:
    assert band(count) == shown


def test_the_band_is_of_one_country(db: None) -> None:
    people(5)
    people(4, country="UG")

    assert (band_of("KE"), band_of("UG")) == ((5, 9), None)


@pytest.mark.parametrize("tier", ["cohort", "protected", ""])
def test_whom_not_every_member_finds_is_not_told_by_difference(db: None, tier: str) -> None:
    people(4)
    people(3, tier=tier)

    assert band_of("KE") is None


def test_who_has_not_joined_or_cannot_sign_in_does_not_count(db: None) -> None:
    people(4)
    ProfileFactory(country="KE", user=UserFactory())
    people(1, user=UserFactory(is_active=False))

    assert band_of("KE") is None


@pytest.mark.parametrize("what", ["profile", "institution", "country"])
def test_whoever_is_hidden_is_gone_from_the_band_at_once(db: None, what: str) -> None:
    *_others, last = people(5, institution="The office")
    assert band_of("KE") == (5, 9)

    whom = {"profile": last, "institution": "the office", "country": "KE"}
    Hiding.objects.create(**{what: whom[what]})

    assert band_of("KE") is None
