"""Whoever searches for what is hidden gets what whoever searches for nonsense gets."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from alumni.directory import search
from alumni.directory.search import Asked
from tests.factories.alumni import EnrolmentFactory, ProfileFactory
from tests.privacy.canaries import MARK, Place
from tests.privacy.shown import leaks, must_find
from tests.privacy.world import World

OF_A_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')
SEARCHED = ("given_name", "family_name", "institution", "post", "biography")


def words(world: World) -> dict[Place, str]:
    """One canary a place; the keys and hashes are no words."""
    found: dict[Place, str] = {}
    for mark, place in world.canaries.places.items():
        if MARK.fullmatch(mark):
            found.setdefault(place, mark.decode())
    return found


@pytest.mark.parametrize(("visitor", "run"), [("member", "other"), ("classmate", "met")])
def test_the_directory_finds_by_what_it_shows_and_by_nothing_else(
    world: World, visitor: str, run: str
) -> None:
    profile = ProfileFactory(joined=True)
    EnrolmentFactory(profile=profile, run=getattr(world, run))
    everyone = search.find(profile.user, Asked()).count

    found = {
        place
        for place, word in words(world).items()
        if place.model.startswith("alumni.") and search.find(profile.user, Asked(words=word)).count
    }

    shown = {place for place in must_find(visitor) if place.field in SEARCHED}
    assert found == {place for place in shown if place.model == "alumni.Profile"}
    assert search.find(profile.user, Asked(words="zqnowhere")).count == 0
    assert search.find(profile.user, Asked()).count == everyone


def test_a_stranger_s_search_answers_hidden_words_as_nonsense(world: World) -> None:
    client = Client()
    open_to_all = must_find("stranger")
    asked = {
        place: word
        for place, word in words(world).items()
        if place.model.startswith("cms.") or place.tier in {"network", "public"}
    }

    nonsense = answer(client, "zq99999x")
    told = {place for place, word in asked.items() if answer(client, word) != nonsense}
    titles = {place for place in open_to_all if place.field == "title" and is_of_a_page(place)}
    assert titles, "some pages are open to all"
    assert titles - told == set(), "it does find what is open"
    told -= open_to_all
    assert leaks("stranger", told) == set()


def is_of_a_page(place: Place) -> bool:
    return place.model.startswith("cms.") and place.model.endswith("Page")


def answer(client: Client, word: str) -> bytes:
    """The page of hits, without the word that was asked for."""
    body = client.get("/en/search/", {"q": word}).content
    return OF_A_TOKEN.sub(b"", body).replace(word.encode(), b"")
