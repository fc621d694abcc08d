"""The map: its outlines, what it shows, and its twin in words."""

from __future__ import annotations

import gzip
import re

import pytest
from django.conf import settings
from django.test import Client

from cms.atlas import outlines
from cms.atlas.drawing import draw
from cms.models import MapSetting
from tests.factories.cms import CountryFactory, StoryFactory, Tree

DRAWN = re.compile(r"<svg viewBox.*?</svg>", re.DOTALL)


def the_map(client: Client, address: str = "/en/") -> str:
    found = DRAWN.search(client.get(address).content.decode())
    assert found
    return found.group()


def test_every_country_of_the_pack_has_a_shape() -> None:
    drawing = draw(settings.PACK.countries, {})

    assert {shape.code for shape in drawing.shapes} == set(settings.PACK.countries)
    # What has no room for a shape is a dot.
    dots = {shape.code for shape in drawing.shapes if not shape.path}
    assert {"CV", "KM", "MU", "SC", "ST"} <= dots
    assert len(dots) < 8


def test_a_joined_shape_leaves_no_border_behind() -> None:
    apart = outlines.of(["SO", "x-somaliland"], {})
    whole = outlines.of(["SO"], {"x-somaliland": "SO"})["SO"]

    assert len(whole) == 1
    inner = {*apart["SO"][0]} & {*apart["x-somaliland"][0]}
    assert len(inner) > 2
    # Of the border that both shared only its two ends are left.
    assert len(inner & {*whole[0]}) == 2


@pytest.mark.parametrize(
    ("islands", "width", "first_to_last"),
    [(("FJ", "WS", "TO"), 200, ("FJ", "WS")), (("CU", "BB"), 300, ("CU", "BB"))],
)
def test_islands_on_both_sides_of_the_date_line_lie_together(
    islands: tuple[str, ...], width: int, first_to_last: tuple[str, str]
) -> None:
    found = outlines.of(islands, {})

    longitudes = [x for rings in found.values() for ring in rings for x, _y in ring]
    assert max(longitudes) - min(longitudes) < width
    west, east = first_to_last
    assert found[west][0][0][0] < found[east][0][0][0]


def test_the_shade_is_the_number_of_stories_one_may_read(tree: Tree, client: Client) -> None:
    kenya = CountryFactory(parent=tree.countries["en"], country="KE")
    for _n in range(2):
        StoryFactory(parent=tree.stories["en"], countries=["KE"])
    StoryFactory(parent=tree.stories["en"], countries=["GH"], audience="members")

    drawn = the_map(client)

    assert f'<a href="{kenya.url}" class="shade-2" aria-label="Kenya: 2 stories">' in drawn
    assert '<g class="shade-0"><title>Ghana: 0 stories</title>' in drawn


def test_a_keyboard_reaches_what_the_table_links_to(tree: Tree, client: Client) -> None:
    for country in ("KE", "ZM", "SC"):
        CountryFactory(parent=tree.countries["en"], country=country)

    page = client.get("/en/countries/").content.decode()
    drawn = the_map(client, "/en/countries/")

    table = page[page.index('<table class="countries">') :].split("</table>")[0]
    links = re.findall(r'<a href="([^"]+)"', table)
    assert len(links) == 3
    assert re.findall(r'<a href="([^"]+)"', drawn) == links
    assert table.count('<th scope="row">') == len(settings.PACK.countries)


@pytest.mark.parametrize(
    ("choice", "named", "hatched"), [("hatched", 1, 1), ("plain", 1, 0), ("ground", 0, 0)]
)
def test_editors_choose_how_disputed_territories_are_drawn(
    tree: Tree, client: Client, choice: str, named: int, hatched: int
) -> None:
    setting = MapSetting.load()
    setting.disputed = choice
    setting.save()

    drawn = the_map(client)

    assert drawn.count("Western Sahara: 0 stories") == named
    assert drawn.count('class="hatched"') == hatched


def test_the_map_weighs_less_than_10_kilobytes(tree: Tree, client: Client) -> None:
    assert len(gzip.compress(the_map(client).encode())) < 10_000
