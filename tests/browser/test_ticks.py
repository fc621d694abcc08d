"""Many boxes to tick are found by typing; short translations take the next language."""

from __future__ import annotations

from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from playwright.sync_api import Page, expect

from cms.models.ticks import Note, Ticks

pytestmark = pytest.mark.browser
STATIC = Path(settings.BASE_DIR) / "static"
NAMES = ["Algeria", "Benin", "Cameroon", "Egypt", "Ghana", "Kenya", "Mali", "Mozambique"]
NAMES += ["Niger", "Nigeria", "Senegal", "Togo", "Zambia"]
COUNTRIES = [("Here", [(name[:2].upper() + str(n), name) for n, name in enumerate(NAMES)])]
COUNTRIES.append(("There", [("CI", "Côte d’Ivoire"), ("DZ", "الجزائر")]))
LANGUAGES = """<input id="id_title" lang="ar"><div id="rows"></div><script></script>"""
ROW = """<select name="short_translations-N-language"><option value="">-</option>
<option value="en">English</option><option value="fr">French</option>
<option value="ar">Arabic</option></select>"""


@pytest.fixture
def boxes(desk: Page) -> Page:
    """A form with a title and the boxes; what it was sent with stands in its address."""
    ticks = Ticks(choices=COUNTRIES)
    ticks.note = Note(frozenset({"TO11", "CI"}), "No page yet: {name}.", "Make it", "/make/")
    drawn = ticks.render("countries", ["KE5"], {"id": "id_countries"})
    panel = f'<section aria-labelledby="head"><h2 id="head">Countries</h2>{drawn}</section>'
    page = f'<form action="/sent"><input name="title">{panel}<button>Save</button></form>'
    desk.route(
        "**/*", lambda route: route.fulfill(body=page, content_type="text/html; charset=utf-8")
    )
    desk.goto("http://localhost:1/")
    desk.add_script_tag(content=(STATIC / "ticks.js").read_text())
    return desk


def shown(page: Page) -> list[str]:
    return [one.inner_text().strip() for one in page.locator(".one:visible").all()]


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        # Where a word begins, before what only holds the letters.
        ("zam", ["Zambia"]),
        ("nige", ["Niger", "Nigeria"]),
        ("cote d'iv", ["Côte d’Ivoire"]),
        ("bique", ["Mozambique"]),
        ("جزائر", ["الجزائر"]),
        ("nowhere", []),
    ],
)
def test_what_is_typed_leaves_the_boxes_that_fit(boxes: Page, typed: str, left: list[str]) -> None:
    boxes.get_by_role("searchbox").fill(typed)

    # What is ticked always stays.
    assert [one for one in shown(boxes) if one != "Kenya"] == left
    assert "Kenya" in shown(boxes)
    expect(boxes.get_by_role("status").first).to_have_text(f"{len(left)} of 15")


def test_the_line_is_told_apart_by_the_heading_it_stands_below(boxes: Page) -> None:
    expect(boxes.get_by_role("searchbox")).to_have_accessible_description("Countries")


def test_enter_ticks_the_only_one_left_and_sends_nothing(boxes: Page) -> None:
    line = boxes.get_by_role("searchbox")

    line.fill("nige")
    line.press("Enter")
    assert boxes.locator("input:checked").count() == 1
    line.fill("zam")
    line.press("Enter")

    expect(boxes.get_by_label("Zambia")).to_be_checked()
    expect(line).to_have_value("")
    assert len(shown(boxes)) == 15
    assert boxes.url == "http://localhost:1/"
    # And what was typed is never sent.
    line.fill("egy")
    boxes.get_by_role("button").click()
    assert "egy" not in boxes.url
    assert boxes.url.count("countries=") == 2


def test_a_note_is_said_about_some_of_those_that_are_ticked(boxes: Page) -> None:
    note = boxes.locator(".note")
    said = note.locator("span")
    expect(said).to_have_text("")
    expect(note.get_by_role("link")).to_have_count(0)

    boxes.get_by_label("Togo").check()
    expect(note).to_contain_text("No page yet: Togo.")
    boxes.get_by_label("Côte d’Ivoire").check()
    expect(note).to_contain_text("No page yet: Togo")
    expect(note).to_contain_text("Côte d’Ivoire.")
    expect(note.get_by_role("link")).to_be_visible()

    boxes.get_by_label("Togo").uncheck()
    boxes.get_by_label("Côte d’Ivoire").uncheck()
    expect(said).to_have_text("")
    expect(note.get_by_role("link")).to_have_count(0)


def test_boxes_without_groups_stand_together() -> None:
    groups = Ticks(choices=[("a", "A"), ("b", "B")]).optgroups("topics", [])

    assert [(name, len(options)) for name, options, _index in groups] == [(None, 2)]
    assert isinstance(forms.MultipleChoiceField(widget=Ticks).widget, Ticks)


def test_a_short_translation_begins_in_the_next_language(desk: Page) -> None:
    desk.set_content(LANGUAGES)
    desk.add_script_tag(content=(STATIC / "short.js").read_text())
    found = []

    for number in range(3):
        row = ROW.replace("N", str(number))
        desk.evaluate("(row) => rows.insertAdjacentHTML('beforeend', row)", row)
        desk.evaluate(
            "() => rows.dispatchEvent(new CustomEvent('w-formset:added', {bubbles: true}))"
        )
        found.append(desk.locator("select").last.input_value())

    # The page's own is no choice; where all are taken the colleague chooses.
    assert found == ["en", "fr", ""]
    assert desk.locator("option[value=ar]").count() == 0


@pytest.mark.parametrize("deleted_as", ["en", ""])
def test_a_language_whose_row_was_deleted_is_free_again(desk: Page, deleted_as: str) -> None:
    desk.set_content(LANGUAGES)
    desk.add_script_tag(content=(STATIC / "short.js").read_text())
    for number, deleted in enumerate(["1", ""]):
        row = ROW + f'<input type="hidden" name="short_translations-N-DELETE" value="{deleted}">'
        desk.evaluate(
            "(row) => rows.insertAdjacentHTML('beforeend', row)", row.replace("N", str(number))
        )
    # Wagtail keeps the row that was deleted, out of sight.
    desk.locator("select").first.select_option(deleted_as)

    desk.evaluate("() => rows.dispatchEvent(new CustomEvent('w-formset:added', {bubbles: true}))")

    assert desk.locator("select").last.input_value() == "en"
