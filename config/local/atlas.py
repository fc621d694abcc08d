"""Draw the world file anew: `python -m config.local.atlas countries-50m.json`.

In: the TopoJSON of npm `world-atlas` 2.0.2 (`npm pack world-atlas@2.0.2`; ISC, made from Natural
Earth, which is in the public domain). Out: `cms/atlas/world.json`: for every country the rings of
its shape, each a flat list of longitudes and latitudes in tenths of a degree, the first point in
full and the others as steps. Borders are simplified once, so that neighbours keep fitting.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from babel.core import get_global

from config.local.folders import ROOT

TARGET = ROOT / "cms" / "atlas" / "world.json"
PRECISION = 10
"""Steps in a degree."""
TOLERANCE = 0.14
"""How far, in degrees, a simplified border may stray."""
LEAST_AREA = 0.05
"""Square degrees: smaller rings are left out, unless the country has no other."""

Point = tuple[float, float]


def main() -> int:
    """Write the file; its size to stdout."""
    topology = json.loads(Path(sys.argv[1]).read_text())
    arcs = [_simplified(_unpacked(arc, topology["transform"])) for arc in topology["arcs"]]
    shapes: dict[str, list[list[int]]] = {}
    for country in topology["objects"]["countries"]["geometries"]:
        rings = [_ring(ring, arcs) for ring in _outlines(country)]
        wide = [ring for ring in rings if _area(ring) >= LEAST_AREA]
        kept = wide or [max(rings, key=_area)]
        shapes.setdefault(_code(country), []).extend(_steps(ring) for ring in kept)
    text = json.dumps(dict(sorted(shapes.items())), separators=(",", ":"))
    TARGET.write_text(text.replace('],"', '],\n"') + "\n")
    sys.stdout.write(f"{len(shapes)} shapes, {TARGET.stat().st_size:,} octets: {TARGET}\n")
    return 0


def _code(country: Any) -> str:
    """Two letters of ISO 3166; of a territory without a number, `x-` and its name."""
    aliases = get_global("territory_aliases").get(country.get("id"))
    return aliases[0] if aliases else "x-" + country["properties"]["name"].lower().replace(" ", "-")


def _unpacked(arc: list[list[int]], transform: Any) -> list[Point]:
    (scale_x, scale_y), (from_x, from_y) = transform["scale"], transform["translate"]
    points, x, y = [], 0, 0
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        points.append((x * scale_x + from_x, y * scale_y + from_y))
    return points


def _simplified(line: list[Point]) -> list[Point]:
    """Douglas and Peucker; a closed line is halved first, at the point farthest from its start."""
    if len(line) < 3:
        return line
    if line[0] == line[-1]:
        far = max(range(len(line)), key=lambda i: _distance(line[i], line[0], line[0]))
        return _simplified(line[: far + 1])[:-1] + _simplified(line[far:])
    distances = [_distance(point, line[0], line[-1]) for point in line[1:-1]]
    far = max(range(len(distances)), key=distances.__getitem__) + 1
    if distances[far - 1] <= TOLERANCE:
        return [line[0], line[-1]]
    return _simplified(line[: far + 1])[:-1] + _simplified(line[far:])


def _distance(point: Point, start: Point, end: Point) -> float:
    (x, y), (x1, y1), (x2, y2) = point, start, end
    length = (x2 - x1) ** 2 + (y2 - y1) ** 2
    along = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    foot = (x1 + along * (x2 - x1), y1 + along * (y2 - y1))
    return float(((x - foot[0]) ** 2 + (y - foot[1]) ** 2) ** 0.5)


def _outlines(country: Any) -> list[list[int]]:
    """The rings as lists of arcs, holes too: a map fills them by the even-odd rule."""
    parts = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
    return [ring for part in parts for ring in part]


def _ring(ring: list[int], arcs: list[list[Point]]) -> list[Point]:
    points: list[Point] = []
    for number in ring:
        line = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += line[1:] if points else line
    return points


def _area(ring: list[Point]) -> float:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def _steps(ring: list[Point]) -> list[int]:
    """Whole numbers; points that fall together stand once."""
    flat: list[int] = []
    last: tuple[int, int] | None = None
    for point in ring[:-1]:
        now = (round(point[0] * PRECISION), round(point[1] * PRECISION))
        if now != last:
            flat += now if last is None else (now[0] - last[0], now[1] - last[1])
        last = now
    return flat


if __name__ == "__main__":
    sys.exit(main())
