"""Quiet geometric covers, drawn here: a composition's name in, the bytes of a PNG out.

Every composition is drawn from the same few shapes in the site's palette, at twice the size and
then halved, so that edges are smooth. What matters stands between 120 and 780 from the top: wide
pages show no more. The same name always gives the same picture.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence

from PIL import Image, ImageColor, ImageDraw

WIDTH, HEIGHT = 1600, 900
FINER = 2

PAPER, SURFACE, LINE = "#FAF7F0", "#FFFFFF", "#D9D2C3"
INK, NILE, REED = "#1C2421", "#0B5953", "#6CC7BC"
SAFFRON, TERRACOTTA = "#E9A23B", "#9C3D26"
NIGHT = "#0F2E2B"

Point = tuple[float, float]


class Sheet:
    """A ground to draw on, in units of the finished picture."""

    def __init__(self, ground: str) -> None:
        self.image = Image.new("RGB", (WIDTH * FINER, HEIGHT * FINER), ground)
        self._pen = ImageDraw.Draw(self.image)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        """A full circle."""
        self._pen.ellipse(_scaled(x - radius, y - radius, x + radius, y + radius), colour)

    def sector(
        self, x: float, y: float, radius: float, start: float, end: float, colour: str
    ) -> None:
        """A slice of a circle; degrees clockwise from three o'clock."""
        box = _scaled(x - radius, y - radius, x + radius, y + radius)
        self._pen.pieslice(box, start, end, colour)

    def arc(
        self, x: float, y: float, radius: float, start: float, end: float, colour: str, width: float
    ) -> None:
        """A part of a circle's line; degrees clockwise from three o'clock."""
        box = _scaled(x - radius, y - radius, x + radius, y + radius)
        self._pen.arc(box, start, end, colour, round(width * FINER))

    def box(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        """A rectangle."""
        self._pen.rectangle(_scaled(left, top, right, bottom), colour)

    def shape(self, points: Sequence[Point], colour: str) -> None:
        """A filled polygon."""
        self._pen.polygon([(x * FINER, y * FINER) for x, y in points], colour)

    def line(self, points: Sequence[Point], colour: str, width: float) -> None:
        """A line with round ends and corners."""
        spots = [(x * FINER, y * FINER) for x, y in points]
        self._pen.line(spots, colour, round(width * FINER), joint="curve")
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, colour)

    def png(self) -> bytes:
        """The finished picture."""
        written = io.BytesIO()
        smooth = self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        smooth.save(written, "PNG", compress_level=1)  # encoded again when it is kept
        return written.getvalue()


def draw(composition: str) -> bytes:
    """The picture of this name; KeyError for a name that is not in COMPOSITIONS."""
    return COMPOSITIONS[composition]().png()


def mixed(first: str, second: str, share: float) -> str:
    """A colour between two: 0 is the first, 1 the second."""
    pairs = zip(ImageColor.getrgb(first)[:3], ImageColor.getrgb(second)[:3], strict=True)
    return "#{:02X}{:02X}{:02X}".format(*(round(a + (b - a) * share) for a, b in pairs))


def handover() -> Sheet:
    """A row of half-discs, each taking up where the last one ends; one light is passed along."""
    sheet, radius, base = Sheet(PAPER), 200.0, 470.0
    for place in range(4):
        x = 200 + place * 2 * radius
        colour = mixed(REED, NILE, place / 3)
        start = 180 if place % 2 == 0 else 0
        sheet.sector(x, base, radius, start, start + 180, colour)
        sheet.sector(x, base, radius * 0.52, start, start + 180, mixed(colour, PAPER, 0.28))
    sheet.line([(0, base), (WIDTH, base)], INK, 3)
    for x, size in ((400.0, 13), (800.0, 19), (1200.0, 27)):
        sheet.disc(x, base, size + 14, PAPER)
        sheet.disc(x, base, size, SAFFRON)
    return sheet


