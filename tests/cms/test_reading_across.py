"""A page read from a language it is not written in: it stays the page, and says what it is."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from cms.models import ShortTranslation
from tests.factories import cms as make
from tests.factories.alumni import ProfileFactory
from tests.factories.cms import (
    CountryFactory,
    CourseFactory,
    StoryFactory,
    Tree,
    UpdateFactory,
    translated,
)


@pytest.fixture
def story(tree: Tree) -> object:
    make.topic("care", en="Care", ar="الرعاية")
    return StoryFactory(
        parent=tree.stories["en"], title="Told", slug="told", countries=("KE",), topics=("care",)
    )


def switch(client: Client, address: str, code: str) -> str:
    links = client.get(address).context["language_links"]
    return str(next(link.url for link in links if link.code == code))


def test_the_switch_leads_to_the_story_itself_and_says_its_language(
    story: object, client: Client
) -> None:
    StoryFactory(parent=make.StoryIndexPage.objects.get(locale__language_code="ar"), title="أخرى")
    address = switch(client, "/en/stories/told/", "ar")

    page = client.get(address)

    body = page.content.decode()
    assert '<html lang="ar" dir="rtl">' in body
    assert '<h1 lang="en" dir="ltr">Told</h1>' in body
    assert '<div class="prose" lang="en" dir="ltr">' in body
    assert "What was done, step by step." in body
    assert "كينيا" in body
    assert "الرعاية" in body
    assert page.context["written"].name == "الإنجليزية"
    assert page["X-Robots-Tag"] == "noindex"
    assert f'<link rel="canonical" href="{story.address}">' in body  # type: ignore[attr-defined]
    assert switch(client, address, "en") == "/en/stories/told/"
    assert switch(client, address, "fr") == address.replace("/ar/", "/fr/")


def test_a_short_translation_stands_above_the_text(story: object, client: Client) -> None:
    ShortTranslation.objects.create(page=story, language="ar", title="قصيرة", standfirst="سطر")

    body = client.get(switch(client, "/en/stories/told/", "ar")).content.decode()

    assert "<h1>قصيرة</h1>" in body
    assert '<p class="standfirst">سطر</p>' in body
    assert '<div class="prose" lang="en" dir="ltr">' in body


def test_where_it_is_translated_meanwhile_the_way_leads_on(story: object, client: Client) -> None:
    address = switch(client, "/en/stories/told/", "ar")
    translated(story, "ar", slug="qissa")

    answer = client.get(address)

    assert (answer.status_code, answer["Location"]) == (302, "/ar/stories/qissa/")


def test_a_page_in_its_own_language_says_nothing_of_it(story: object, client: Client) -> None:
    page = client.get("/en/stories/told/")

    assert page.context["written"] is None
    assert "<h1>Told</h1>" in page.content.decode()
    assert page.content.decode().count(' lang="en"') == 2  # the page's, and the switch's


@pytest.mark.parametrize("kind", ["call", "course", "country"])
def test_other_kinds_do_the_same(tree: Tree, client: Client, kind: str) -> None:
    page = {
        "call": lambda: UpdateFactory(parent=tree.updates["en"], title="Told"),
        "course": lambda: CourseFactory(
            parent=tree.courses["en"], title="Told", course_run=make.course_run()
        ),
        "country": lambda: CountryFactory(parent=tree.countries["en"], title="Told"),
    }[kind]()

    body = client.get(switch(client, page.get_url(), "ar")).content.decode()

    assert '<html lang="ar" dir="rtl">' in body
    assert '<h1 lang="en" dir="ltr">Told</h1>' in body


def test_what_one_may_not_read_is_not_found_in_any_language(tree: Tree, client: Client) -> None:
    hidden = StoryFactory(parent=tree.stories["en"], title="Canary", audience="members")
    draft = StoryFactory(parent=tree.stories["en"], title="Canary", live=False)
    for key in (hidden.translation_key, draft.translation_key, uuid4()):
        answer = client.get(f"/ar/read/{key}/")
        assert answer.status_code == 404
        assert b"Canary" not in answer.content

    client.force_login(ProfileFactory(joined=True).user)
    answer = client.get(f"/ar/read/{hidden.translation_key}/")
    assert answer["Cache-Control"] == "private, no-store"
    assert b"Canary" in answer.content
