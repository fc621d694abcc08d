"""axe on an open page, in the lights and widths people have; put into the page once."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

RUN = """async (rules) => {
  const asked = rules ? { runOnly: rules } : {}
  const found = await axe.run({ resultTypes: ['violations'], ...asked })
  return found.violations.map(rule => [rule.id, rule.nodes.map(node => node.target.join(' '))])
}"""
OF_THE_LIGHT = ["color-contrast", "link-in-text-block"]
"""The rules whose answer differs by day and by night."""


def violations(page: Page, rules: list[str] | None = None) -> list[tuple[str, Any]]:
    """What axe finds, of every impact; `rules`: these alone."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [(rule, nodes) for rule, nodes in page.evaluate(RUN, rules)]


def violations_in_every_light(page: Page, *widths: int) -> list[tuple[Any, ...]]:
    """In each width by day and by night; the tab moves nothing, or colours are caught half-way."""
    found: list[tuple[Any, ...]] = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        found += [(width, *one) for one in violations(page)]
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found += [(width, "dark", *one) for one in violations(page, OF_THE_LIGHT)]
    return found
