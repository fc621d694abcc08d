"""The map: every country of the pack, the darker the more stories it has told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from cms.atlas.drawing import Drawing, Shape, draw
from cms.generations import kept_around
from cms.models import MapSetting

SHADES = (1, 2, 4, 7)
"""From how many stories on each shade is used; none is the paper's."""


@dataclass(frozen=True)
class Place:
    """A country on the map."""

    shape: Shape
    name: str
    """Empty: drawn as ground, without a name."""
    url: str
    """Of its page in this language, else of the list of its stories; empty without either."""
    stories: int
    hatched: bool

    @property
    def shade(self) -> int:
        """0: no story, up to 4."""
        return sum(self.stories >= least for least in SHADES)


@dataclass(frozen=True)
class Map:
    """What the template draws; size in units of the SVG."""

    width: int
    height: int
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Thumbnail:
    """All countries as ground, one of them marked."""

    width: int
    height: int
    ground: str
    """SVG path data."""
    marked: Shape


def world(regions: Iterable[Any]) -> Map:
    """RegionLines as a map, in their order, so that a keyboard goes through them as the list does.

    One query, for the editors' choice.
    """
    drawing = _drawing()
    shapes = {shape.code: shape for shape in drawing.shapes}
    choice = kept_around("disputed", lambda: MapSetting.load().disputed)
    places = []
    for country in (country for region in regions for country in region.countries):
        if country.code not in shapes:
            continue
        disputed = country.code in settings.PACK.map.disputed
        ground = disputed and choice == MapSetting.Disputed.GROUND
        places.append(
            Place(
                shape=shapes[country.code],
                name="" if ground else country.name,
                url="" if ground else country.url,
                stories=0 if ground else country.stories,
                hatched=disputed and choice == MapSetting.Disputed.HATCHED,
            )
        )
    return Map(drawing.width, drawing.height, tuple(places))


def thumbnail(country: str) -> Thumbnail | None:
    """Where a country lies; None where it has no shape."""
    drawing = _drawing()
    marked = next((shape for shape in drawing.shapes if shape.code == country), None)
    if marked is None:
        return None
    ground = "".join(shape.path for shape in drawing.shapes)
    return Thumbnail(drawing.width, drawing.height, ground, marked)


def _drawing() -> Drawing:
    pack = settings.PACK
    return draw(pack.countries, {one.shape: one.country for one in pack.map.joined})
