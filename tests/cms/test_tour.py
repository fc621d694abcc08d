"""The ten minutes of a demonstration: a page that no other site has."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

import packs
from tests.factories.cms import Tree


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
