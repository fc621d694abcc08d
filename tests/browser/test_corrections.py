"""A correction begun on a phone, in Arabic: no barrier, no small target, no line that runs out."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cms.management.commands.demo import PASSWORD
from tests.browser.conftest import PHONE
from tests.browser.test_look import barriers

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SENT = (
    "SELECT id FROM newsletters_issue WHERE closed_at IS NOT NULL"
    " AND starts_with(reference, 'dispatch:') ORDER BY id"
)
SMALL = """() => [...document.querySelectorAll('.mailings .button')].filter(one => {
    const box = one.getBoundingClientRect()
    return box.width && box.height < 43.5
  }).map(one => one.outerHTML.slice(0, 80))"""


def faults(page: Page) -> list[Any]:
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*barriers(page), *page.evaluate(SMALL), *([width] if width > 0 else [])]


def test_a_correction_is_begun_on_a_phone_in_arabic(opens, live):
    page = opens(width=PHONE, locale="ar")
    page.goto("/en/accounts/login/?next=/cms/")
    page.fill("[name=login]", "editor@example.org")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url("**/cms/")
    (mailing,) = live.sql(SENT)[-1]

    page.goto(f"/cms/mailings/{mailing}/")
    assert page.get_attribute("html", "dir") == "rtl"
    found = faults(page)
    page.click("#correct")
    page.wait_for_url("**/cms/writing/*/")
    found += faults(page)
    begun = page.url
    page.goto(f"{begun}audience/")
    expect(page).to_have_url(f"{begun}edit/")
    found += faults(page)
    page.goto(f"/cms/mailings/{mailing}/")
    found += faults(page)

    assert found == []
    assert page.locator("#correct").count() == 0
    expect(page.locator(f"a[href='{begun.replace(live.site.url, '')}']")).to_be_visible()
