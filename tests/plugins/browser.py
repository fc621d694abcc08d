"""Programs that some tests need, a real browser and a spam filter: there, or said to be lacking."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from config.local import browser as machine

NEEDED = {
    "browser": machine.find,
    "spamassassin": lambda: shutil.which("spamassassin"),
}
"""Marks of tests that need a program, each with what finds it."""
LACKING = {
    "browser": machine.LACKING,
    "spamassassin": "NOT RUN: {count} tests of what a spam filter says; apt install spamassassin",
}

_lacking: dict[str, list[pytest.Item]] = {}
_lacked: list[dict[str, int]] = []
"""What workers side by side left out: each the same, for each collects everything."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a program its tests are left out, never silently: see the summary."""
    for mark, find in NEEDED.items():
        if find() is None:
            _lacking[mark] = [item for item in items if item.get_closest_marker(mark)]
    left_out = {item for some in _lacking.values() for item in some}
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=list(left_out))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A worker has ended: what it left out, the run has left out."""
    _lacked.append(getattr(node, "workeroutput", {}).get("lacking", {}))


def _left_out() -> dict[str, int]:
    """How many tests of each mark did not run."""
    counted = [{mark: len(items) for mark, items in _lacking.items()}, *_lacked]
    most = {mark: max(some.get(mark, 0) for some in counted) for mark in NEEDED}
    return {mark: count for mark, count in most.items() if count}


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for mark, count in _left_out().items():
        terminalreporter.write_line(LACKING[mark].format(count=count), red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """On a machine that checks for everybody, what did not run has failed."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["lacking"] = _left_out()
    elif _left_out() and os.environ.get("CI") == "true":
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium."""
    # Playwright's loop runs in this thread; Django would take it for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        running = playwright.chromium.launch(executable_path=str(machine.find()), args=flags)
        yield running
        running.close()


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Page]:
    """A page on a desk, 1280 pixels wide, in English."""
    yield from _page(chromium, viewport={"width": 1280, "height": 900}, locale="en-GB")


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A page on a phone, 360 pixels wide, in Arabic."""
    yield from _page(
        chromium, viewport={"width": 360, "height": 740}, locale="ar-EG", has_touch=True
    )


def _page(chromium: Browser, **options: Any) -> Iterator[Page]:
    context: BrowserContext = chromium.new_context(**options)
    context.set_default_timeout(15_000)
    strangers: list[str] = []

    def look(route: Any) -> None:
        if route.request.url.startswith(("http://localhost:", "http://127.0.0.1:", "data:")):
            route.continue_()
        else:
            strangers.append(route.request.url)
            route.abort()

    context.route("**/*", look)
    yield context.new_page()
    context.close()
    assert strangers == [], "our pages ask third parties for something"
