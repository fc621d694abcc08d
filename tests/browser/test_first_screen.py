"""The first screen of the editing side, with a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import DESK, PHONE
from tests.browser.test_roster_import import sign_in, sound

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_the_search_ends_where_its_column_does(opens: Any, width: int) -> None:
    page = opens(width=width)
    sign_in(page, "/cms/")
    sound(page)

    column = page.locator(".first-screen > header").bounding_box()
    search = page.get_by_role("searchbox", name="Search all pages")
    box = search.bounding_box()
    assert box["x"] >= column["x"]
    assert box["x"] + box["width"] <= column["x"] + column["width"]

    search.fill("night")
    with page.expect_navigation():
        search.press("Enter")
    assert page.url.endswith("/?q=night")
