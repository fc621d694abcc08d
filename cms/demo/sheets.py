"""A sheet to draw a cover on, and the few colours it is drawn with.

Covers are drawn at twice the size and then halved, so that edges are smooth. What matters stands
between 120 and 780 from the top: wide pages show no more.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

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
        smooth = self.image.reduce(FINER)
        smooth.save(written, "PNG", compress_level=1)  # encoded again when it is kept
        return written.getvalue()


def mixed(first: str, second: str, share: float) -> str:
    """A colour between two: 0 is the first, 1 the second."""
    pairs = zip(ImageColor.getrgb(first)[:3], ImageColor.getrgb(second)[:3], strict=True)
    return "#{:02X}{:02X}{:02X}".format(*(round(a + (b - a) * share) for a, b in pairs))


def _scaled(*edges: float) -> list[float]:
    return [edge * FINER for edge in edges]
