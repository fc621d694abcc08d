"""The whole path in a browser: an editor publishes, the digest leaves, a reader opens it."""

import re

import pytest
from playwright.sync_api import expect

from cms.management.commands.demo import PASSWORD
from tests.journeys import hands

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EDITOR = "editor@example.org"
TITLE = "Kitale opens its door at night"
ARABIC_READER = "amal.reader@example.org"
SUBSCRIPTIONS = "SELECT id, state, frequency, interests FROM newsletters_subscription ORDER BY id"


@pytest.fixture
def site(live):
    live.start_mail()
    live.start_web()
    live.start_worker()
    return live


def sign_in(page, site, address, next_page="/cms/"):
    page.goto(f"{site.site.url}{next_page}")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{next_page}**")


def write_and_publish(page, site, title):
    hands.begin_story(page, site, "English", title)
    hands.tell(
        page,
        standfirst="The office now answers after dark.",
        text="The night desk opened in May.",
        country="Kenya",
    )
    hands.publish(page)


def test_editor_publishes_and_exactly_the_followers_find_it_in_their_mailbox(site, desk):
    sign_in(desk, site, EDITOR)
    write_and_publish(desk, site, TITLE)
    readers = site.readers_of("KE")

    hands.send_what_is_due(desk, site)
    site.until(lambda: len(site.got(TITLE)) >= len(readers))
    site.until(lambda: site.everything_sent())
    desk.goto(f"{site.site.mail_url}/")
    desk.get_by_role("link", name=re.compile(re.escape(TITLE))).first.click()

    assert site.got(TITLE) == readers
    frame = desk.frame_locator("iframe").first
    expect(frame.get_by_role("link", name=TITLE).first).to_be_visible()


def test_story_is_read_on_the_site_in_its_language(site, desk):
    sign_in(desk, site, EDITOR)
    write_and_publish(desk, site, TITLE)

    desk.goto(f"{site.site.url}/en/")
    desk.get_by_role("link", name=TITLE).first.click()

    expect(desk.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(desk.locator("html")).to_have_attribute("dir", "ltr")
    expect(desk.get_by_text("The night desk opened in May.")).to_be_visible()


def test_arabic_reader_gets_the_digest_from_right_to_left_and_leaves_by_its_link(site, phone):
    site.ring_for_the_digest()
    (mail,) = site.until(lambda: site.mailbox.mails(to=ARABIC_READER))
    (leave,) = set(re.findall(r"http://localhost:\d+/n/u/[\w-]+/", mail.html))

    phone.goto(leave)
    phone.get_by_role("main").get_by_role("button").first.click()
    phone.wait_for_load_state()

    assert 'dir="rtl"' in mail.html
    expect(phone.locator("html")).to_have_attribute("dir", "rtl")
    assert site.sql(
        "SELECT state FROM newsletters_subscription x JOIN newsletters_subscriber s"
        " ON s.id = x.subscriber_id WHERE s.address = %s",
        ARABIC_READER,
    ) == [("left",)]


def test_looking_at_the_links_of_a_mail_changes_nothing(site, desk):
    site.ring_for_the_digest()
    (mail,) = site.until(lambda: site.mailbox.mails(to=ARABIC_READER))
    before = site.sql(SUBSCRIPTIONS)

    for link in sorted(set(re.findall(r"http://localhost:\d+/n/[\w/-]+", mail.html + mail.text))):
        for _ in range(3):
            assert desk.request.get(link).ok

    assert site.sql(SUBSCRIPTIONS) == before
