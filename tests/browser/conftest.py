"""A real browser, and the demonstration's site to look at with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.plugins.live import Live

PHONE, DESK = 360, 1280


Opens = Callable[..., Page]


@pytest.fixture
def opens(live: Live, chromium: Browser) -> Iterator[Opens]:
    """`opens(width=…, dark=…, …)`: an empty tab of the running site, without cookies."""
    site = live.site
    live.start_web()
    with ExitStack() as stack:

        def tab(
            *,
            width: int = DESK,
            dark: bool = False,
            scripts: bool = True,
            ratio: int = 1,
            locale: str | None = None,
        ) -> Page:
            context: Any = chromium.new_context(
                base_url=site.url,
                viewport={"width": width, "height": 800},
                device_scale_factor=ratio,
                color_scheme="dark" if dark else "light",
                java_script_enabled=scripts,
                locale=locale,
            )
            stack.callback(context.close)
            return context.new_page()

        yield tab


@pytest.fixture
def key(live: Live) -> str:
    """The address part of one confirmed reader's preferences."""
    rows = live.sql(
        "SELECT reader.key FROM newsletters_subscriber reader JOIN newsletters_subscription kept"
        " ON kept.subscriber_id = reader.id WHERE kept.state = 'confirmed' ORDER BY reader.id"
    )
    return str(rows[0][0])


def sign_in(page: Page, password: str) -> None:
    """As the demonstration's alumnus, in English."""
    page.goto("/en/accounts/login/")
    page.fill("[name=login]", "wanjiru@example.org")
    page.fill("[name=password]", password)
    page.click("main form button[type=submit]")
    page.wait_for_url("**/members/me/")
