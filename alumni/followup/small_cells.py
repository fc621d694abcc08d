"""Counts so small that they point at a person are hidden, and those that would tell them, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

LEAST_PUBLIC = 10
"""Answers behind a figure that leaves the staff's hands."""
LEAST_FOR_DONOR = 5
"""The same in a report for a named donor under agreement; and people behind a count."""

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
