"""The ten minutes of a demonstration: a page that no other site has."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

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
