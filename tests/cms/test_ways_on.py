"""Pages of error help: where nothing is, the way on; and one that needs no database at all."""

from __future__ import annotations

import re

import html5lib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from tests.factories import cms as make
from tests.factories.alumni import ProfileFactory
from tests.factories.cms import StoryFactory, Tree, UpdateFactory


def test_a_missing_page_leads_on(tree: Tree, client: Client) -> None:
    for number in range(4):
        StoryFactory(parent=tree.stories["en"], title=f"Story {number}")
    StoryFactory(parent=tree.stories["ar"], title="قصة")
    StoryFactory(parent=tree.stories["en"], title="Canary", audience="members")

    answer = client.get("/en/nothing here/?q=1")

    body = answer.content.decode()
    assert answer.status_code == 404
    titles = [card.title for card in answer.context["newest"]]
    assert titles == ["Story 3", "Story 2", "Story 1"]
    assert 'action="/en/search/"' in body
    for way in ("/en/", "/en/stories/", "/en/countries/", "/en/topics/"):
        assert f'href="{way}"' in body
    assert f"mailto:{settings.PACK.contact}?subject=" in body
    assert "body=/en/nothing%20here/" in body
    assert "Canary" not in body
    in_arabic = client.get("/ar/nothing/").context["newest"]
    assert [card.title for card in in_arabic] == ["قصة"]


def test_a_member_s_missing_page_shows_what_members_read(tree: Tree, client: Client) -> None:
    StoryFactory(parent=tree.stories["en"], title="Ours", audience="members")
    client.force_login(ProfileFactory(joined=True).user)

    assert [card.title for card in client.get("/en/nothing/").context["newest"]] == ["Ours"]


def test_a_site_without_a_single_page_says_that_something_is_missing(
    db: None, client: Client
) -> None:
    assert client.get("/en/nothing/").status_code == 404


@pytest.mark.parametrize("template", ["400.html", "500.html"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_what_broke_is_told_without_the_database(template: str, language: str) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("the database was asked")

    with translation.override(language), connection.execute_wrapper(refuse):
        page = render_to_string(template)

    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page
    assert f'href="/{language}/"' in page


def test_a_browser_that_asks_for_its_icon_gets_the_mark(client: Client, db: None) -> None:
    answer = client.get("/favicon.ico")

    assert answer.status_code == 302
    assert "mark" in answer["Location"]
    assert answer["Location"].endswith(".svg")


SCREENS = [
    "",
    "stories/",
    "stories/?country=KE&in=all",
    "stories/told/",
    "countries/",
    "calls/",
    "calls/offer/",
    "courses/",
    "topics/",
    "topics/care/",
    "feeds/",
    "search/",
    "search/?q=told&in=all",
    "search/?q=zzzz",
    "privacy/",
    "imprint/",
    "newsletters/",
    "nothing-here/",
    "accounts/login/",
]


@pytest.fixture
def furnished(db: None) -> None:
    call_command("setup", no_input=True)
    make.topic("care", en="Care", ar="الرعاية")
    lists = {model: model.objects.get(locale__language_code="en") for model in INDEXES}
    StoryFactory(parent=lists[make.StoryIndexPage], title="Told", slug="told", topics=("care",))
    UpdateFactory(parent=lists[make.UpdateIndexPage], title="Told", slug="offer", topics=["care"])


INDEXES = (make.StoryIndexPage, make.UpdateIndexPage)


@pytest.mark.usefixtures("furnished")
def test_pages_are_sound_html(client: Client) -> None:
    found = {path: _faults(client.get(f"/en/{path}").content.decode()) for path in SCREENS}

    assert found == {path: [] for path in SCREENS}


def _faults(body: str) -> list[str]:
    """What the parser stumbles over, addresses in the page that are there twice or not at all."""
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(body)
    ids = re.findall(r'\sid="([^"]*)"', body)
    labelled = re.findall(r'\s(?:for|aria-labelledby|aria-describedby)="([^"]+)"', body)
    return [
        *(f"{code} at {place}" for place, code, _more in parser.errors),
        *(f"twice: {one}" for one in sorted(set(ids)) if ids.count(one) > 1),
        *(f"nowhere: {one}" for one in sorted({*" ".join(labelled).split()} - set(ids))),
    ]


@pytest.mark.usefixtures("furnished")
def test_every_kind_of_page_says_what_it_is_where_it_is_shown(client: Client) -> None:
    said = ("og:type", "og:title", "og:url", "og:site_name")
    for path in SCREENS:
        if re.match(r"search|nothing|accounts|stories/\?", path):
            continue
        head = client.get(f"/en/{path}").content.decode().partition("</head>")[0]
        counts = {name: head.count(f'<meta property="{name}" content="') for name in said}
        assert counts == dict.fromkeys(said, 1), path
        assert head.count('rel="canonical"') == 1, path
        assert f'href="{settings.SITE_URL}/en/{path}"' in head, path
