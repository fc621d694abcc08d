"""A story with only title and standfirst in a language stands in that language's lists."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.search.index import insert_or_update_object

from cms.models import ShortTranslation, StoryPage
from tests.factories import cms as make
from tests.factories.cms import CountryFactory, StoryFactory, Tree, UpdateFactory, translated

IN_ENGLISH = "النص الكامل بهذه اللغة: الإنجليزية."


def short(page: Any, title: str = "قصيرة", language: str = "ar") -> None:
    ShortTranslation.objects.create(page=page, language=language, title=title, standfirst="سطر")


@pytest.fixture
def story(tree: Tree) -> Any:
    make.topic("care", en="Care", ar="الرعاية")
    page = StoryFactory(
        parent=tree.stories["en"], title="Told", countries=("KE",), topics=("care",)
    )
    short(page)
    return page


@pytest.mark.parametrize(
    "address", ["/ar/", "/ar/stories/", "/ar/countries/kenya/", "/ar/topics/care/"]
)
def test_it_stands_there_and_says_where_its_text_is(
    story: Any, tree: Tree, client: Client, address: str
) -> None:
    CountryFactory(parent=tree.countries["ar"], title="كينيا", slug="kenya", country="KE")

    body = client.get(address).content.decode()

    assert "قصيرة" in body
    assert "سطر" in body
    assert IN_ENGLISH in body
    assert f'href="/ar/read/{story.translation_key}/"' in body
    assert "Told" not in body


def test_it_is_found_by_its_own_words(story: Any, client: Client) -> None:
    insert_or_update_object(story)

    for words in ("قصيرة", "سطر", "Told"):
        found = client.get("/ar/search/", {"q": words}).context["found"]
        assert [hit.title for hit in found.hits] == ["قصيرة"]
    body = client.get("/ar/search/", {"q": "قصيرة"}).content.decode()
    assert IN_ENGLISH in body
    assert f'href="/ar/read/{story.translation_key}/"' in body
    there = client.get("/en/search/", {"q": "قصيرة"}).context["found"]
    assert [(hit.title, hit.text_in) for hit in there.hits] == [("Told", "")]


def test_once_there_is_a_full_translation_that_is_found(story: Any, client: Client) -> None:
    full = translated(story, "ar", title="كاملة")
    for page in (story, full):
        insert_or_update_object(page)

    found = client.get("/ar/search/", {"q": "Told"}).context["found"]

    assert found.hits == ()
    assert [(code, number) for code, _name, number in found.elsewhere] == [("en", 1)]


def test_whoever_asks_for_the_language_of_its_text_finds_it_too(story: Any, client: Client) -> None:
    insert_or_update_object(story)

    totals = {}
    for asked in ("ar", "en", "all", "pt"):
        found = client.get("/ar/search/", {"q": "Told", "in": asked}).context["found"]
        totals[asked] = found.count, len(found.hits)
    languages = next(facet for facet in found.facets if facet.name == "in")

    assert totals == {"ar": (1, 1), "en": (1, 1), "all": (1, 1), "pt": (0, 0)}
    assert {one.value: one.count for one in languages.options if one.count} == {"ar": 1, "en": 1}
    assert languages.count == 1


@pytest.mark.parametrize("address", ["/ar/stories/?in=en", "/ar/search/?q=Told&in=en"])
def test_beside_a_full_translation_the_first_text_stands_there_as_itself(
    story: Any, client: Client, address: str
) -> None:
    for page in (story, translated(story, "ar", title="كاملة")):
        insert_or_update_object(page)

    body = client.get(address).content.decode()

    assert f'href="{story.url}"' in body
    assert IN_ENGLISH not in body


def test_the_map_counts_it(story: Any, client: Client) -> None:
    regions = client.get("/ar/").context["regions"]
    assert [one.code for region in regions for one in region.countries if one.stories] == ["KE"]


def test_a_full_translation_takes_its_place(story: Any, client: Client) -> None:
    translated(story, "ar", title="كاملة")

    body = client.get("/ar/stories/").content.decode()

    assert "كاملة" in body
    assert "قصيرة" not in body


def test_two_languages_with_the_same_short_one_make_one_story(story: Any) -> None:
    short(story, "Courte", "fr")
    short(translated(story, "ar", title="كاملة"), "Double", "fr")

    [shown] = StoryPage.objects.told_in("fr")

    assert shown.words_in("fr").title == "Courte"


def test_other_lists_stay_as_they_are(story: Any, client: Client) -> None:
    assert not StoryPage.objects.told_in("fr")
    [card] = client.get("/en/stories/").context["stories"]
    assert (card.title, card.text_in, card.url) == ("Told", "", story.get_url())


def test_what_is_for_members_shows_neither_title_nor_number(tree: Tree, client: Client) -> None:
    short(StoryFactory(parent=tree.stories["en"], title="Canary", audience="members"), "كناري")

    shown = client.get("/ar/stories/?in=all")

    assert "كناري" not in shown.content.decode()
    assert shown.context["total"] == 0


def test_the_numbers_of_the_form_agree_with_the_list(story: Any, client: Client) -> None:
    for address, total in (
        ("/ar/stories/", 1),
        ("/ar/stories/?in=all", 1),
        ("/ar/stories/?in=pt", 0),
    ):
        shown = client.get(address).context
        facets = {facet.name: facet for facet in shown["facets"]}
        assert shown["total"] == total == facets["country"].count, address
    languages = {option.value: option.count for option in facets["in"].options}
    assert (languages["ar"], languages["en"], facets["in"].count) == (1, 1, 1)


def test_calls_do_the_same(tree: Tree, client: Client) -> None:
    short(UpdateFactory(parent=tree.updates["en"], title="Told"))

    body = client.get("/ar/calls/").content.decode()

    assert "قصيرة" in body
    assert IN_ENGLISH in body


def test_queries_do_not_grow_with_them(story: Any, tree: Tree, client: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/ar/stories/")
        return len(queries)

    asked()
    before = asked()
    for number in range(5):
        short(StoryFactory(parent=tree.stories["en"], title=f"Told {number}"), f"قصيرة {number}")
    assert asked() == before


def test_the_list_of_topics_counts_it_once(story: Any, client: Client) -> None:
    for language in ("en", "ar"):
        [line] = client.get(f"/{language}/topics/").context["topics"]
        assert line.stories == 1
