"""A mailing in two languages, from its first word to a mailbox: two colleagues and a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.test_from_story_to_mailbox import EDITOR, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SUBJECT, SUJET = "What the spring taught us", "Ce que le printemps nous a appris"
PREHEADER = "A story worth half an hour, and a question to all of you."
ENGLISH, FRENCH = "letters.one@example.org", "letters.two@example.org"


@pytest.fixture
def site(live):
    live.start_mail()
    live.start_web()
    live.start_worker()
    return live


@pytest.fixture
def colleague(chromium):
    """Another desk, of the one who approves."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


WRITTEN = """words => [...document.querySelectorAll("input[name^=body-]")]
    .some(one => one.value.includes(words))"""


def write_words(page, subject, paragraph):
    page.locator("#id_subject").fill(subject)
    page.locator("#id_preheader").fill(PREHEADER)
    page.get_by_role("button", name="Insert a block").first.click()
    page.get_by_role("option", name="Text", exact=True).click()
    page.locator(".public-DraftEditor-content").first.click()
    page.keyboard.type(paragraph)
    # The editor writes what was typed into the form a moment later.
    page.wait_for_function(WRITTEN, arg=paragraph)


def insert_story(page, title):
    """As a card beneath what is written, picked in the chooser."""
    page.get_by_role("button", name="Insert a block").last.click()
    page.get_by_role("option", name="Story or resource").click()
    page.get_by_role("button", name="Choose a page").click()
    chooser = page.locator(".modal")
    chooser.get_by_label("Search").fill(title)
    chooser.get_by_role("link", name=title, exact=True).first.click()
    expect(chooser).to_have_count(0)
    expect(page.locator(".page-chooser").get_by_text(title)).to_be_visible()


def save(page):
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator(".messages").get_by_text("updated")).to_be_visible()


def test_a_mailing_in_two_languages_is_tested_approved_and_read(site, desk, colleague):
    sign_in(desk, site, EDITOR)
    desk.goto(f"{site.site.url}/cms/writing/")
    desk.get_by_role("link", name="Write a mailing").click()
    desk.get_by_label("Working title").fill("Spring")
    desk.get_by_role("combobox", name="Newsletter").select_option(label="Letters from the centre")
    desk.get_by_role("button", name="Begin").click()
    place = desk.url

    desk.get_by_role("button", name="Add English").click()
    write_words(desk, SUBJECT, "Dear colleagues, read this.")
    expect(desk.locator(".counted").first).to_contain_text("25 characters")
    insert_story(desk, "The second year is the real one")
    save(desk)
    desk.goto(place)
    desk.get_by_role("button", name="Add French").click()
    write_words(desk, SUJET, "Chers collègues, lisez ceci.")
    save(desk)

    desk.goto(place)
    expect(desk.get_by_text("in French")).to_be_visible()
    desk.get_by_role("button", name="Send a test to me").click()
    site.until(lambda: len(site.mailbox.mails(to=EDITOR)) >= 2)
    desk.get_by_role("button", name=re.compile("Propose it for")).click()
    expect(desk.get_by_text("A colleague has to look at it and approve.")).to_be_visible()

    sign_in(colleague, site, "administrator@example.org")
    colleague.get_by_text("“Spring” waits for your approval.").first.wait_for()
    colleague.goto(place)
    colleague.get_by_role("button", name=re.compile("Approve: send to")).click()

    (english,) = site.until(lambda: site.mailbox.mails(to=ENGLISH))
    (french,) = site.until(lambda: site.mailbox.mails(to=FRENCH))
    assert (english.subject, french.subject) == (SUBJECT, SUJET)
    assert "The second year" in english.text
    assert "Dear colleagues" in english.html
    assert "Chers collègues" in french.text
