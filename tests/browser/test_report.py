"""A project's report as the donor's manager gets it: two printed pages that paste clean."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from cms.management.commands.demo import PASSWORD
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_look import faults

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LANGUAGES = ("en", "fr", "ar", "pt")
PAGE = re.compile(rb"/Type\s*/Page\b")
MARKS = """() => [...document.querySelectorAll('.report :is(h1, h2, h3, table, ul)')].map(
    one => one.tagName.toLowerCase())"""
BARE = """() => [...document.querySelectorAll('.report table')].filter(
    one => !one.caption || !one.querySelector('th[scope]')).length"""
CUT = """() => [...document.querySelectorAll('.report *')].filter(one => {
    const { left, right } = one.getBoundingClientRect();
    return left < 0 || right > innerWidth;
}).map(one => one.tagName)"""
WORDS = "() => document.querySelector('.report').innerText.replace(/\\s+/g, ' ')"


@pytest.fixture
def made(opens):
    """The desk at a report on everything the demonstration's project did, with a link to it."""
    desk, today = opens(width=DESK), dt.date.today()
    desk.goto("/en/accounts/login/")
    desk.fill("[name=login]", "administrator@example.org")
    desk.fill("[name=password]", PASSWORD)
    desk.click("main form button[type=submit]")
    desk.wait_for_url("**/cms/")
    desk.goto("/cms/reports-of-projects/")
    desk.select_option("[name=project]", label="Shade of the Sycamore (invented)")
    desk.fill("[name=starts_on]", str(today - dt.timedelta(days=420)))
    desk.fill("[name=ends_on]", str(today))
    desk.locator("main form button[type=submit]").first.click()
    desk.fill("[name=note]", "The donor")
    desk.get_by_role("button", name="Make a link").click()
    return desk


@pytest.fixture
def address(made, live):
    """Where the link leads, on this site."""
    return made.locator("#address").input_value().replace(live.site.url, "")


def test_it_prints_on_two_pages_in_every_language(opens, address):
    page = opens(width=DESK)

    for language in LANGUAGES:
        page.goto(address.replace("/en/", f"/{language}/"))
        printed = page.pdf(prefer_css_page_size=True)

        assert len(PAGE.findall(printed)) == 2, language


def test_it_says_what_a_donor_asks(opens, address):
    page = opens(width=DESK)
    page.goto(address)

    words = page.evaluate(WORDS)

    assert words.startswith("Figures invented")
    assert "38 of 64" in words
    assert "27 of 38 (71 %)" in words
    assert "hidden" in words
    assert "fewer than 5 people" in words
    assert page.locator(".report blockquote").count() == 3
    assert page.locator(".report .bars .theirs").count() == 2


def test_it_pastes_as_headings_lists_and_tables(opens, address):
    page = opens(width=DESK)
    page.goto(address)

    marks = page.evaluate(MARKS)

    assert [mark for mark in marks if mark in {"h1", "h3"}] == ["h1"]
    assert marks.count("table") == 5
    assert page.evaluate(BARE) == 0
    assert page.locator(".report :is(meter, progress, canvas, img)").count() == 0


def test_it_has_no_barrier_on_phone_and_desk(opens, address):
    phone, desk = opens(width=PHONE), opens(width=DESK)

    found = [
        *faults(phone, address),
        *faults(phone, address.replace("/en/", "/ar/")),
        *faults(desk, address),
    ]

    assert found == []


def test_at_the_desk_of_a_phone_nothing_of_it_is_cut(made):
    made.locator("#address").wait_for()
    made.set_viewport_size({"width": PHONE, "height": 780})
    made.goto(made.url)

    assert made.evaluate(CUT) == []
