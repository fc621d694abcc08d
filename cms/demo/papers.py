"""Letters, lists, books and notices."""

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


def notices() -> Sheet:
    """A wall of notices with strips to tear off; one of them shines and has nothing on it."""
    wall = mixed(PAPER, NILE, 0.2)
    sheet = Sheet(wall)
    tints = (
        SURFACE,
        mixed(PAPER, REED, 0.35),
        mixed(PAPER, LINE, 0.8),
        mixed(PAPER, TERRACOTTA, 0.22),
    )
    for row in range(3):
        for column in range(-1, 8):
            left = column * 232 + 14 + (116 if row % 2 else 0)
            top = 20 + row * 300 + (column * 29 + row * 17) % 34
            bright = (row, column) == (1, 3)
            paper = SAFFRON if bright else tints[(column * 2 + row * 3 + 8) % 4]
            sheet.box(left + 7, top + 8, left + 197, top + 252, mixed(wall, INK, 0.2))
            sheet.box(left, top, left + 190, top + 196, paper)
            for strip in range(6):
                edge = left + strip * 32
                gone = not bright and (strip * 5 + column * 3 + row * 7) % 4 == 0
                if not gone:
                    sheet.box(edge, top + 196, edge + 29, top + 244, paper)
            sheet.disc(left + 95, top + 16, 8, TERRACOTTA if not bright else PAPER)
            if bright:
                continue
            ink = mixed(paper, INK, 0.62)
            if (row + column) % 3 == 0:
                sheet.disc(left + 95, top + 84, 38, mixed(paper, NILE, 0.7))
            else:
                sheet.box(left + 26, top + 48, left + 164, top + 66, ink)
                sheet.box(left + 26, top + 82, left + 120, top + 92, mixed(paper, ink, 0.6))
            for line in range(3):
                width = 138 - (line * 37 + column * 23) % 60
                y = top + 132 + line * 18
                sheet.box(left + 26, y, left + 26 + width, y + 7, mixed(paper, ink, 0.55))
    return sheet


def recital() -> Sheet:
    """An open book; one line of it is bright, and goes out as sound."""
    ground = mixed(PAPER, REED, 0.34)
    sheet, x, y = Sheet(ground), 700.0, 450.0
    for ring in range(9, 0, -1):
        shade = mixed(ground, NILE, 0.86 - ring * 0.082)
        sheet.sector(x, y, 110 + ring * 96, -46, 46, shade)
        sheet.sector(x, y, 110 + ring * 96 - 46, -46, 46, mixed(ground, NILE, 0.04))
    sheet.shape([(120, 236), (430, 276), (430, 724), (120, 684)], mixed(LINE, INK, 0.2))
    sheet.shape([(740, 236), (430, 276), (430, 724), (740, 684)], mixed(LINE, INK, 0.2))
    sheet.shape([(132, 214), (430, 254), (430, 702), (132, 662)], SURFACE)
    sheet.shape([(728, 214), (430, 254), (430, 702), (728, 662)], mixed(SURFACE, LINE, 0.3))
    for line in range(9):
        down = 292 + line * 40
        first = 170 + (22 if line in (0, 5) else 0)
        last = 394 - (line * 53) % 90
        sheet.line([(first, down - 26), (last, down + 6)], mixed(LINE, INK, 0.35), 8)
        if line == 4:
            sheet.line([(468, down + 6), (700, down - 12)], SAFFRON, 16)
            continue
        last = 690 - (line * 71) % 110
        sheet.line([(468, down + 6), (last, down - 24)], mixed(LINE, INK, 0.35), 8)
    sheet.disc(700, 440, 30, SAFFRON)
    return sheet


def tally() -> Sheet:
    """Strokes in fives, row upon row; where one was not counted, only its place is left."""
    sheet = Sheet(mixed(PAPER, SAFFRON, 0.08))
    for row in range(5):
        for group in range(8):
            left, top = 106 + group * 182, 72 + row * 164
            place = row * 8 + group
            unseen = place in (12, 19, 30)
            lone = place == 21
            ink = mixed(INK, NILE, ((place * 5) % 7) / 6)
            for stroke in range(4):
                x = left + stroke * 32
                lean = ((place + stroke * 3) % 5 - 2) * 2
                colour = mixed(PAPER, LINE, 0.75) if unseen or (lone and stroke > 1) else ink
                if lone and stroke < 2:
                    colour = TERRACOTTA
                sheet.line([(x + lean, top), (x - lean, top + 106)], colour, 13)
            if not lone:
                colour = mixed(PAPER, LINE, 0.75) if unseen else SAFFRON
                sheet.line([(left - 24, top + 88), (left + 122, top + 16)], colour, 13)
    return sheet


def envelope() -> Sheet:
    """Cards of several colours looking out of one open envelope."""
    ground = mixed(PAPER, TERRACOTTA, 0.26)
    sheet = Sheet(ground)
    body = mixed(PAPER, LINE, 0.55)
    sheet.shape([(430, 470), (1170, 470), (800, 150)], mixed(body, INK, 0.22))
    cards = (
        (-25, mixed(PAPER, REED, 0.5)),
        (-13, SURFACE),
        (13, mixed(PAPER, TERRACOTTA, 0.35)),
        (25, NILE),
        (0, SAFFRON),
    )
    for degrees, colour in cards:
        angle = math.radians(degrees)
        across, up = math.cos(angle), math.sin(angle)

        def at(right: float, top: float, across: float = across, up: float = up) -> Point:
            return 800 + right * across + top * up, 860 + right * up - top * across

        sheet.shape([at(-128, 300), at(128, 300), at(128, 664), at(-128, 664)], colour)
        for line in range(3):
            ink = mixed(colour, PAPER if colour == NILE else INK, 0.5)
            sheet.line([at(-92, 616 - line * 34), at(60 - line * 42, 616 - line * 34)], ink, 9)
    sheet.box(430, 470, 1170, 790, body)
    sheet.shape([(430, 470), (800, 690), (430, 790)], mixed(body, PAPER, 0.5))
    sheet.shape([(1170, 470), (800, 690), (1170, 790)], mixed(body, PAPER, 0.35))
    sheet.shape([(430, 790), (1170, 790), (800, 600)], mixed(body, PAPER, 0.8))
    sheet.line([(430, 790), (800, 600), (1170, 790)], mixed(body, INK, 0.16), 4)
    sheet.box(0, 790, WIDTH, HEIGHT, mixed(ground, TERRACOTTA, 0.24))
    return sheet
