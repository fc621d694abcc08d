"""The page of the demonstration: every step leads somewhere, three phones show three languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_look import barriers
from tests.journeys.test_after_the_course import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
def site(live):
    live.start_mail()
    live.start_web()
    live.start_worker()
    return live


def test_three_phones_show_what_three_readers_got(site, desk, phone):
    site.newsroom("send")
    site.until(site.everything_sent)
    desk.goto(f"{site.site.url}/en/demo/")

    languages = [found.inner_text() for found in desk.locator(".phone h3").all()]
    assert languages == ["English", "français", "العربيّة"]
    for frame, way in zip(desk.locator(".phone iframe").all(), ("ltr", "ltr", "rtl"), strict=True):
        frame.scroll_into_view_if_needed()
        mail = frame.content_frame
        expect(mail.locator("h1").first).to_be_visible()
        assert mail.locator("html").get_attribute("dir") == way
    assert "/n/u/demo/" in desk.locator(".phone pre").first.text_content()
    assert barriers(desk) == []

    off = desk.get_by_role("link", name="Without pictures").first.get_attribute("href")
    desk.goto(f"{site.site.url}{off}")
    assert desk.locator("img").count()
    assert desk.evaluate("[...document.images].every((image) => !image.naturalWidth)")

    phone.goto(f"{site.site.url}/ar/demo/")
    assert not phone.evaluate(TOO_WIDE)
    assert barriers(phone) == []


def test_every_step_leads_to_a_screen(site, desk, phone):
    sign_in(desk, site)
    desk.goto(f"{site.site.url}/en/demo/")

    ways = {link.get_attribute("href") for link in desk.locator(".tour a").all()} - {"#phones"}
    for_members = {"/en/members/me/hide/"}
    answers = {way: desk.goto(f"{site.site.url}{way}").status for way in ways - for_members}
    assert len(answers) > 7
    assert answers == dict.fromkeys(answers, 200)

    sign_in(phone, site, "wanjiru@example.org", lands="**/members/me/")
    assert {phone.goto(f"{site.site.url}{way}").status for way in ways & for_members} == {200}
