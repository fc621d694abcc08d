"""A form that is sent while Wagtail keeps its draft waits for that; one press is one request."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SCRIPT = Path(settings.BASE_DIR) / "static" / "autosave.js"
FORM = """<form method="post" action="/sent"><input name="title" value="A story">
<button name="action-publish" value="action-publish">Publish</button></form>"""
SAY = "(name) => document.forms[0].dispatchEvent(new CustomEvent(name, {bubbles: true}))"
LOCK = "() => { document.querySelector('button').disabled = true }"


@pytest.fixture
def sent(desk: Page) -> list[str | None]:
    """What the form sent, request by request."""
    found: list[str | None] = []

    def answer(route):
        if route.request.method == "POST":
            found.append(route.request.post_data)
        route.fulfill(body=FORM, content_type="text/html")

    desk.route("**/*", answer)
    desk.goto("http://localhost:1/")
    desk.add_script_tag(content=SCRIPT.read_text())
    return found


@pytest.mark.parametrize("end", ["w-autosave:success", "w-autosave:error"])
def test_it_waits_until_the_draft_is_kept(desk: Page, sent: list[str | None], end: str) -> None:
    desk.evaluate(SAY, "w-autosave:save")
    desk.get_by_role("button").click()
    desk.evaluate(LOCK)  # as Wagtail does with a button that was pressed
    assert sent == []

    with desk.expect_navigation(url="**/sent"):
        desk.evaluate(SAY, end)

    assert sent == ["title=A+story&action-publish=1"]


def test_without_a_draft_underway_it_is_sent_at_once(desk: Page, sent: list[str | None]) -> None:
    desk.evaluate(SAY, "w-autosave:save")
    desk.evaluate(SAY, "w-autosave:success")

    with desk.expect_navigation(url="**/sent"):
        desk.get_by_role("button").click()

    assert sent == ["title=A+story&action-publish=action-publish"]
