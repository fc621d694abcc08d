"""What a first view may weigh on the line: the budgets of the design, with pictures."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from cms.management.commands.demo import PASSWORD
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.browser.kinds import OWN, PUBLIC

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE, DIRECTORY, SCRIPTS, MAP = 120_000, 60_000, 15_000, 10_000
REQUESTS = 12
RATIOS = (1, 2)
"""Of a plain screen and of a sharp one, which takes larger pictures."""
MAP_OF_THE_PAGE = "() => document.querySelector('.map svg').outerHTML"


@dataclass(frozen=True)
class Transfer:
    """One answer as it came over the line."""

    url: str
    kind: str
    octets: float


def first_view(page: Page, address: str) -> list[Transfer]:
    """All that opening the page fetches into an empty cache, down to its last line."""
    wire = page.context.new_cdp_session(page)
    known: dict[str, tuple[str, str]] = {}
    sizes: dict[str, float] = {}
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    wire.on(
        "Network.responseReceived",
        lambda event: known.update({event["requestId"]: (event["response"]["url"], event["type"])}),
    )
    wire.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    page.goto(address, wait_until="networkidle")
    return [Transfer(*known[key], octets) for key, octets in sizes.items() if key in known]


def weight(transfers: Iterable[Transfer]) -> float:
    return sum(one.octets for one in transfers)


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize(
    ("kind", "language"), [("home", "en"), ("story", "ar"), ("course", "fr"), ("country", "en")]
)
def test_a_page_with_its_picture_is_light(opens, kind, language, ratio):
    page = opens(width=PHONE, ratio=ratio)

    got = first_view(page, PUBLIC[kind].replace("{l}", language))

    kinds = [one.kind for one in got]
    assert {"Document", "Stylesheet", "Image"} <= set(kinds)
    assert len(got) <= REQUESTS
    assert weight(got) <= PAGE
    assert weight(one for one in got if one.kind == "Script") <= SCRIPTS
    assert "Font" not in kinds
    assert {urlsplit(one.url).netloc for one in got} == {urlsplit(page.url).netloc}


def test_the_directory_is_light(opens):
    page = opens(width=PHONE)
    sign_in(page, PASSWORD)

    got = first_view(page, OWN["directory"].replace("{l}", "en"))

    assert page.locator(".people > li").count() >= 20
    assert len(got) <= REQUESTS
    assert weight(got) <= DIRECTORY
    assert weight(one for one in got if one.kind == "Script") <= SCRIPTS
    assert "Font" not in [one.kind for one in got]


def test_the_map_is_light(opens):
    page = opens(width=DESK)
    page.goto("/ar/countries/")

    drawn = page.evaluate(MAP_OF_THE_PAGE)

    assert drawn.count("<path") >= 40
    assert len(gzip.compress(drawn.encode(), 6)) <= MAP


def test_pages_leave_compressed_and_what_has_a_hash_may_be_kept_for_a_year(opens):
    page = opens(width=PHONE)
    answers = []
    page.on("response", lambda answer: answers.append(answer))

    page.goto("/en/", wait_until="networkidle")

    headers = {urlsplit(one.url).path: one.all_headers() for one in answers}
    static = [found for path, found in headers.items() if path.startswith("/static/")]
    assert headers["/en/"]["content-encoding"] == "gzip"
    assert len(static) >= 3
    assert all("max-age=315360000" in found["cache-control"] for found in static)
