"""Bytes of a table as people save it, text or workbook; out come its headings and numbered rows.

Rows keep the number a spreadsheet shows, so that a person finds the one that is meant.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from django.utils.translation import gettext as _

from newsletters.spreadsheets import workbooks
from newsletters.spreadsheets.encodings import encoding_of
from newsletters.spreadsheets.limits import MOST_BYTES, MOST_COLUMNS, MOST_IN_A_CELL, MOST_ROWS
from newsletters.spreadsheets.refusal import UnreadableTable
from newsletters.spreadsheets.tables import DELIMITERS, Records, filled, records

LOOKED_AT_FOR_HEADER = 10

Way = Callable[[bool], Records]
"""One way to part the cells; asked whether it is only a try."""
Known = Callable[[str], Hashable | None]
"""What a heading means, None where nobody knows."""


@dataclass(frozen=True)
class Table:
    """What a file holds before anyone has said what its columns are."""

    encoding: str
    headings: tuple[str, ...]
    rows: Records
    """Those after the headings, each with a cell for every heading, or with more; read once."""


def open_table(
    file: BinaryIO, *, known: Known, no_headings: str, needs_known_headings: bool = True
) -> Table:
    """The table in the file, read row by row. Raises UnreadableTable with what to do.

    The headings are the row of the first ones in which most are known; `no_headings` says what to
    do where there is none.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MOST_BYTES:
        raise UnreadableTable(
            _("The file is larger than %(most)d MB. Split it into parts.")
            % {"most": MOST_BYTES // 1024 // 1024}
        )
    if workbooks.is_one(file):
        encoding, ways = "xlsx", [_workbook(file)]
    else:
        encoding = encoding_of(file)
        ways = [_way(file, encoding, one) for one in DELIMITERS]
    return _table(encoding, ways, known, needs_known_headings, no_headings)


def _workbook(file: BinaryIO) -> Way:
    return lambda _trying: workbooks.records(file)


def _way(file: BinaryIO, encoding: str, delimiter: str) -> Way:
    return lambda trying: records(file, encoding, delimiter, trying=trying)


def _table(
    encoding: str, ways: list[Way], known: Known, needs_known_headings: bool, no_headings: str
) -> Table:
    most = width = 0
    best: tuple[int, list[str], Way] | None = None
    for way in ways:
        for number, cells in islice(way(True), LOOKED_AT_FOR_HEADER):
            width = max(width, len(cells))
            if len(cells) > MOST_COLUMNS:
                continue
            here = len({column for cell in cells if (column := known(cell))})
            if here >= 2 and here > most:
                most, best = here, (number, cells, way)
    if best is None and width > MOST_COLUMNS:
        raise UnreadableTable(
            _("The table has more than %(most)d columns. Delete those that are not needed.")
            % {"most": MOST_COLUMNS}
        )
    if best is None and not needs_known_headings:
        best = _first_filled(ways)
    if best is None:
        raise UnreadableTable(no_headings)
    number, headings, way = best
    while headings and not headings[-1].strip():
        headings.pop()
    return Table(
        encoding=encoding,
        headings=tuple(heading.strip()[:200] for heading in headings),
        rows=_after(number, way(False)),
    )


def _first_filled(ways: list[Way]) -> tuple[int, list[str], Way] | None:
    """The first row with two filled cells, parted the way that gives it the most."""
    best: tuple[int, list[str], Way] | None = None
    most = 1
    for way in ways:
        for number, cells in islice(way(True), LOOKED_AT_FOR_HEADER):
            filled = sum(bool(cell.strip()) for cell in cells)
            if filled > most and len(cells) <= MOST_COLUMNS:
                most, best = filled, (number, cells, way)
                break
    return best


def _after(heading: int, found: Records) -> Iterator[tuple[int, list[str]]]:
    """The filled rows after the headings, their cells no longer than one that is refused."""
    below = (record for record in found if record[0] > heading)
    for number, cells in filled(below, most=MOST_ROWS):
        yield number, [cell[: MOST_IN_A_CELL + 1] for cell in cells[: MOST_COLUMNS + 1]]
