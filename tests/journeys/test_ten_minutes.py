"""The page of the demonstration: every step leads somewhere. Its phones are in the walk."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from tests.browser.test_look import barriers
from tests.journeys.hands import TOO_WIDE, publish, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def site(live):
    live.start_mail()
    live.start_web()
    live.start_worker()
    return live


def test_every_step_leads_to_a_screen(site, desk, phone):
    sign_in(desk, site)
    desk.goto(f"{site.site.url}/en/demo/")

    ways = {link.get_attribute("href") for link in desk.locator(".tour a").all()} - {"#phones"}
    # Some lead into the mailbox, which has an address of its own.
    answers = {way: desk.goto(urljoin(site.site.url, way)).status for way in ways}
    assert len(answers) > 7
    assert answers == dict.fromkeys(answers, 200)

    desk.goto(f"{site.site.url}/en/demo/")
    desk.get_by_role("link", name="The course it grew from").click()
    expect(desk.get_by_role("main").get_by_text("Government of Japan").first).to_be_visible()

    # What belongs to somebody else is one press away all the same, and so is the way back.
    desk.goto(f"{site.site.url}/en/demo/")
    desk.get_by_role("button", name="Hide me now").click()
    expect(desk.get_by_role("heading", level=1, name="Hide me now")).to_be_visible()
    desk.goto(f"{site.site.url}/en/demo/")
    expect(desk.get_by_text("You are signed in", exact=True)).to_have_count(1)
    desk.locator(".tour > li").nth(3).get_by_role("button", name="Mailings").click()
    desk.wait_for_url("**/cms/mailings/")


def test_a_phone_that_nobody_signed_in_on_reaches_them_too(site, phone):
    phone.goto(f"{site.site.url}/ar/demo/")
    assert not phone.evaluate(TOO_WIDE)
    assert barriers(phone) == []

    phone.locator(".tour > li").nth(9).get_by_role("button").click()

    phone.wait_for_url("**/ar/members/me/hide/")


def test_the_story_begins_with_its_texts_in_a_tab_of_its_own(site, desk):
    desk.goto(f"{site.site.url}/en/demo/")
    with desk.context.expect_page() as opened:
        desk.get_by_role("button", name="Begin with the texts filled in").click()

    form = opened.value
    expect(form.locator("#id_title")).to_have_value("مكتبٌ في لوساكا يفتح بابه ليلًا")
    publish(form)
