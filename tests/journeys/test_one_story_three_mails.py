"""The digest: looked at as three readers, sent, its sum closes; one leaves and is told why."""

from __future__ import annotations

import re
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.test_look import barriers
from tests.journeys.test_after_the_course import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LEAVER = "everything.reader@example.org"
WEEKLY = "every week"


@pytest.fixture
def site(live):
    live.start_mail()
    live.start_web()
    live.start_worker()
    return live


def send_the_weekly_one(desk, site):
    """From the list of what comes next to the mailing whose sum has closed; to how many it went."""
    desk.goto(f"{site.site.url}/cms/mailings/")
    row = desk.get_by_role("row").filter(has_text=WEEKLY)
    row.get_by_role("link", name="What would leave now").click()
    button = desk.get_by_role("button", name=re.compile("Send to \\d+ p"))
    people = int(re.search(r"\d+", button.inner_text()).group())
    yield people
    button.click()
    expect(desk.locator(".messages").get_by_text("is being drawn up")).to_be_visible()
    site.until(site.everything_sent)
    desk.goto(f"{site.site.url}/cms/mailings/")
    # A notice of a call that closes soon may have left after it: "(a call …, every week)".
    desk.get_by_role("link", name=re.compile(f"\\({WEEKLY}\\)")).first.click()
    expect(desk.get_by_role("row", name="People in this mailing")).to_contain_text(str(people))
    expect(desk.get_by_text("These figures do not add up")).to_have_count(0)
    yield people


def test_it_is_looked_at_sent_and_left(site, desk, phone):
    sign_in(desk, site)
    weekly = send_the_weekly_one(desk, site)
    people = next(weekly)
    frames = desk.locator(".side-by-side iframe")
    assert frames.count() == 3
    heading = frames.first.content_frame.locator("h1").first
    # Set as a mail is set: the page's own policy has not taken its styles away.
    assert "Georgia" in heading.evaluate("it => getComputedStyle(it).fontFamily")
    said = [frame.content_frame.locator("body").inner_text() for frame in frames.all()]
    assert any("Because you follow" in words for words in said)
    assert barriers(desk) == []
    next(weekly)
    assert len({mail.to for mail in site.mailbox.mails()}) >= people

    (mail,) = site.mailbox.mails(to=LEAVER)
    (leave,) = set(re.findall(r"http://localhost:\d+/n/u/[\w-]+/", mail.html))
    for _ in range(100):
        urlopen(leave).close()
    # The button of the mail program: one POST, no page.
    urlopen(Request(leave, data=b"List-Unsubscribe=One-Click")).close()

    site.newsroom("publish", "--title", "A door that opens twice", "--country", "KE")
    again = send_the_weekly_one(desk, site)
    next(again)
    next(again)
    assert len(site.mailbox.mails(to=LEAVER)) == 1
    desk.get_by_role("link", name="Why did, or didn't, this person get it?").click()
    desk.get_by_label("Address").fill(LEAVER)
    desk.get_by_role("button", name="Tell me why").click()
    expect(desk.locator("#why")).to_contain_text(
        re.compile(r"Left on .+ at .+ by the button in the mail\.")
    )
