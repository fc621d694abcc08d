"""Land, water and buildings."""

from __future__ import annotations

import math

from cms.demo.sheets import (
    HEIGHT,
    INK,
    LINE,
    NIGHT,
    NILE,
    PAPER,
    REED,
    SAFFRON,
    SURFACE,
    TERRACOTTA,
    WIDTH,
    Point,
    Sheet,
    mixed,
)


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


def arcade() -> Sheet:
    """Horseshoe arches of light and dark stones; through the middle one the morning comes."""
    wall = mixed(TERRACOTTA, PAPER, 0.12)
    sheet, spring = Sheet(wall), 400.0
    for row in range(10):
        sheet.box(0, row * 96, WIDTH, row * 96 + 3, mixed(wall, INK, 0.12))
    for place in range(-1, 4):
        lit = place == 1
        x = 800 + (place - 1) * 430
        for stone in range(16):
            start = 150 + stone * 15
            colour = PAPER if stone % 2 == 0 else mixed(TERRACOTTA, INK, 0.42)
            sheet.sector(x, spring, 212, start, start + 15, colour)
        sky = mixed(SAFFRON, PAPER, 0.35) if lit else NIGHT
        sheet.disc(x, spring, 150, sky)
        half = 128.0
        sheet.box(x - half - 44, 490, x - half, HEIGHT, mixed(PAPER, LINE, 0.7))
        sheet.box(x + half, 490, x + half + 44, HEIGHT, mixed(PAPER, LINE, 0.7))
        sheet.box(x - half, 470, x + half, HEIGHT, sky)
        sheet.box(x - half - 56, 478, x - half + 6, 502, PAPER)
        sheet.box(x + half - 6, 478, x + half + 56, 502, PAPER)
        if lit:
            sheet.disc(x, 480, 62, SAFFRON)
            sheet.box(x - half, 640, x + half, HEIGHT, mixed(SAFFRON, TERRACOTTA, 0.3))
            sheet.box(x - half, 640, x + half, 646, mixed(TERRACOTTA, INK, 0.2))
    return sheet


def dunes() -> Sheet:
    """Dunes with a bright and a shaded side; a row of steps leads from one crest to the next."""
    sheet = Sheet(mixed(PAPER, SAFFRON, 0.16))
    sheet.disc(1180, 250, 96, mixed(SAFFRON, TERRACOTTA, 0.2))
    ridges = ((470, 1130, 300, 0.16), (560, 420, 400, 0.36), (690, 1000, 330, 0.6))
    for base, peak, height, share in ridges:
        bright = mixed(mixed(PAPER, SAFFRON, 0.6), TERRACOTTA, share)
        shaded = mixed(bright, INK, 0.3)
        top = base - height * 0.42
        left = [
            (x, base - height * 0.42 * math.sin(math.pi / 2 * max(0.0, 1 + (x - peak) / 1000)) ** 2)
            for x in range(0, peak + 1, 10)
        ]
        right = [
            (x, base - height * 0.42 * math.cos(math.pi / 2 * min(1.0, (x - peak) / 620)) ** 2)
            for x in range(peak, WIDTH + 10, 10)
        ]
        sheet.shape([*left, *right, (WIDTH, HEIGHT), (0, HEIGHT)], bright)
        fall = [
            (peak + 150 * math.sin(step / 10 * math.pi * 0.9) + step * 26, top + step * 58)
            for step in range(11)
        ]
        sheet.shape([*right, (WIDTH, HEIGHT), *reversed(fall)], shaded)
    for step in range(15):
        share = step / 14
        x = 330 + 560 * share
        sheet.disc(x, 800 - 330 * share**0.8 + 26 * math.sin(share * 9), 9 - 4 * share, PAPER)
    return sheet


def islands() -> Sheet:
    """Islands on a calm sea, each with lines of shallow water; a dotted way joins two of them."""
    sea = mixed(NILE, REED, 0.42)
    sheet = Sheet(sea)
    group = (
        (300, 300, 104, 0.3),
        (520, 190, 58, 1.7),
        (742, 262, 76, 2.9),
        (1310, 300, 96, 0.9),
        (1420, 500, 70, 2.2),
        (1200, 640, 130, 3.6),
        (860, 700, 92, 4.4),
        (600, 640, 54, 5.1),
        (330, 620, 80, 5.9),
    )
    layers = (
        (1.85, mixed(sea, PAPER, 0.1)),
        (1.5, mixed(sea, PAPER, 0.24)),
        (1.2, mixed(sea, PAPER, 0.44)),
        (0.94, mixed(PAPER, SAFFRON, 0.3)),
        (0.74, mixed(NILE, SAFFRON, 0.24)),
        (0.46, NILE),
    )
    for scale, colour in layers:
        for x, y, size, turn in group:
            sheet.shape(_shore(x, y, size * scale, turn), colour)
    for step in range(1, 24):
        share = step / 24
        right = 342 + (1150 - 342) * share
        down = 300 + 322 * share - 150 * math.sin(math.pi * share)
        if math.hypot(right - 742, down - 262) > 64:
            sheet.disc(right, down, 6, SURFACE)
    sheet.disc(318, 296, 20, SAFFRON)
    sheet.disc(1186, 640, 20, SAFFRON)
    return sheet


def confluence() -> Sheet:
    """Two rivers of fine lines run into one another and go on side by side."""
    sheet = Sheet(NIGHT)
    for river, (source, light, deep) in enumerate(
        ((70.0, REED, NILE), (700.0, SAFFRON, TERRACOTTA))
    ):
        for strand in range(7):
            start = source + strand * 30
            end = 300 + strand * 50 + river * 25
            path = []
            for x in range(-20, WIDTH + 21, 10):
                share = min(1.0, max(0.0, (x - 120) / 960))
                smooth = share * share * (3 - 2 * share)
                wave = 20 * math.sin(x / 170 + river * 1.9) * (1 - smooth)
                path.append((float(x), start + (end - start) * smooth + wave))
            sheet.line(path, mixed(light, mixed(deep, NIGHT, 0.2), strand / 7), 13)
    return sheet


def _shore(x: float, y: float, size: float, turn: float) -> list[Point]:
    """A closed line that wanders a little from a circle."""
    return [
        (
            x + size * math.cos(angle) * (1 + 0.17 * math.sin(2 * angle + turn)),
            y + size * math.sin(angle) * 0.82 * (1 + 0.15 * math.sin(3 * angle + 2 * turn)),
        )
        for angle in (math.tau * step / 90 for step in range(90))
    ]
