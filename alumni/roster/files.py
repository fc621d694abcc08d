"""Bytes of a text table in any common encoding and delimiter; out come named cells a row.

Rows keep the number a spreadsheet shows, so that a person finds the one that is meant.
"""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from alumni.roster.columns import Column, column_of

MOST_BYTES = 20 * 1024 * 1024
MOST_COLUMNS = 100
MOST_IN_A_CELL = 2000
LOOKED_AT_FOR_HEADER = 10
DELIMITERS = (",", ";", "\t", "|")


class UnreadableRoster(Exception):
    """The whole file cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Row:
    """One row with what stands in each column we know."""

    number: int
    """As the spreadsheet shows it; the header counts."""
    cells: dict[Column, str]


@dataclass(frozen=True)
class Sheet:
    """A roster as it was sent."""

    encoding: str
    columns: tuple[Column, ...]
    unused: tuple[str, ...]
    """Headings we know nothing of; their cells are not imported."""
    rows: tuple[Row, ...]


def read(data: bytes) -> Sheet:
    """The table in the file. Raises UnreadableRoster with what to do."""
    if len(data) > MOST_BYTES:
        raise UnreadableRoster(
            _("The file is larger than %(most)d MB. Split it into parts.")
            % {"most": MOST_BYTES // 1024 // 1024}
        )
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnreadableRoster(
            _("This is a workbook, not a text table. In your spreadsheet choose “Save as: CSV”.")
        )
    text, encoding = decode(data)
    if "\x00" in text:
        raise UnreadableRoster(
            _("This is not a text table. In your spreadsheet choose “Save as: CSV”.")
        )
    number, header, records = _table(text)
    columns = [column_of(title) for title in header]
    _refuse_doubled(header, columns)
    rows = (
        Row(at, _named(columns, cells))
        for at, cells in records
        if at > number and any(cell.strip() for cell in cells)
    )
    return Sheet(
        encoding=encoding,
        columns=tuple(column for column in columns if column),
        unused=tuple(
            title.strip()
            for title, column in zip(header, columns, strict=True)
            if title.strip() and not column
        ),
        rows=tuple(rows),
    )


def decode(data: bytes) -> tuple[str, str]:
    """The text, and the encoding it was found to be in."""
    for mark, encoding in (
        (BOM_UTF8, "utf-8-sig"),
        (BOM_UTF16_LE, "utf-16"),
        (BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding
    # Latin text in UTF-16 has a zero in every second place, with or without a mark before it.
    start = data[:4096]
    for encoding, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        if len(zeros) > 1 and zeros.count(0) > len(zeros) * 0.3:
            return data.decode(encoding, errors="replace"), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    encoding = "cp1256" if _looks_arabic(data) else "cp1252"
    return data.decode(encoding, errors="replace"), encoding


def _looks_arabic(data: bytes) -> bool:
    """Arabic words are runs of high bytes; accents of Latin words stand alone among low ones."""
    runs = re.findall(rb"[\x80-\xff]+", data[:200_000])
    in_words = sum(len(run) for run in runs if len(run) > 1)
    return in_words * 2 > sum(len(run) for run in runs)


def _table(text: str) -> tuple[int, list[str], Iterator[tuple[int, list[str]]]]:
    """The header's row number, the header, and all records with their row numbers."""
    best: tuple[int, int, list[str], str] | None = None
    for delimiter in DELIMITERS:
        for number, cells in _records(text, delimiter, stop=LOOKED_AT_FOR_HEADER):
            known = len({column for cell in cells if (column := column_of(cell))})
            if known >= 2 and (best is None or known > best[0]):
                best = (known, number, cells, delimiter)
    if best is None:
        raise UnreadableRoster(
            _(
                "No heading row was found. The first row must name the columns, at least a name "
                "and one of: e-mail, country, institution."
            )
        )
    _known, number, header, delimiter = best
    if len(header) > MOST_COLUMNS:
        raise UnreadableRoster(
            _("The table has more than %(most)d columns. Delete those that are not needed.")
            % {"most": MOST_COLUMNS}
        )
    return number, header, _records(text, delimiter)


def _records(text: str, delimiter: str, stop: int = 0) -> Iterator[tuple[int, list[str]]]:
    # A spreadsheet may say in its first line which delimiter it used.
    shift = len(found.group()) if (found := re.match(r"\ufeff?sep=.\r?\n", text)) else 0
    reader = csv.reader(io.StringIO(text[shift:].lstrip("\ufeff"), newline=""), delimiter=delimiter)
    number = 1 if shift else 0
    while not stop or number < stop:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error:
            if stop:
                return
            raise UnreadableRoster(
                _("Row %(row)d cannot be read: a quotation mark is opened and not closed.")
                % {"row": number}
            ) from None


def _refuse_doubled(header: list[str], columns: list[Column | None]) -> None:
    for column in columns:
        if column and columns.count(column) > 1:
            titles = [
                title.strip()
                for title, found in zip(header, columns, strict=True)
                if found == column
            ]
            raise UnreadableRoster(
                _("Two columns mean the same: %(titles)s. Keep one of them.")
                % {"titles": ", ".join(f"“{title}”" for title in titles)}
            )


def _named(columns: list[Column | None], cells: list[str]) -> dict[Column, str]:
    return {
        column: cell[: MOST_IN_A_CELL + 1]
        for column, cell in zip(columns, cells, strict=False)
        if column
    }
