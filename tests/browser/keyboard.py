"""A person who has only a keyboard: Tab until it is reached, and the ring must be seen there."""

from __future__ import annotations

from playwright.sync_api import Page, expect

FOCUSED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect()
  return {
    name: one.getAttribute('name') ?? '', kind: one.type ?? '', tag: one.tagName,
    ring: getComputedStyle(one).outlineStyle !== 'none',
    inSight: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  }
}"""
MOST = 60


def skip_to_the_text(page: Page) -> None:
    """The first Tab finds the skip link, Enter leads past the header."""
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def tab_to(page: Page, *, name: str = "", kind: str = "") -> None:
    """On to the next field of that name, or the next control of that kind; no step is unseen."""
    for _step in range(MOST):
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUSED)
        assert here["tag"] != "BODY", f"the page ended before {name or kind}"
        assert here["ring"], here
        assert here["inSight"], here
        if name == here["name"] if name else kind == here["kind"]:
            return
    raise AssertionError(f"{name or kind} is not reached")


def press_button(page: Page) -> None:
    """The next button that sends the form, by Enter."""
    tab_to(page, kind="submit")
    page.keyboard.press("Enter")
