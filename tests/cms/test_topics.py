"""A topic's page and the feeds beside the site's: what is told, to whom, in how many queries."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms.models import Topic
from tests.factories import cms as make
from tests.factories.alumni import ProfileFactory
from tests.factories.cms import CountryFactory, StoryFactory, Tree, UpdateFactory, translated
from tests.factories.newsletters import NewsletterFactory

FEEDS = ("/en/feed/topics/care/", "/en/feed/topics/shelter/", "/en/feed/countries/ke/")


@pytest.fixture
def told(tree: Tree) -> Tree:
    """A wide topic with a narrow one, told in the open and for members."""
    make.topic("care", en="Care", ar="الرعاية")
    make.topic("shelter", en="Shelter", ar="المأوى")
    Topic.objects.filter(code="shelter").update(parent="care")
    make.topic("law", en="Law")
    for slug, topics, audience in (
        ("wide", ("care",), "public"),
        ("narrow", ("shelter",), "public"),
        ("other", ("law",), "public"),
        ("canary", ("shelter",), "members"),
    ):
        StoryFactory(
            parent=tree.stories["en"], title=slug, slug=slug, topics=topics, audience=audience
        )
        UpdateFactory(
            parent=tree.updates["en"],
            title=f"call {slug}",
            slug=slug,
            topics=list(topics),
            audience=audience,
            eligible_countries=["KE"],
        )
    return tree


def member() -> Client:
    client = Client()
    client.force_login(ProfileFactory(joined=True).user)
    return client


def names(page: list[object]) -> set[str]:
    return {one.title for one in page}  # type: ignore[attr-defined]


def test_a_topic_tells_what_is_about_it_and_about_its_narrower_ones(
    told: Tree, client: Client
) -> None:
    shown = client.get("/en/topics/care/").context

    assert names(shown["stories"]) == {"wide", "narrow"}
    assert names(shown["calls"]) == {"call wide", "call narrow"}
    assert shown["narrower"] == [("Shelter", "/en/topics/shelter/")]
    narrow = client.get("/en/topics/shelter/").context
    assert names(narrow["stories"]) == {"narrow"}
    assert narrow["wider"] == (("Care", "/en/topics/care/"),)


def test_what_is_for_members_stands_there_for_members_alone(told: Tree, client: Client) -> None:
    stranger, seen = client.get("/en/topics/care/"), member().get("/en/topics/care/")

    assert b"canary" not in stranger.content
    assert names(seen.context["stories"]) == {"wide", "narrow", "canary"}
    assert names(seen.context["calls"]) == {"call wide", "call narrow", "call canary"}
    assert seen["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("feed", FEEDS)
def test_a_feed_is_for_strangers_whoever_fetches_it(told: Tree, client: Client, feed: str) -> None:
    for visitor in (client, member()):
        body = visitor.get(feed).content.decode()

        assert "narrow" in body
        assert "canary" not in body


def test_a_feed_holds_its_country_and_its_topic_only(told: Tree, client: Client) -> None:
    StoryFactory(parent=told.stories["en"], title="Elsewhere", countries=("UG",))
    UpdateFactory(parent=told.updates["en"], title="For all", eligible_countries=[])

    def titles(feed: str) -> set[str]:
        found = re.findall(r"<item><title>([^<]+)", client.get(feed).content.decode())
        return set(found)

    kenya = {"wide", "narrow", "other", "call wide", "call narrow", "call other", "For all"}
    assert titles("/en/feed/countries/ke/") == kenya
    assert titles("/en/feed/topics/law/") == {"other", "call other"}
    assert titles("/ar/feed/topics/law/") == set()


@pytest.mark.parametrize(
    "address",
    ["topics/gone/", "feed/topics/gone/", "feed/countries/xx/", "feed/countries/KE/"],
)
def test_there_is_no_page_and_no_feed_of_what_the_network_does_not_know(
    told: Tree, client: Client, address: str
) -> None:
    assert client.get(f"/en/{address}").status_code == 404


def test_a_topic_page_asks_for_its_next_mail_and_names_its_feed(told: Tree, client: Client) -> None:
    NewsletterFactory()

    page = client.get("/ar/topics/care/").content.decode()

    follow = re.findall(r'type="hidden" name="follow" value="([^"]+)"', page)
    assert set(follow) == {"topic:care", "topic:shelter"}
    assert '<link rel="alternate" type="application/rss+xml"' in page
    assert 'href="/ar/feed/topics/care/"' in page
    assert "الرعاية" in page


def test_pages_lead_to_their_topics(told: Tree, client: Client) -> None:
    kenya = CountryFactory(parent=told.countries["en"], country="KE", slug="kenya")
    translated(kenya, "ar", title="كينيا", slug="kenya")
    for address in ("stories/narrow/", "calls/narrow/", "stories/", "countries/kenya/"):
        assert 'href="/en/topics/shelter/"' in client.get(f"/en/{address}").content.decode()
    heads = client.get("/ar/countries/kenya/").content.decode().partition("</head>")[0]
    assert 'href="/ar/feed/countries/ke/"' in heads


@pytest.mark.parametrize("address", ["/en/topics/care/", *FEEDS[::2]])
def test_queries_do_not_grow_with_the_stories(told: Tree, client: Client, address: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    queries()
    few = queries()
    for _ in range(3):
        StoryFactory(parent=told.stories["en"], topics=("care", "law"), picture=make.picture())
        UpdateFactory(parent=told.updates["en"], topics=["care"])
    client.get(address)  # the pictures are cut once

    assert queries() <= few + 2  # pictures and their sizes, however many
