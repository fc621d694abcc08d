"""Counts so small that they point at a person are hidden, and those that would tell them, too."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

LEAST_PUBLIC = 10
"""People behind a figure that leaves the staff's hands, and behind any figure of a mailing."""

Key = TypeVar("Key")


def single(count: int, least: int, *, of: int | None = None) -> int | None:
    """A count, or None where it or what is left of its whole is below `least` and not nothing."""
    parts = [count] if of is None else [count, of - count]
    return None if any(0 < part < least for part in parts) else count


def partition(cells: Mapping[Key, int], least: int) -> dict[Key, int | None]:
    """Cells that add up to a sum that is shown: None for the small ones and for enough others.

    At least two are hidden or none, and together they are not small either: the sum less the
    shown cells tells nobody apart.
    """
    hidden = {key for key, count in cells.items() if 0 < count < least}
    others = sorted((key for key in cells if key not in hidden), key=lambda key: cells[key])
    while hidden and others and (len(hidden) < 2 or sum(cells[key] for key in hidden) < least):
        hidden.add(others.pop(0))
    return {key: None if key in hidden else count for key, count in cells.items()}


@dataclass(frozen=True)
class Table:
    """Rows of cells and the sum of each column, None where hidden."""

    cells: tuple[tuple[int | None, ...], ...]
    sums: tuple[int | None, ...]


@dataclass(frozen=True)
class Arc:
    """A cell flows from its row to its column, a sum from its column to the whole."""

    tail: Hashable
    head: Hashable
    count: int


def table(rows: Sequence[Sequence[int]], least: int) -> Table:
    """Show as much as can be of a table whose rows each add up to a sum that everybody knows.

    No row adds up to less than `least`. Whatever is subtracted from what, a small count that is
    hidden could still be nothing, and could still be `least` or more: `_is_safe` looks at every
    table that agrees with what is shown. Sums are shown before cells, large before small; the last
    column is what is left over, and the first to be hidden.
    """
    columns = range(len(rows[0])) if rows else range(0)
    sums = [Arc(("column", j), "whole", sum(row[j] for row in rows)) for j in columns]
    cells = [Arc(("row", i), ("column", j), row[j]) for i, row in enumerate(rows) for j in columns]
    hidden = set(sums + cells)
    rest = ("column", len(columns) - 1)
    wanted = [*_large_first(sums, rest), *_large_first(cells, rest)]
    _show([arc for arc in wanted if not 0 < arc.count < least], hidden, least)
    shown = [[None if arc in hidden else arc.count for arc in arcs] for arcs in (cells, sums)]
    width = len(columns)
    return Table(
        tuple(tuple(shown[0][i * width : (i + 1) * width]) for i in range(len(rows))),
        tuple(shown[1]),
    )


def _large_first(arcs: Iterable[Arc], rest: Hashable) -> list[Arc]:
    return sorted(arcs, key=lambda arc: (rest in (arc.tail, arc.head), -arc.count))


def _show(wanted: Sequence[Arc], hidden: set[Arc], least: int) -> None:
    """One after the other, what can be shown; all at once where that is safe too."""
    if not wanted:
        return
    if _is_safe(hidden.difference(wanted), least):
        hidden.difference_update(wanted)
    elif len(wanted) > 1:
        middle = len(wanted) // 2
        _show(wanted[:middle], hidden, least)
        _show(wanted[middle:], hidden, least)


def _is_safe(hidden: set[Arc], least: int) -> bool:
    """Whether each small count could as well be nothing, and `least`.

    People are moved about among hidden cells, so that nothing shown changes: a count can rise by
    as many as find a way back from its head to its tail, and fall by as many as find another way.
    """
    return all(
        _can_move(hidden - {arc}, arc.tail, arc.head, arc.count)
        and _can_move(hidden - {arc}, arc.head, arc.tail, least - arc.count)
        for arc in hidden
        if 0 < arc.count < least
    )


def _can_move(arcs: set[Arc], start: Hashable, end: Hashable, people: int) -> bool:
    """Whether so many find ways from start to end: along an arc, or back as far as its count."""
    room: dict[Hashable, dict[Hashable, int]] = {}
    for arc in arcs:
        room.setdefault(arc.tail, {})[arc.head] = people
        room.setdefault(arc.head, {})[arc.tail] = arc.count
    while people > 0:
        came_from: dict[Hashable, Hashable] = {start: start}
        waiting = deque([start])
        while waiting and end not in came_from:
            here = waiting.popleft()
            for there, left in room.get(here, {}).items():
                if left > 0 and there not in came_from:
                    came_from[there] = here
                    waiting.append(there)
        if end not in came_from:
            return False
        way = [end]
        while way[-1] != start:
            way.append(came_from[way[-1]])
        steps = list(zip(way[1:], way, strict=False))
        moved = min(people, *(room[here][there] for here, there in steps))
        for here, there in steps:
            room[here][there] -= moved
            room[there][here] += moved
        people -= moved
    return True
