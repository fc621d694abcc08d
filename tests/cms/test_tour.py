"""The ten minutes of a demonstration: a page that no other site has."""

from __future__ import annotations

import re
from typing import Any
from unittest import mock

import pytest
from django.test import Client

import packs
from alumni.models import User
from cms.models import StoryPage
from tests.factories.cms import Tree
from tests.newsletters.test_interleavings import at_once


@pytest.mark.parametrize("address", ["/en/demo/", "/en/demo/issue/0123456789abcdef/"])
def test_only_demonstrations_have_it(tree: Tree, client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_before_a_digest_has_left_it_says_so(tree: Tree, client: Client, settings: Any) -> None:
    settings.DEMO = True

    page = client.get("/en/demo/")

    assert len(page.context["steps"]) == 10
    assert page.context["phones"] == []
    assert "No digest has left yet." in page.content.decode()
    assert page["X-Robots-Tag"] == "noindex"


def test_a_mail_that_is_not_there_is_not_found(tree: Tree, client: Client, settings: Any) -> None:
    settings.DEMO = True

    for key in ("0123456789abcdef", "0", "%25"):
        assert client.get(f"/en/demo/nothing/{key}/").status_code == 404


def test_the_story_of_step_three_is_ready_to_be_copied(
    tree: Tree, client: Client, settings: Any
) -> None:
    settings.DEMO = True

    page = client.get("/en/demo/")

    ready = page.context["steps"][2].ready
    assert (ready.language, ready.country) == ("Arabic", "Zambia")
    assert [(one.code, one.direction) for one in ready.texts] == [
        *[("ar", "rtl")] * 3,
        *[("en", "ltr")] * 2,
        *[("fr", "ltr")] * 2,
    ]
    assert [one.ready for one in page.context["steps"] if one.ready] == [ready]
    html = page.content.decode()
    assert "Invented for this demonstration" in html
    # Each stands there as text, with a button that names it.
    for one in ready.texts:
        assert f'<textarea id="{one.key}"' in html
        assert f'data-copy="{one.key}"' in html
        assert f'aria-describedby="label-{one.key}"' in html
    assert len({one.key for one in ready.texts}) == 7


def test_a_pack_without_ready_texts_has_the_step_all_the_same(
    tree: Tree, client: Client, settings: Any
) -> None:
    settings.DEMO = True
    settings.PACK = packs.load("bridgetown")

    page = client.get("/en/demo/")

    assert [one.ready for one in page.context["steps"]] == [None] * 10
    assert "<textarea" not in page.content.decode()


EDITOR, ADMINISTRATOR = "editor@example.org", "administrator@example.org"


def colleague(address: str, *, is_superuser: bool = False) -> User:
    return User.objects.create_user(address, "x", is_superuser=is_superuser)


def test_a_press_signs_in_as_somebody_invented_and_goes_on(
    tree: Tree, client: Client, settings: Any
) -> None:
    settings.DEMO = True
    editor, administrator = colleague(EDITOR), colleague(ADMINISTRATOR)
    client.force_login(editor)

    answer = client.post("/en/demo/as/", {"address": ADMINISTRATOR, "next": "/cms/mailings/"})

    assert (answer.status_code, answer["Location"]) == (302, "/cms/mailings/")
    assert client.session["_auth_user_id"] == str(administrator.pk)


@pytest.mark.parametrize("onward", ["https://elsewhere.example/", "//elsewhere.example/", ""])
def test_a_press_leads_to_this_site_alone(
    tree: Tree, client: Client, settings: Any, onward: str
) -> None:
    settings.DEMO = True
    colleague(EDITOR)

    answer = client.post("/en/demo/as/", {"address": EDITOR, "next": onward})

    assert answer["Location"] == "/en/demo/"


@pytest.mark.parametrize("demo", [True, False])
def test_nobody_else_is_signed_in_so_and_nobody_elsewhere(
    tree: Tree, client: Client, settings: Any, demo: bool
) -> None:
    settings.DEMO = demo
    colleague("director@example.org", is_superuser=True)
    if not demo:
        colleague(EDITOR)

    for address in ("director@example.org", EDITOR, ""):
        for path in ("/en/demo/as/", "/en/demo/story/"):
            assert client.post(path, {"address": address}).status_code == 404
            assert client.get(path).status_code == (405 if demo else 404)
    assert "_auth_user_id" not in client.session


def test_a_page_that_stays_open_signs_in_as_often_as_it_is_pressed(
    tree: Tree, settings: Any
) -> None:
    """What a press opens in a tab of its own leaves this page as it was drawn before."""
    settings.DEMO = True
    browser = Client(enforce_csrf_checks=True)
    people = [colleague(EDITOR), colleague(ADMINISTRATOR)]
    page = browser.get("/en/demo/")
    found = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert found is not None

    for person in (*people, people[0]):
        sent = {"address": person.email, "csrfmiddlewaretoken": found[1]}
        assert browser.post("/en/demo/as/", sent).status_code == 302
        assert browser.session["_auth_user_id"] == str(person.pk)
    assert browser.post("/en/demo/as/", {"address": EDITOR}).status_code == 403


def test_the_way_back_to_the_page_draws_it_for_whoever_is_signed_in_by_then(
    tree: Tree, client: Client, settings: Any
) -> None:
    settings.DEMO = True

    assert "no-store" in client.get("/en/demo/")["Cache-Control"]


def test_a_button_signs_in_only_whom_its_screen_needs(
    tree: Tree, client: Client, settings: Any
) -> None:
    settings.DEMO = True
    needed = {
        None: [ADMINISTRATOR, "", EDITOR, *[ADMINISTRATOR] * 6, "wanjiru@example.org"],
        EDITOR: [ADMINISTRATOR, "", "", *[ADMINISTRATOR] * 6, "wanjiru@example.org"],
        ADMINISTRATOR: [*[""] * 9, "wanjiru@example.org"],
    }
    needed[None][4] = needed[EDITOR][4] = ""  # the three phones are for everybody

    for visitor, addresses in needed.items():
        if visitor:
            client.force_login(colleague(visitor))
        page = client.get("/en/demo/")

        assert [one.address for one in page.context["steps"]] == addresses
        hide = '<button type="submit" name="next" value="/en/members/me/hide/"'
        assert page.content.decode().count(hide) == 1
        bare = len(re.findall('<a class="[^"]+" href="/cms/', page.content.decode()))
        assert bare == {None: 0, EDITOR: 1}.get(visitor, 11)


def test_the_ready_story_begins_as_one_draft_however_often_it_is_pressed(
    tree: Tree, client: Client, settings: Any
) -> None:
    settings.DEMO = True
    colleague(ADMINISTRATOR, is_superuser=True)
    for press in range(2):
        answer = client.post("/en/demo/story/", {"address": "" if press else ADMINISTRATOR})
        (draft,) = StoryPage.objects.filter(slug="an-office-that-opens-at-night")

        assert answer["Location"] == f"/cms/pages/{draft.pk}/edit/"
    assert (draft.locale.language_code, draft.live, draft.countries) == ("ar", False, ["ZM"])
    assert draft.latest_revision is not None
    assert [one.language for one in draft.short_translations.all()] == ["en", "fr"]


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_begin_one_story(tree: Tree, settings: Any) -> None:
    settings.DEMO = True
    colleague(ADMINISTRATOR, is_superuser=True)

    def press() -> str:
        pressing = Client(raise_request_exception=False)
        return pressing.post("/en/demo/story/", {"address": ADMINISTRATOR})["Location"]

    found = at_once(press, press)

    draft = StoryPage.objects.get(slug="an-office-that-opens-at-night")
    assert found == [f"/cms/pages/{draft.pk}/edit/"] * 2


def test_the_pack_is_read_once_a_day(tree: Tree, client: Client, settings: Any) -> None:
    settings.DEMO = True
    client.get("/en/demo/")

    with mock.patch("packs.values.yaml.safe_load", side_effect=AssertionError):
        assert client.get("/en/demo/").status_code == 200
