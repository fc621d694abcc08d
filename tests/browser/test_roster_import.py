"""A roster as an office sends it, from the file to the printed slips, with a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page, expect

from cms.management.commands.demo import PASSWORD
from tests.browser.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEADINGS = "Prénom;Nom de famille;Courriel;Pays;Fonction;Date d’achèvement\n"


def sixteen() -> bytes:
    """UTF-16 with semicolons; row 9 has no date that exists, rows 16 and 17 share a mailbox."""
    rows = [f"Given{n};Invented{n};invented{n}@example.org;Kenya;Juge;\n" for n in range(14)]
    rows[7] = "Late;Invented;invented7@example.org;Zambie;Procureur;31 juin\n"
    rows += [
        "Grace;Inventa;invented-office@example.org;ZM;;\n",
        "Moses;Inventu;Invented-Office@example.org;ZM;;\n",
    ]
    return (HEADINGS + "".join(rows)).encode("utf-16")


def sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("E-mail address").fill("administrator@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{address}")


def sound(page: Page) -> None:
    """Nothing serious by axe, nothing wider than the screen."""
    serious = [
        found["id"]
        for found in Axe().run(page).response["violations"]
        if found["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


@pytest.mark.parametrize(("width", "scripts"), [(DESK, True), (DESK, False), (PHONE, True)])
def test_from_the_file_to_the_slips(opens: Any, width: int, scripts: bool) -> None:
    page = opens(width=width, scripts=scripts)
    sign_in(page, "/cms/rosters/")
    if scripts:
        sound(page)

    page.get_by_label("Course run").select_option(index=1)
    roster = {"name": "liste.csv", "mimeType": "text/csv", "buffer": sixteen()}
    page.get_by_label("The list").set_input_files(roster)
    page.get_by_role("button", name="Read the list").click()
    expect(page.get_by_label("Fonction")).to_have_value("POST")
    expect(page.get_by_label("Date d’achèvement")).to_have_value("COMPLETED_ON")
    page.get_by_role("button", name="See what would happen").click()

    status = page.locator("p[role=status]")
    expect(status).to_have_text(
        "15 ready, 1 needs a date (row 9), 2 share a mailbox: kept as two people."
    )
    if scripts:
        sound(page)
    row = page.locator("#row-9")
    if width == DESK:
        # The row that waits has the keyboard, and what the whole list comes to stays in sight.
        for seen in (status, row.get_by_role("button", name="Mend row 9")):
            expect(seen).to_be_in_viewport(ratio=1)
    expect(row).to_contain_text("Row 9 has “31 juin” for a date")
    row.get_by_label("Completed on").fill("2026-06-30")
    row.get_by_role("button", name="Mend row 9").click()
    expect(status).to_have_text("16 ready, 2 share a mailbox: kept as two people.")

    page.get_by_role("button", name="Import 16 people").click()
    expect(status).to_have_text("16 new people were added. Nobody was mailed.")
    if scripts:
        sound(page)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Print 16 slips").click()
    sheet = opened.value
    expect(sheet.locator("article")).to_have_count(16)
    expect(sheet.get_by_text("Grace Inventa")).to_have_count(1)
    expect(sheet.get_by_text("Moses Inventu")).to_have_count(1)

    page.reload()
    page.get_by_role("link", name="Print 16 slips").click()
    expect(
        page.get_by_text("16 codes that were printed or told before stop working.")
    ).to_be_visible()


@pytest.mark.parametrize("height", [400, 800])
def test_the_row_that_waits_is_seen_in_a_low_window_too(desk: Page, height: int) -> None:
    """As low as one is that shows everything twice as large."""
    styles = (Path(settings.BASE_DIR) / "static" / "admin.css").read_text()
    row = '<tr id="row-2"><td><div class="mend"><input id="row-2-DAY"></div></td></tr>'
    page = f"""<style>{styles}</style><div style="height: 900px"></div><div class="rosters">
        <table class="listing">{row}</table><div style="height: 900px"></div></div>"""
    desk.route("**/*", lambda route: route.fulfill(body=page, content_type="text/html"))
    desk.set_viewport_size({"width": 640, "height": height})

    desk.goto("http://localhost:1/#row-2-DAY")

    expect(desk.locator("#row-2-DAY")).to_be_in_viewport(ratio=1)
