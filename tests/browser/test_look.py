"""Every page as readers meet it: on phone and desk, in two directions, by day and by night."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from cms.management.commands.demo import PASSWORD
from tests.browser import kinds
from tests.browser.axe import violations, violations_in_every_light
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.browser.kinds import STORY

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MAIN = ["/{l}/", STORY, "/{l}/accounts/login/", "/{l}/newsletters/subscribe/"]
OTHERS = [
    "/{l}/stories/",
    "/{l}/calls/",
    "/{l}/courses/",
    "/{l}/programmes/",
    "/{l}/programmes/transnational-threats/",
    "/{l}/programmes/transnational-threats/shade-of-the-sycamore/",
    "/{l}/resources/",
    "/{l}/resources/referral-sheet/",
    "/{l}/search/",
    "/{l}/search/?q=zzzz",
    "/{l}/search/?q=a&in=all",
    "/{l}/stories/?country=KE&in=all",
    "/{l}/topics/",
    "/{l}/feeds/",
    "/{l}/privacy/",
    "/{l}/imprint/",
    "/{l}/newsletters/",
    "/{l}/newsletters/link/",
    "/{l}/newsletters/asked/",
    "/{l}/accounts/signup/",
    "/{l}/accounts/password/reset/",
    "/{l}/nothing-here/",
    "/n/c/nothing-here/",
    "/{l}/members/slip/",
    "/{l}/members/invitation/",
    "/{l}/members/invitation/nothing-here/",
]
PUBLIC = [*kinds.PUBLIC.values(), *OTHERS]
OWN = [
    "/{l}/members/me/hide/",
    "/{l}/members/me/data/",
    "/{l}/members/me/data/erase/",
    "/{l}/members/messages/",
    "/{l}/accounts/email/",
    "/{l}/accounts/password/change/",
    "/{l}/accounts/2fa/",
    "/{l}/accounts/sessions/",
    "/{l}/accounts/logout/",
]
TOO_SMALL = """() => [...document.querySelectorAll(
    'a, button, select, textarea, summary, input:not([type=hidden], [type=radio], [type=checkbox])'
  )].filter(one => {
    const box = one.getBoundingClientRect()
    const inText = one.tagName === 'A' && getComputedStyle(one).display === 'inline'
    // A country on the map is as large as it is; the list beside it has the same link.
    const card = one.closest('.card, .map svg')
    return box.width && !inText && !card && !one.matches('.skip') && box.height < 43.5
  }).map(one => one.outerHTML.slice(0, 80))"""
INLINE = """() => [...document.querySelectorAll(
    'style, [style], script:not([src]):not([type="application/json"], [type="application/ld+json"])'
  )].map(one => one.outerHTML.slice(0, 80))"""


def addresses(pages: Iterable[str], *languages: str) -> Iterator[str]:
    for language in languages:
        yield from (page.replace("{l}", language) for page in pages)


def barriers(page: Any) -> list[tuple[str, Any]]:
    """What keeps somebody out, on pages whose frame is Wagtail's, too."""
    found = Axe().run(page).response["violations"]
    return [
        (rule["id"], [node["target"] for node in rule["nodes"]])
        for rule in found
        if rule["impact"] in {"serious", "critical"}
    ]


def faults(page: Any, address: str) -> list[Any]:
    """What keeps a person from using the page: barriers, small targets, a line that runs out."""
    page.goto(address)
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    runs_out = [("wider than the screen", width)] if width > 0 else []
    small = [("small target", target) for target in page.evaluate(TOO_SMALL)]
    return [(address, *what) for what in [*violations(page), *runs_out, *small]]


def test_axe_finds_nothing_in_any_language_light_or_width(opens, key):
    stranger, member = opens(), opens()
    sign_in(member, PASSWORD)
    pages = [
        *((stranger, address) for address in addresses(kinds.PUBLIC.values(), *kinds.LANGUAGES)),
        *((member, address) for address in addresses(kinds.OWN.values(), *kinds.LANGUAGES)),
        (stranger, f"/n/p/{key}/"),
    ]

    found = []
    for page, address in pages:
        page.goto(address)
        found += [(address, *one) for one in violations_in_every_light(page, PHONE, DESK)]

    assert found == []


def test_pages_have_no_barrier_by_day_and_by_night(opens, key):
    phone, night = opens(width=PHONE), opens(width=DESK, dark=True)

    found = [
        *(fault for address in addresses(OTHERS, "ar") for fault in faults(phone, address)),
        *(fault for address in addresses(OTHERS, "en") for fault in faults(night, address)),
    ]

    assert found == []


def test_own_pages_have_no_barrier(opens):
    page = opens(width=PHONE)
    sign_in(page, PASSWORD)

    found = [fault for address in addresses(OWN, "en", "ar") for fault in faults(page, address)]

    assert found == []


def test_pages_ask_nobody_else_and_carry_no_inline_code(opens, key):
    page = opens()
    hosts, refused = set(), []
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("console", lambda said: refused.append(said.text) if "Policy" in said.text else None)

    inline = []
    for address in [*addresses(PUBLIC, "en"), f"/n/p/{key}/"]:
        page.goto(address)
        inline += [(address, code) for code in page.evaluate(INLINE)]

    assert inline == []
    assert refused == []
    assert len(hosts) == 1


def test_arabic_runs_from_right_to_left(opens):
    page = opens(width=DESK)

    for address in addresses(MAIN, "ar"):
        page.goto(address)
        title, mark = page.locator("h1").bounding_box(), page.locator(".mark").bounding_box()

        assert page.get_attribute("html", "dir") == "rtl"
        assert page.get_attribute("html", "lang") == "ar"
        assert mark["x"] > DESK / 2
        assert title["x"] + title["width"] > DESK / 2


def test_language_switch_stays_on_the_page(opens):
    page = opens()
    page.goto(STORY.replace("{l}", "en"))

    page.click(".languages a[hreflang=ar]")

    assert urlsplit(page.url).path == STORY.replace("{l}", "ar")


def test_first_tab_leads_to_the_text_and_shows_where_it_is(opens):
    page = opens()
    page.goto("/en/")

    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    outline = skip.evaluate("one => getComputedStyle(one).outlineWidth")

    assert skip.bounding_box()["y"] >= 0
    assert outline == "3px"


def test_preferences_are_saved_without_scripts(opens, key):
    page = opens(scripts=False)
    page.goto(f"/n/p/{key}/")

    page.check("[name$=frequency][value=monthly]")
    page.click("main form > button[type=submit]")

    assert page.is_checked("[name$=frequency][value=monthly]")
    assert page.locator("main [role=status]").count() == 1