def trace() -> Sheet:
    """Many small squares in order; one line finds its way through them to a single point."""
    sheet, step = Sheet(NIGHT), 80
    for row in range(1, HEIGHT // step):
        for column in range(1, WIDTH // step):
            x, y = column * step, row * step + 10
            size = 5 + 9 * ((column * 7 + row * 5) % 4) / 3
            shade = mixed(NIGHT, REED, 0.18 + 0.22 * ((column * 3 + row * 11) % 5) / 4)
            sheet.box(x - size, y - size, x + size, y + size, shade)
    turns = [(1, 8), (4, 8), (4, 6), (7, 6), (7, 7), (10, 7), (10, 4), (13, 4), (13, 5), (16, 5)]
    path = [(column * step, row * step + 10) for column, row in [*turns, (16, 3)]]
    sheet.line(path, NIGHT, 34)
    sheet.line(path, SAFFRON, 9)
    for turn in path[1:-1]:
        sheet.disc(*turn, 12, SAFFRON)
    sheet.disc(*path[-1], 84, SAFFRON)
    sheet.disc(*path[-1], 44, TERRACOTTA)
    sheet.disc(*path[0], 20, PAPER)
    return sheet


def horizon() -> Sheet:
    """A sea in layers under a low light; circles of search close in on one small boat."""
    sheet, sea = Sheet(mixed(PAPER, SAFFRON, 0.14)), 400.0
    for ring in range(5, 0, -1):
        sheet.disc(1120, sea + 10, 90 + ring * 62, mixed(PAPER, SAFFRON, 0.58 - ring * 0.085))
    sheet.disc(1120, sea + 10, 110, SAFFRON)
    for layer in range(7):
        top = sea + layer * layer * 10 + layer * 6
        swell = 3 + layer * 5.5
        length = 330 + layer * 70
        crest = [
            (x, top + swell * math.sin(math.tau * (x / length + layer * 0.31)))
            for x in range(0, WIDTH + 9, 8)
        ]
        shade = mixed(mixed(REED, PAPER, 0.15), NIGHT, (layer / 6) ** 0.75)
        if layer == 3:
            for ring in range(1, 5):
                sheet.arc(500, top, 66 + ring * 74, 0, 360, SURFACE, 7 - ring * 1.2)
            sheet.sector(500, top - 40, 66, 0, 180, TERRACOTTA)
        sheet.shape([*crest, (WIDTH, HEIGHT), (0, HEIGHT)], shade)
    return sheet


def correspondence() -> Sheet:
    """Two stacks of sheets on two shores, and one sealed sheet on the arc between them."""
    ground = mixed(PAPER, LINE, 0.45)
    sheet = Sheet(ground)
    for step in range(7):
        sheet.box(
            520, 720 + step * 40, 1080, 726 + step * 40, mixed(ground, NILE, 0.12 + step * 0.09)
        )
    for ring, share in enumerate((0.16, 0.34, 0.6, 1.0)):
        sheet.sector(250 - ring * 30, 820, 390 - ring * 70, 180, 360, mixed(ground, NILE, share))
        right = mixed(ground, TERRACOTTA, share)
        sheet.sector(1350 + ring * 30, 820, 390 - ring * 70, 180, 360, right)
    sheet.box(0, 640, 250, HEIGHT, NILE)
    sheet.box(0, 820, 640, HEIGHT, NILE)
    sheet.box(1350, 640, WIDTH, HEIGHT, TERRACOTTA)
    sheet.box(960, 820, WIDTH, HEIGHT, TERRACOTTA)
    for left, outward, count in ((60, 1, 5), (1330, -1, 2)):
        for level in range(count):
            shift = (level % 3) * 12 * outward
            top = 602 - level * 42
            sheet.box(left + shift, top, left + shift + 210, top + 36, SURFACE)
            sheet.box(left + shift, top + 33, left + shift + 210, top + 36, LINE)
    for degree in range(216, 325, 4):
        angle = math.radians(degree)
        if abs(degree - 270) < 16:
            continue
        colour = INK if degree < 270 else mixed(INK, ground, 0.6)
        sheet.disc(800 + 600 * math.cos(angle), 660 + 430 * math.sin(angle), 5, colour)
    corners = [(700, 178), (886, 142), (916, 300), (730, 336)]
    sheet.shape(corners, SURFACE)
    for row in range(3):
        drop = 34 + row * 30
        sheet.line([(728 + row * 6, 170 + drop), (850 + row * 6, 146 + drop)], LINE, 7)
    sheet.disc(884, 276, 22, SAFFRON)
    return sheet


def doorways() -> Sheet:
    """Doorways one behind the other; the innermost has light in it, and the floor leads there."""
    sheet, floor = Sheet(mixed(TERRACOTTA, INK, 0.25)), 710.0
    sheet.box(0, floor, WIDTH, HEIGHT, mixed(TERRACOTTA, INK, 0.55))
    shades = [
        mixed(TERRACOTTA, INK, 0.05),
        mixed(TERRACOTTA, SAFFRON, 0.3),
        mixed(TERRACOTTA, SAFFRON, 0.65),
        SAFFRON,
        mixed(SAFFRON, PAPER, 0.55),
        PAPER,
    ]
    for depth, colour in enumerate(shades):
        half = 330 - depth * 55
        centre = 800 + depth * 12
        top = 466 + depth * 26
        sheet.sector(centre, top, half, 180, 360, colour)
        sheet.box(centre - half, top, centre + half, floor, colour)
    sheet.shape([(805, floor), (915, floor), (1250, HEIGHT), (470, HEIGHT)], PAPER)
    sheet.line([(0, floor), (WIDTH, floor)], mixed(TERRACOTTA, INK, 0.7), 3)
    return sheet


def canopy() -> Sheet:
    """One broad tree with its fruit; beneath it, seats in a half circle."""
    sheet, ground = Sheet(PAPER), 600.0
    sheet.box(0, ground, WIDTH, HEIGHT, mixed(PAPER, LINE, 0.6))
    sheet.sector(800, ground, 400, 180, 360, mixed(PAPER, SAFFRON, 0.2))
    sheet.shape([(768, 380), (832, 380), (854, ground), (746, ground)], mixed(INK, NILE, 0.25))
    for x, y, radius, share in (
        (500, 420, 160, 0.2),
        (1100, 420, 160, 0.35),
        (640, 374, 200, 0.5),
        (960, 374, 200, 0.65),
        (800, 398, 240, 1.0),
    ):
        sheet.sector(x, y, radius, 180, 360, mixed(REED, NILE, share))
    for x, y in ((668, 356), (730, 300), (800, 366), (846, 254), (908, 338)):
        sheet.disc(x, y, 15, SAFFRON)
    for seat in range(11):
        angle = math.radians(168 - seat * 15.6)
        across, down = math.cos(angle), math.sin(angle)
        colour = TERRACOTTA if seat == 5 else INK
        sheet.disc(800 + 560 * across, ground + 16 + 108 * down, 13 + 9 * down, colour)
    return sheet


def questions() -> Sheet:
    """A square asked about again and again, each time from another side."""
    sheet, size = Sheet(NILE), 310.0
    for turn in range(8):
        angle = math.radians(turn * 11.25)
        radius = size * (0.86**turn) * math.sqrt(2)
        corners = [
            (
                800 + radius * math.cos(angle + math.pi / 4 + quarter * math.pi / 2),
                450 + radius * math.sin(angle + math.pi / 4 + quarter * math.pi / 2),
            )
            for quarter in range(4)
        ]
        sheet.shape(corners, mixed(mixed(NILE, INK, 0.35), PAPER, (turn / 7) ** 0.9))
    sheet.disc(800, 450, 28, SAFFRON)
    return sheet


COMPOSITIONS: dict[str, Callable[[], Sheet]] = {
    "canopy": canopy,
    "correspondence": correspondence,
    "doorways": doorways,
    "handover": handover,
    "horizon": horizon,
    "questions": questions,
    "trace": trace,
}


def _scaled(*edges: float) -> list[float]:
    return [edge * FINER for edge in edges]
