"""Lists of stories by country, topic and language, and the tree of topics with its numbers."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from cms.models import Topic
from tests.factories import cms as make
from tests.factories.alumni import ProfileFactory
from tests.factories.cms import StoryFactory, Tree


@pytest.fixture
def told(tree: Tree) -> Tree:
    """Stories in two countries, under a wide and a narrow topic, for two circles."""
    make.topic("care", en="Care", ar="الرعاية")
    make.topic("shelter", en="Shelter", ar="المأوى")
    make.topic("law", en="Law", ar="القانون")
    Topic.objects.filter(code="shelter").update(parent="care")
    for title, language, countries, topics, audience in (
        ("One", "en", ("KE",), ("shelter", "care"), "public"),
        ("Two", "en", ("KE", "UG"), ("care",), "public"),
        ("Canary", "en", ("ZM",), ("shelter",), "members"),
        ("ثلاثة", "ar", ("KE",), ("law",), "public"),
    ):
        StoryFactory(
            parent=tree.stories[language],
            title=title,
            countries=countries,
            topics=topics,
            audience=audience,
        )
    return tree


def listed(client: Client, **asked: str) -> Any:
    return client.get("/en/stories/", asked).context


def titles(shown: Any) -> list[str]:
    return sorted(story.title for story in shown["stories"])


def options(shown: Any, name: str) -> dict[str, int]:
    [facet] = [facet for facet in shown["facets"] if facet.name == name]
    return {option.value: option.count for option in facet.options}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["One", "Two"]),
        ({"country": "UG"}, ["Two"]),
        ({"topic": "care"}, ["One", "Two"]),
        ({"topic": "shelter"}, ["One"]),
        ({"topic": "shelter", "country": "UG"}, []),
        ({"in": "ar"}, ["ثلاثة"]),
        ({"in": "all", "country": "KE"}, ["One", "Two", "ثلاثة"]),
        ({"topic": "gone"}, []),
        ({"country": "ZM"}, []),
    ],
)
def test_stories_are_narrowed(
    told: Tree, client: Client, asked: dict[str, str], expected: list[str]
) -> None:
    assert titles(listed(client, **asked)) == sorted(expected)


def test_the_form_says_how_many_each_answer_leaves(told: Tree, client: Client) -> None:
    shown = listed(client, country="UG")

    assert options(shown, "country") == {"KE": 2, "UG": 1}
    assert options(shown, "topic") == {"care": 1}
    assert options(shown, "in") == {"en": 1}
    body = client.get("/en/stories/?country=UG").content.decode()
    assert '<option value="UG" selected>' in body
    assert '<meta name="robots" content="noindex">' in body
    assert "Canary" not in body


def test_members_are_counted_their_own(told: Tree, client: Client) -> None:
    client.force_login(ProfileFactory(joined=True).user)

    assert options(listed(client), "country") == {"KE": 2, "UG": 1, "ZM": 1}
    assert titles(listed(client, country="ZM")) == ["Canary"]


def test_a_story_in_another_language_says_so(told: Tree, client: Client) -> None:
    body = client.get("/en/stories/?in=ar").content.decode()

    assert '<h2 lang="ar" dir="rtl">' in body
    assert "<span>Arabic</span>" in body


def test_what_was_asked_goes_along_into_another_language(told: Tree, client: Client) -> None:
    links = listed(client, country="KE", topic="care", page="3")["language_links"]

    assert {link.code: link.url for link in links}["ar"] == "/ar/stories/?country=KE&topic=care"


def test_leaves_keep_what_was_asked(told: Tree, client: Client) -> None:
    for _ in range(13):
        StoryFactory(parent=told.stories["en"], countries=("ET",))

    body = client.get("/en/stories/?country=ET").content.decode()

    assert 'href="?country=ET&amp;page=2"' in body


def test_the_tree_of_topics_counts_each_story_once(told: Tree, client: Client) -> None:
    [care, law] = client.get("/en/topics/").context["topics"]

    assert (care.title, care.stories, law.stories) == ("Care", 2, 0)
    assert [(one.title, one.url, one.stories) for one in care.narrower] == [
        ("Shelter", "/en/topics/shelter/", 1)
    ]
    [_care, law] = client.get("/ar/topics/").context["topics"]
    assert (law.title, law.url, law.stories) == ("القانون", "/ar/topics/law/", 1)
    client.force_login(ProfileFactory(joined=True).user)
    assert client.get("/en/topics/").context["topics"][0].stories == 3


def test_topics_are_found_from_everywhere_and_in_the_sitemap(told: Tree, client: Client) -> None:
    for address in ("/en/", "/en/search/", "/en/topics/care/", "/en/stories/"):
        assert 'href="/en/topics/"' in client.get(address).content.decode()
    text = client.get("/sitemap.xml").content.decode()
    for path in ("/en/topics/", "/ar/topics/", "/en/topics/shelter/", "/ar/topics/shelter/"):
        assert text.count(f"<loc>http://testserver{path}</loc>") == 1


def test_feeds_are_listed_where_people_read(told: Tree, client: Client) -> None:
    body = client.get("/ar/feeds/").content.decode()

    for feed in ("/ar/feed/", "/ar/feed/topics/care/", "/ar/feed/countries/ke/"):
        assert f'href="{feed}"' in body
        assert client.get(feed).status_code == 200
    assert 'href="/ar/feeds/"' in client.get("/ar/").content.decode()
