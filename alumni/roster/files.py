"""Bytes of a table as people save it, text or workbook; out come numbered rows of named cells.

Rows keep the number a spreadsheet shows, so that a person finds the one that is meant.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from django.utils.translation import gettext as _

from alumni.roster import workbooks
from alumni.roster.columns import Column, column_of, columns_of_headings
from alumni.roster.encodings import encoding_of
from alumni.roster.limits import MOST_BYTES, MOST_COLUMNS, MOST_IN_A_CELL, MOST_ROWS
from alumni.roster.refusal import UnreadableRoster
from alumni.roster.tables import DELIMITERS, Records, records

LOOKED_AT_FOR_HEADER = 10

Way = Callable[[bool], Records]
"""One way to part the cells; asked whether it is only a try."""


@dataclass(frozen=True)
class Table:
    """What a file holds before anyone has said what its columns are."""

    encoding: str
    headings: tuple[str, ...]
    rows: Records
    """Those after the headings, each with a cell for every heading, or with more; read once."""

    @property
    def guesses(self) -> tuple[Column | None, ...]:
        """The column each heading seems to mean; a second one for the same is no guess."""
        taken: list[Column | None] = []
        for column in columns_of_headings(self.headings):
            taken.append(None if column in taken else column)
        return tuple(taken)


@dataclass(frozen=True)
class Row:
    """One row with what stands in each column we know."""

    number: int
    """As the spreadsheet shows it; the header counts."""
    cells: dict[Column, str]
    surplus: int = 0
    """Filled cells beyond the last heading."""


@dataclass(frozen=True)
class Sheet:
    """A roster as it was sent."""

    encoding: str
    columns: tuple[Column, ...]
    unused: tuple[str, ...]
    """Headings we know nothing of; their cells are not imported."""
    rows: tuple[Row, ...]


def open_table(file: BinaryIO, *, needs_known_headings: bool = True) -> Table:
    """The table in the file, read row by row. Raises UnreadableRoster with what to do.

    Where headings need not be known, a person will say what they mean.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MOST_BYTES:
        raise UnreadableRoster(
            _("The file is larger than %(most)d MB. Split it into parts.")
            % {"most": MOST_BYTES // 1024 // 1024}
        )
    if workbooks.is_one(file):
        return _table("xlsx", [lambda _trying: workbooks.records(file)], needs_known_headings)
    encoding = encoding_of(file)
    return _table(encoding, [_way(file, encoding, one) for one in DELIMITERS], needs_known_headings)


def _way(file: BinaryIO, encoding: str, delimiter: str) -> Way:
    return lambda trying: records(file, encoding, delimiter, trying=trying)


def read(data: bytes) -> Sheet:
    """The roster in these bytes, by the headings we know. Raises UnreadableRoster."""
    table = open_table(io.BytesIO(data))
    columns = columns_of_headings(table.headings)
    refuse_doubled(table.headings, columns)
    return Sheet(
        encoding=table.encoding,
        columns=tuple(column for column in columns if column),
        unused=unused(table.headings, columns),
        rows=tuple(named(number, columns, cells) for number, cells in table.rows),
    )


def unused(headings: tuple[str, ...], columns: list[Column | None]) -> tuple[str, ...]:
    """The headings whose cells are not imported."""
    return tuple(
        heading.strip()
        for heading, column in zip(headings, columns, strict=True)
        if heading.strip() and not column
    )


def refuse_doubled(headings: tuple[str, ...], columns: list[Column | None]) -> None:
    """Two columns that mean the same: nobody can tell which counts."""
    for column in columns:
        if column and columns.count(column) > 1:
            titles = [
                title.strip()
                for title, found in zip(headings, columns, strict=True)
                if found == column
            ]
            raise UnreadableRoster(
                _("Two columns mean the same: %(titles)s. Keep one of them.")
                % {"titles": ", ".join(f"“{title}”" for title in titles)}
            )


def named(number: int, columns: list[Column | None], cells: list[str]) -> Row:
    """The row with its cells under the columns they belong to."""
    return Row(
        number,
        {column: cell for column, cell in zip(columns, cells, strict=False) if column},
        surplus=sum(bool(cell.strip()) for cell in cells[len(columns) :]),
    )


def _table(encoding: str, ways: list[Way], needs_known_headings: bool) -> Table:
    known = width = 0
    best: tuple[int, list[str], Way] | None = None
    for way in ways:
        for number, cells in islice(way(True), LOOKED_AT_FOR_HEADER):
            width = max(width, len(cells))
            if len(cells) > MOST_COLUMNS:
                continue
            here = len({column for cell in cells if (column := column_of(cell))})
            if here >= 2 and here > known:
                known, best = here, (number, cells, way)
    if best is None and width > MOST_COLUMNS:
        raise UnreadableRoster(
            _("The table has more than %(most)d columns. Delete those that are not needed.")
            % {"most": MOST_COLUMNS}
        )
    if best is None and not needs_known_headings:
        best = _first_filled(ways)
    if best is None:
        raise UnreadableRoster(
            _(
                "No heading row was found. The first row must name the columns, at least a name "
                "and one of: e-mail, country, institution."
            )
        )
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
    count = 0
    for number, cells in found:
        if number <= heading or not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise UnreadableRoster(
                _("The table has more than %(most)d rows. Split it into parts.")
                % {"most": MOST_ROWS}
            )
        yield number, [cell[: MOST_IN_A_CELL + 1] for cell in cells[: MOST_COLUMNS + 1]]
