"""A member's story, from a cheap phone without scripts to the site, and off it again."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from cms.management.commands.demo import PASSWORD
from tests.browser.test_look import barriers

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AUTHOR, EDITOR = "wanjiru@example.org", "editor@example.org"
TITLE, NEWS = "The form that fits on one page", "There is news about what you sent"
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
def site(live):
    live.start_mail()
    live.start_web()
    live.start_worker()
    return live


@pytest.fixture
def plain(chromium):
    """A phone whose browser runs no scripts."""
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=False
    )
    yield context.new_page()
    context.close()


def sign_in(page, site, address, lands):
    page.goto(f"{site.site.url}/en/accounts/login/")
    page.fill("[name=login]", address)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(lands)


def photograph():
    exif = Image.Exif()
    exif[0x010E] = "where it was taken"
    drawn = io.BytesIO()
    Image.new("RGB", (1200, 900), "#E9A23B").save(drawn, "JPEG", exif=exif)
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": drawn.getvalue()}


def told(site, times):
    """So many letters about the story have come to its author, and none tells which."""

    def letters():
        return [mail for mail in site.mailbox.mails(to=AUTHOR) if mail.subject == NEWS]

    site.until(lambda: len(letters()) >= times)
    assert len(letters()) == times
    assert TITLE not in "".join(letter.text + letter.html for letter in letters())


def test_written_on_a_phone_mended_published_with_the_chosen_byline_and_taken_down(
    site, desk, plain
):
    sign_in(plain, site, AUTHOR, "**/members/**")
    plain.goto(f"{site.site.url}/en/members/stories/new/")
    assert not plain.evaluate(TOO_WIDE)
    plain.fill("[name=title]", TITLE)
    plain.set_input_files("[name=picture1-file]", photograph())
    plain.get_by_role("button", name="Save and go on later").click()

    # Another day.
    panel = plain.locator("section.panel", has_text=TITLE)
    expect(panel.get_by_text("not sent yet")).to_be_visible()
    panel.get_by_role("link", name="Go on writing").click()
    expect(plain.locator("main details img").first).to_be_visible()
    plain.fill("[name=standfirst]", "One page did what ten could not.")
    plain.fill("[name=text]", "We had ten pages.\n\nNow there is one.")
    plain.select_option("[name=country]", "KE")
    plain.check("[name=form][value=initials]")
    plain.get_by_role("button", name="Send to the editors").click()
    # Three things were missing: nothing that was typed or sent is lost.
    expect(plain.get_by_role("alert").first).to_be_visible()
    expect(plain.locator("[name=text]")).to_have_value(re.compile("Now there is one"))
    plain.fill("[name=picture1-alt]", "A form of one page on a desk")
    plain.check("[name=picture1-shows][value=nobody]")
    plain.check("[name=no_case]")
    assert not plain.evaluate(TOO_WIDE)
    plain.get_by_role("button", name="Send to the editors").click()
    expect(panel.get_by_text("waits for an editor")).to_be_visible()

    sign_in(desk, site, EDITOR, "**/cms/")
    desk.get_by_role("link", name="Stories from members (1)").click()
    desk.get_by_role("link", name=TITLE).click()
    expect(desk.get_by_text("We had ten pages.")).to_be_visible()
    expect(desk.locator("figure img")).to_be_visible()
    expect(desk.get_by_text("Kamau")).to_have_count(0)
    assert barriers(desk) == []
    desk.get_by_label("A note to the author").fill("Which office?")
    desk.get_by_role("button", name="Give it back to be mended").click()

    plain.goto(f"{site.site.url}/en/members/me/stories/")
    expect(panel.get_by_text("Which office?")).to_be_visible()
    panel.get_by_role("link", name="Go on writing").click()
    plain.fill("[name=text]", "We had ten pages at the west desk.\n\nNow there is one.")
    plain.check("[name=no_case]")
    plain.get_by_role("button", name="Send to the editors").click()

    desk.goto(f"{site.site.url}/cms/submissions/")
    desk.get_by_role("link", name=TITLE).click()
    desk.get_by_role("button", name="Take it on").click()
    desk.wait_for_url("**/edit/")
    desk.get_by_role("button", name="Publish", exact=True).click()
    expect(desk.locator(".messages").get_by_text(re.compile("published"))).to_be_visible()
    told(site, 5)

    plain.goto(f"{site.site.url}/en/members/me/stories/")
    expect(panel.first.get_by_text("on the site")).to_be_visible()
    panel.first.get_by_role("link", name="Read it").click()
    address = plain.url
    expect(plain.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(plain.get_by_text("W. K.")).to_be_visible()
    expect(plain.get_by_text("We had ten pages at the west desk.")).to_be_visible()
    expect(plain.get_by_alt_text("A form of one page on a desk")).to_be_visible()
    picture = plain.locator("figure.cover img").get_attribute("src")
    assert b"where it was taken" not in plain.request.get(f"{site.site.url}{picture}").body()

    desk.goto(f"{site.site.url}/cms/submissions/?state=published")
    desk.get_by_role("link", name=TITLE).click()
    desk.get_by_role("button", name="Take it down now").click()
    expect(desk.get_by_text("Taken down")).to_be_visible()

    assert plain.request.get(address).status == 404
    told(site, 6)
    plain.goto(f"{site.site.url}/en/members/me/stories/")
    expect(panel.first.get_by_text("not on the site any more")).to_be_visible()
