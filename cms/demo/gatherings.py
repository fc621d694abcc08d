"""Things in company: rings, rows, what holds and is held."""

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
    TERRACOTTA,
    WIDTH,
    Sheet,
    mixed,
)


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


def roundtable() -> Sheet:
    """A round table with papers laid towards the middle; one seat at it is still empty."""
    sheet, x, y = Sheet(NILE), 800.0, 450.0
    for ring in range(8, 0, -1):
        sheet.disc(x, y, 340 + ring * 74, mixed(NILE, NIGHT, ring / 8))
    sheet.disc(x, y, 222, mixed(PAPER, LINE, 0.75))
    sheet.disc(x, y, 206, PAPER)
    seats = (SAFFRON, REED, TERRACOTTA, PAPER, REED, SAFFRON, TERRACOTTA, PAPER)
    for seat, colour in enumerate(seats):
        angle = math.radians(seat * 45 + 22.5)
        across, down = math.cos(angle), math.sin(angle)
        sheet.sector(x, y, 178, seat * 45 + 4, seat * 45 + 41, mixed(PAPER, colour, 0.42))
        spot = (x + 292 * across, y + 292 * down)
        sheet.disc(*spot, 44, colour)
        if seat == 3:
            sheet.disc(*spot, 34, NILE)
    sheet.disc(x, y, 84, PAPER)
    sheet.disc(x, y, 52, SAFFRON)
    return sheet


def nest() -> Sheet:
    """Bowls within bowls, and in the innermost a small round thing, safe."""
    ground = mixed(SAFFRON, PAPER, 0.2)
    sheet, x, rim = Sheet(ground), 800.0, 360.0
    for radius, share in ((450, 1.0), (370, 0.72), (290, 0.46), (210, 0.2)):
        colour = mixed(mixed(REED, PAPER, 0.3), NILE, share)
        sheet.sector(x, rim, radius, 0, 180, colour)
    sheet.sector(x, rim, 130, 0, 180, PAPER)
    sheet.disc(x, rim - 4, 72, TERRACOTTA)
    return sheet


def weave() -> Sheet:
    """Bands of cloth over and under one another; one thread is brighter than the rest."""
    sheet, pitch, band = Sheet(NIGHT), 100, 82
    along = (mixed(REED, PAPER, 0.25), NILE, mixed(NILE, REED, 0.5), mixed(NILE, INK, 0.3))
    across = (mixed(PAPER, LINE, 0.5), TERRACOTTA, PAPER, mixed(TERRACOTTA, INK, 0.35))
    for row in range(HEIGHT // pitch + 1):
        top = row * pitch + 9
        for column in range(WIDTH // pitch + 1):
            left = column * pitch + 9
            flat = SAFFRON if row == 4 else across[row % 4]
            upright = along[column % 4]
            over = (row + column) % 2 == 0
            first, second = (upright, flat) if over else (flat, upright)
            for colour in (first, second):
                if colour is flat:
                    sheet.box(left - 18, top, left + band + 18, top + band, colour)
                else:
                    sheet.box(left, top - 18, left + band, top + band + 18, colour)
            if over:
                edge = mixed(flat, INK, 0.22)
                sheet.box(left - 9, top, left - 3, top + band, edge)
                sheet.box(left + band + 3, top, left + band + 9, top + band, edge)
    return sheet


def mobile() -> Sheet:
    """Discs of unequal size hang from bars and hold one another level."""
    sheet = Sheet(mixed(PAPER, LINE, 0.12))
    wire = 5.0
    sheet.line([(760, 0), (760, 176)], INK, wire)
    sheet.line([(330, 214), (760, 176), (1236, 148)], INK, wire)
    sheet.line([(330, 214), (330, 330)], INK, wire)
    sheet.line([(1236, 148), (1236, 330)], INK, wire)
    sheet.line([(1010, 372), (1236, 330), (1440, 300)], INK, wire)
    sheet.line([(1010, 372), (1010, 470)], INK, wire)
    sheet.line([(1440, 300), (1440, 420)], INK, wire)
    sheet.line([(760, 176), (760, 560)], INK, wire)
    sheet.line([(610, 590), (760, 560), (850, 548)], INK, wire)
    sheet.line([(610, 590), (610, 640)], INK, wire)
    sheet.line([(850, 548), (850, 690)], INK, wire)
    sheet.disc(330, 480, 150, NILE)
    sheet.sector(330, 480, 150, 90, 270, mixed(NILE, INK, 0.3))
    sheet.disc(1010, 556, 86, TERRACOTTA)
    sheet.sector(1010, 556, 86, 90, 270, mixed(TERRACOTTA, INK, 0.25))
    sheet.disc(1440, 484, 64, SAFFRON)
    sheet.disc(610, 690, 50, REED)
    sheet.disc(850, 726, 36, INK)
    return sheet
