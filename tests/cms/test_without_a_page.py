"""A country that has told a story and has no page: its name leads to the list of its stories."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from alumni.models import User
from tests.factories.cms import CountryFactory, StoryFactory, Tree

pytestmark = pytest.mark.django_db
TOGO = "/en/stories/?country=TG"
GHANA = "country=GH"


@pytest.fixture
def editor_too(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def ways(client: Client, address: str) -> list[str]:
    """Where the names of countries lead."""
    page = client.get(address).content.decode()
    return re.findall(r'href="([^"]*country[^"]*|[^"]*countries/[a-z]+/)"', page)


def test_map_table_and_list_lead_to_its_stories(tree: Tree, client: Client) -> None:
    StoryFactory(parent=tree.stories["en"], title="From Lomé", countries=["TG"])

    front, all_countries = ways(client, "/en/"), ways(client, "/en/countries/")

    # The map and its twin in words.
    assert front.count(TOGO) == 2
    assert all_countries.count(TOGO) == 2
    assert "From Lomé" in client.get(TOGO).content.decode()


def test_its_own_page_is_what_leads_there_as_soon_as_there_is_one(
    tree: Tree, client: Client
) -> None:
    StoryFactory(parent=tree.stories["en"], countries=["TG"])
    page = CountryFactory(parent=tree.countries["en"], country="TG", slug="togo")

    assert TOGO not in ways(client, "/en/countries/")
    assert page.url in ways(client, "/en/countries/")


def test_nothing_leads_to_what_a_reader_may_not_know(
    tree: Tree, client: Client, editor_too: Client
) -> None:
    """Neither a draft nor a story for members makes a link, for whoever may read neither."""
    StoryFactory(parent=tree.stories["en"], countries=["GH"], audience="members")
    StoryFactory(parent=tree.stories["en"], countries=["GH"], live=False)
    StoryFactory(parent=tree.stories["en"], countries=["TG"])
    stranger = Client()

    for address in ("/en/", "/en/countries/", "/en/stories/"):
        page = stranger.get(address).content.decode()
        assert GHANA not in page
        assert 'value="GH"' not in page
    assert any(GHANA in way for way in ways(editor_too, "/en/countries/"))


def test_a_story_leads_to_the_others_of_its_country(tree: Tree, client: Client) -> None:
    story = StoryFactory(parent=tree.stories["en"], countries=["TG", "KE"])
    kenya = CountryFactory(parent=tree.countries["en"], country="KE")

    found = client.get(story.url).context["countries"]

    assert found == [("Togo", TOGO), ("Kenya", kenya.url)]
