"""Ten kinds of page, photographed in two widths and two directions, and measured while they stand.

The pictures are left in var/screenshots, for somebody with an eye.
"""

from __future__ import annotations

import pytest

from cms.management.commands.demo import PASSWORD
from config.local import folders
from tests.browser import kinds
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.browser.sight import stumbles, turned_wrong

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ALBUM = folders.ROOT / "var" / "screenshots"


@pytest.fixture(autouse=True)
def album():
    ALBUM.mkdir(parents=True, exist_ok=True)


def test_nothing_runs_out_overlaps_is_cut_or_broken(opens, key):
    stranger, member = opens(), opens()
    sign_in(member, PASSWORD)
    pages = [
        *((stranger, name, address) for name, address in kinds.PUBLIC.items()),
        *((member, name, address) for name, address in kinds.OWN.items()),
    ]

    found = []
    for page, name, address in pages:
        for language in ("en", "ar"):
            page.goto(address.replace("{l}", language))
            for width in (PHONE, DESK):
                page.set_viewport_size({"width": width, "height": 800})
                faults = [*stumbles(page), *turned_wrong(page, language)]
                found += [(name, language, width, *fault) for fault in faults]
                page.screenshot(path=ALBUM / f"{name}-{language}-{width}.png", full_page=True)

    assert found == []
    assert len(pages) >= 10


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("main.style.inlineSize = '200vw'", "wider than the screen"),
        ("title.style.translate = '0 60px'", "one text over another"),
        ("title.style.whiteSpace = 'nowrap'", "text outside of the screen"),
        ("title.style.cssText = 'overflow: hidden; block-size: 1lh'", "cut below"),
        (
            "Object.assign(document.images[0], { srcset: '', src: '/media/nothing.webp' })",
            "broken picture",
        ),
    ],
)
def test_a_fault_is_seen(opens, change, fault):
    page = opens(width=PHONE)
    page.goto(kinds.STORY.replace("{l}", "en"))
    page.evaluate(
        "() => { const main = document.querySelector('main'), title = main.querySelector('h1');"
        f" document.querySelectorAll('source').forEach(one => one.remove()); {change} }}"
    )

    assert fault in {what for what, *_rest in stumbles(page)}


def test_a_page_that_runs_from_the_wrong_side_is_seen(opens):
    page = opens(width=DESK)
    page.goto(kinds.STORY.replace("{l}", "ar"))
    page.evaluate("document.documentElement.dir = 'ltr'")

    assert "direction" in {what for what, *_rest in turned_wrong(page, "ar")}


@pytest.mark.parametrize("kind", ["story", "course", "country"])
def test_it_prints_without_the_sites_furniture(opens, kind):
    page = opens(width=DESK)
    page.goto(kinds.PUBLIC[kind].replace("{l}", "en"))
    page.emulate_media(media="print")

    furniture = page.locator(".sections, .languages, .band, main form, .foot nav, .share, .mine")
    seen = [one.evaluate("one => one.outerHTML.slice(0, 80)") for one in furniture.all()
            if one.is_visible()]  # fmt: skip
    printed = page.pdf(path=ALBUM / f"{kind}.pdf", format="A4")

    assert seen == []
    assert page.locator("main h1").is_visible()
    assert printed.startswith(b"%PDF")
