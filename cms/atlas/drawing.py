"""In: codes of countries. Out: a frame and, for each country, what an SVG draws it with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import cos, radians

from cms.atlas import outlines
from cms.atlas.outlines import Ring

WIDTH = 640
"""Units of the longer side of a drawing."""
MARGIN = 10
SMALL = 10
"""A country without a part that is larger than a square of this many units is drawn as a dot."""


@dataclass(frozen=True)
class Shape:
    """A country as drawn: a path, or the middle of a dot."""

    code: str
    path: str
    """SVG path data; empty for a dot."""
    x: int
    y: int


@dataclass(frozen=True)
class Drawing:
    """All shapes in one frame, in units of the SVG."""

    width: int
    height: int
    shapes: tuple[Shape, ...]


def draw(codes: tuple[str, ...], joined: Mapping[str, str]) -> Drawing:
    """Each country that the world file has, in the order of the codes."""
    return _draw(codes, tuple(sorted(joined.items())))


@cache
def _draw(codes: tuple[str, ...], joined: tuple[tuple[str, str], ...]) -> Drawing:
    found = outlines.of(codes, dict(joined))
    points = [point for rings in found.values() for ring in rings for point in ring]
    if not points:
        return Drawing(0, 0, ())
    west, east = min(x for x, _y in points), max(x for x, _y in points)
    south, north = min(y for _x, y in points), max(y for _x, y in points)
    # Degrees of longitude are as much narrower as the middle of the map is away from the equator.
    narrow = cos(radians((north + south) / 20))
    scale = (WIDTH - 2 * MARGIN) / max((east - west) * narrow, north - south, 1)

    def placed(ring: Ring) -> Ring:
        return tuple(
            (
                round((x - west) * narrow * scale) + MARGIN,
                round((north - y) * scale) + MARGIN,
            )
            for x, y in ring
        )

    shapes = [_shape(code, [placed(ring) for ring in rings]) for code, rings in found.items()]
    return Drawing(
        width=round((east - west) * narrow * scale) + 2 * MARGIN,
        height=round((north - south) * scale) + 2 * MARGIN,
        shapes=tuple(shapes),
    )


def _shape(code: str, rings: list[Ring]) -> Shape:
    boxes = [_box(ring) for ring in rings]
    west, north, east, south = (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
    small = all(max(box[2] - box[0], box[3] - box[1]) <= SMALL for box in boxes)
    path = "" if small else "".join(map(_path, rings))
    return Shape(code, path, (west + east) // 2, (north + south) // 2)


def _box(ring: Ring) -> tuple[int, int, int, int]:
    xs, ys = [x for x, _y in ring], [y for _x, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


def _path(ring: Ring) -> str:
    """`M` to the first point, then steps; points that fall together stand once."""
    (x, y), steps = ring[0], []
    for to_x, to_y in ring[1:]:
        if (to_x, to_y) != (x, y):
            steps.append(f"{to_x - x} {to_y - y}")
            x, y = to_x, to_y
    if len(steps) < 2:
        return ""
    return f"M{ring[0][0]} {ring[0][1]}l{' '.join(steps).replace(' -', '-')}z"
