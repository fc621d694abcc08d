"""Bytes of a table as people save it, text or workbook; out come numbered rows of named cells.

Rows keep the number a spreadsheet shows, so that a person finds the one that is meant.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from alumni import vocabulary
from alumni.roster.columns import Column, column_of, columns_of_headings
from newsletters.spreadsheets import files
from newsletters.spreadsheets.refusal import UnreadableTable
from newsletters.spreadsheets.tables import Records


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
    """The table in the file, read row by row. Raises UnreadableTable with what to do.

    Where headings need not be known, a person will say what they mean.
    """
    found = files.open_table(
        file,
        known=column_of,
        needs_known_headings=needs_known_headings,
        no_headings=_(
            "No heading row was found. The first row must name the columns, at least a name "
            "and one of: e-mail, country, institution."
        ),
    )
    return Table(found.encoding, found.headings, found.rows)


def read(data: bytes) -> Sheet:
    """The roster in these bytes, by the headings we know. Raises UnreadableTable."""
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
            raise UnreadableTable(
                _("Two columns mean the same: %(titles)s. Keep one of them.")
                % {"titles": vocabulary.listed(f"“{title}”" for title in titles)}
            )


def named(number: int, columns: list[Column | None], cells: list[str]) -> Row:
    """The row with its cells under the columns they belong to."""
    return Row(
        number,
        {column: cell for column, cell in zip(columns, cells, strict=False) if column},
        surplus=sum(bool(cell.strip()) for cell in cells[len(columns) :]),
    )
