"""In: codes of countries. Out: their outlines in tenths of a degree, on one side of the world.

The world file is made by `config.local.atlas`, which tells its source and its format.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import accumulate
from pathlib import Path

Ring = tuple[tuple[int, int], ...]
"""Points as (longitude, latitude) in tenths of a degree; the last joins the first."""

ROUND = 3600


def of(codes: Iterable[str], joined: Mapping[str, str]) -> dict[str, list[Ring]]:
    """Rings by country, in the order of the codes; a country without a shape is left out.

    `joined` draws a shape of the file as part of a country: {shape: country}. Countries on both
    sides of the date line come to lie together.
    """
    world = _world()
    parts = {code: [code] for code in codes}
    for shape, country in joined.items():
        if country in parts:
            parts[country].append(shape)
    found = {
        code: _whole([ring for shape in shapes for ring in world.get(shape, ())])
        if len(shapes) > 1
        else world.get(code, [])
        for code, shapes in parts.items()
    }
    found = {code: rings for code, rings in found.items() if rings}
    west = _western_end([x for rings in found.values() for ring in rings for x, _y in ring])
    return {
        code: [tuple(((x - west) % ROUND + west, y) for x, y in ring) for ring in rings]
        for code, rings in found.items()
    }


@cache
def _world() -> dict[str, list[Ring]]:
    text = (Path(__file__).parent / "world.json").read_text()
    return {code: [_points(flat) for flat in rings] for code, rings in json.loads(text).items()}


def _points(flat: list[int]) -> Ring:
    """From the first point and the steps that follow it."""
    return tuple(zip(accumulate(flat[::2]), accumulate(flat[1::2]), strict=True))


def _whole(rings: list[Ring]) -> list[Ring]:
    """Neighbouring shapes as one: a border that two of them share is drawn by neither."""
    edges = {edge for ring in rings for edge in zip(ring, (*ring[1:], ring[0]), strict=True)}
    following = {start: end for start, end in edges if (end, start) not in edges}
    whole = []
    while following:
        first, point = following.popitem()
        ring = [first]
        while point != first and point in following:
            ring.append(point)
            point = following.pop(point)
        whole.append(tuple(ring))
    return whole


def _western_end(longitudes: list[int]) -> int:
    """Where to cut the world open: behind the widest stretch without any of the points."""
    if not longitudes:
        return -ROUND // 2
    ordered = sorted(set(longitudes))
    following = [*ordered[1:], ordered[0] + ROUND]
    _width, end = max(
        (after - before, after) for before, after in zip(ordered, following, strict=True)
    )
    return end if end < ROUND // 2 else end - ROUND
