"""The form beneath a page asks for what the page is about, and says so in the page's language."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from cms import page_entries
from cms.models import StoryPage
from newsletters import interests
from tests.factories import cms as make
from tests.factories.cms import CountryFactory, StoryFactory, Tree, UpdateFactory, translated
from tests.factories.newsletters import NewsletterFactory


@pytest.fixture
def pages(tree: Tree) -> None:
    NewsletterFactory()
    make.topic("law", en="Law", ar="القانون")
    kenya = CountryFactory(parent=tree.countries["en"], country="KE", slug="kenya")
    translated(kenya, "ar", title="كينيا", slug="kenya")
    about = {"countries": ("UG", "KE"), "topics": ("law", "gone")}
    StoryFactory(parent=tree.stories["en"], slug="told", **about)
    StoryFactory(parent=tree.stories["en"], slug="bare", countries=(), topics=())
    for slug, countries in (("some", ["ZM"]), ("all", [])):
        UpdateFactory(
            parent=tree.updates["en"], slug=slug, eligible_countries=countries, topics=["law"]
        )


@pytest.mark.parametrize(
    ("address", "follow", "words"),
    [
        ("/en/countries/kenya/", ["country:KE"], "Kenya"),
        ("/ar/countries/kenya/", ["country:KE"], "كينيا"),
        ("/en/stories/told/", ["country:KE", "country:UG", "topic:law"], "Kenya · Uganda · Law"),
        ("/en/stories/bare/", [], "everything"),
        ("/en/calls/some/", ["country:ZM", "topic:law"], "Zambia · Law"),
        ("/en/calls/all/", ["topic:law"], "Law"),
        ("/en/stories/", [], "everything"),
        ("/en/", [], "everything"),
    ],
)
def test_form_beneath_a_page_is_about_the_page(
    pages: None, client: Client, address: str, follow: list[str], words: str
) -> None:
    page = client.get(address).content.decode()

    assert re.findall(r'type="hidden" name="follow" value="([^"]+)"', page) == follow
    assert f"<bdi>{words}</bdi>" in page


def test_who_subscribes_beneath_a_story_follows_what_its_entry_carries(pages: None) -> None:
    story = StoryPage.objects.get(slug="told")

    asked = page_entries.codes(story.countries, story.topics)

    assert set(asked) == page_entries.follows(story)
    known = [one.code for one in interests.followable(asked, "en")]
    assert known == ["country:KE", "country:UG", "topic:law"]
