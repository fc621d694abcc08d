"""In: a workbook (.xlsx) as bytes. Out: the records of its one sheet, read as a stream.

Nothing is worked out, followed or unpacked beyond what the rows need. What a person would not see
on the screen (hidden sheets, rows, columns), what runs (macros) and what comes from elsewhere is
refused, with what to do; a cell that holds a formula comes out as the formula, never as its value.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO
from xml.parsers.expat import ExpatError

from django.utils.translation import gettext as _

from newsletters.spreadsheets.book import Book, book_of
from newsletters.spreadsheets.limits import MOST_PARTS, MOST_RATIO, MOST_UNPACKED, SMALL
from newsletters.spreadsheets.refusal import UnreadableTable
from newsletters.spreadsheets.sheet import cells_of
from newsletters.spreadsheets.tables import Records

ARCHIVE, OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def is_one(file: BinaryIO) -> bool:
    """Whether the bytes are a workbook; refuses the kinds that are not read."""
    start = file.read(4)
    file.seek(0)
    if start == OLD:
        raise UnreadableTable(
            _(
                "This is an old workbook (.xls) or one with a password. Open it, take the password "
                "away and choose “Save as: Excel workbook (.xlsx)” or “CSV UTF-8”."
            )
        )
    return start in (ARCHIVE, b"PK\x05\x06")


def records(file: BinaryIO) -> Records:
    """The records of the one sheet with content. Reads on while it is asked."""
    with _read(file) as archive:
        book = book_of(archive)
        yield from _filled_sheet(archive, book)


def _filled_sheet(archive: zipfile.ZipFile, book: Book) -> Iterator[tuple[int, list[str]]]:
    filled = [
        (name, part)
        for name, part in book.sheets
        if next(cells_of(archive, part, book, looking=True), None) is not None
    ]
    if len(filled) > 1:
        raise UnreadableTable(
            _(
                "The workbook has several sheets with content: %(sheets)s. Keep one sheet and "
                "delete the others, or import each as a file of its own."
            )
            % {"sheets": ", ".join(f"“{name[:40]}”" for name, _part in filled[:6])}
        )
    for _name, part in filled:
        yield from cells_of(archive, part, book)


@contextmanager
def _read(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """The archive, once nothing in it can hurt; whatever is wrong with it is said in one way."""
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            _refuse_bombs(archive)
            _refuse_other_kinds(archive)
            yield archive
    except (
        zipfile.BadZipFile,
        zlib.error,
        ExpatError,
        EOFError,
        KeyError,
        LookupError,
        NotImplementedError,
        OSError,
        OverflowError,
        RuntimeError,
        UnicodeError,
        ValueError,
    ) as error:
        raise UnreadableTable(
            _(
                "The workbook is damaged. Open it in your spreadsheet and save it anew, as .xlsx "
                "or as “CSV UTF-8”."
            )
        ) from error


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    """By what the archive says of itself: Python reads no further than that."""
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    swollen = any(
        part.file_size > SMALL and part.file_size > MOST_RATIO * max(1, part.compress_size)
        for part in parts
    )
    doubled = len({part.filename for part in parts}) != len(parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or swollen or doubled:
        raise UnreadableTable(
            _(
                "The workbook unpacks to far more than a list needs. Copy the rows into a new, "
                "empty workbook and send that, or save as “CSV UTF-8”."
            )
        )


def _refuse_other_kinds(archive: zipfile.ZipFile) -> None:
    names = [part.filename.lower().replace("\\", "/") for part in archive.infolist()]
    if any(part.flag_bits & 0x1 for part in archive.infolist()):
        raise UnreadableTable(
            _("The file is locked with a password. Take the password away and save it anew.")
        )
    if any("vbaproject" in name or "/macrosheets/" in f"/{name}" for name in names):
        raise UnreadableTable(
            _("The workbook holds macros. Choose “Save as: Excel workbook (.xlsx)”, without them.")
        )
    if any("/externallinks/" in f"/{name}" or name == "xl/connections.xml" for name in names):
        raise UnreadableTable(
            _(
                "The workbook takes values from other files. Copy the rows into a new workbook "
                "with “Paste special: values” and send that."
            )
        )
    if "xl/workbook.xml" not in names:
        raise UnreadableTable(
            _(
                "This is an archive and no Excel workbook. Open the table in your spreadsheet and "
                "choose “Save as: Excel workbook (.xlsx)” or “CSV UTF-8”."
            )
        )
