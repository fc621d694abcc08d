"""The editors' screens in a browser: what moves is followed without a hand, and can be without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from cms.management.commands.demo import PASSWORD
from tests.plugins.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BY_ITSELF = "This page keeps itself up to date."


@pytest.fixture
def site(live: Live) -> Live:
    live.start_mail()
    live.start_web()
    return live


@pytest.fixture
def unscripted(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(java_script_enabled=False, locale="en-GB")
    yield context.new_page()
    context.close()


def open_mailings(page: Page, site: Live) -> None:
    page.goto(f"{site.site.url}/cms/mailings/")
    page.get_by_label("E-mail address").fill("editor@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/cms/mailings/")


def send(page: Page) -> None:
    page.get_by_role("link", name=re.compile("Send what is due")).first.click()
    page.get_by_role("button", name=re.compile("Send to ")).click()


def said(page: Page) -> Any:
    return page.locator("[role=status][data-part=happening]")


def test_after_the_press_the_list_follows_by_itself_until_all_is_sent(
    site: Live, desk: Page
) -> None:
    open_mailings(desk, site)
    expect(desk.get_by_text("Nothing is on its way at the moment.").last).to_be_visible()
    pages: list[str] = []
    desk.on("framenavigated", lambda frame: pages.append(frame.url))
    site.hold()

    send(desk)

    expect(said(desk)).to_contain_text("is being drawn up.")
    expect(desk.get_by_text(BY_ITSELF)).to_be_visible()
    expect(desk.get_by_role("link", name="Refresh")).to_be_hidden()
    site.start_worker()
    expect(said(desk)).to_contain_text("is being sent.")
    expect(desk.get_by_role("progressbar")).to_be_visible()
    site.release()
    expect(said(desk)).to_contain_text("Nothing is on its way at the moment.", timeout=60_000)
    expect(desk.get_by_text(BY_ITSELF)).to_be_hidden()
    assert len(pages) == 2, "the question, the answer to the press and nothing after it"


def test_a_page_on_which_nothing_moves_asks_for_nothing(site: Live, desk: Page) -> None:
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    desk.clock.install()
    open_mailings(desk, site)

    desk.clock.run_for(60_000)

    assert [url for url in asked if "parts" in url] == []


def test_the_keyboard_stays_where_it_was(site: Live, desk: Page) -> None:
    site.hold()
    open_mailings(desk, site)
    send(desk)
    site.start_worker()
    link = desk.locator("[id^=on-its-way-]")
    expect(link).to_be_visible()
    link.focus()

    desk.locator("[data-part=now]").evaluate("one => one.insertAdjacentHTML('beforeend', '<hr>')")
    expect(desk.locator("[data-part=now] hr")).to_have_count(0)

    expect(link).to_be_focused()
    site.release()


def test_without_scripts_a_link_refreshes(site: Live, unscripted: Page) -> None:
    open_mailings(unscripted, site)
    send(unscripted)
    expect(said(unscripted)).to_contain_text("is being drawn up.")
    expect(unscripted.get_by_text(BY_ITSELF)).to_be_hidden()

    site.start_worker()
    site.until(site.everything_sent)
    unscripted.get_by_role("link", name="Refresh").click()

    expect(unscripted.get_by_text("Nothing is on its way at the moment.").last).to_be_visible()


def test_a_sign_in_that_ended_ends_the_following_too(site: Live, desk: Page) -> None:
    open_mailings(desk, site)
    send(desk)
    expect(desk.get_by_text(BY_ITSELF)).to_be_visible()

    desk.context.clear_cookies()

    expect(desk.get_by_role("link", name="Refresh")).to_be_visible()


def test_the_screens_have_no_barrier_by_day_and_by_night(site: Live, desk: Page) -> None:
    open_mailings(desk, site)
    site.hold()
    send(desk)
    site.start_worker()
    desk.locator("[id^=on-its-way-]").click()
    desk.wait_for_url(re.compile(r"/mailings/\d+/$"))
    mailing = desk.url

    found = []
    for address in (f"{site.site.url}/cms/mailings/", mailing, f"{mailing}cancel/"):
        for theme in ("light", "dark"):
            desk.emulate_media(color_scheme=theme)
            desk.goto(address)
            ours = Axe().run(desk, context=".mailings").response["violations"]
            found += [(address, theme, rule["id"]) for rule in ours]

    assert found == []
    site.release()
