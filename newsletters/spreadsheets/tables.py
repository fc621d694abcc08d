"""In: a text table and its encoding. Out: its records, numbered as a spreadsheet shows them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from django.utils.translation import gettext as _

from newsletters.spreadsheets.refusal import UnreadableTable

DELIMITERS = (",", ";", "\t", "|")
SAYS_ITS_DELIMITER = re.compile(r"\ufeff?sep=.\r?\n?")

Records = Iterator[tuple[int, list[str]]]


def records(file: BinaryIO, encoding: str, delimiter: str, *, trying: bool = False) -> Records:
    """Each record with its number. One that cannot be read ends a try, and refuses the file else.

    Reads on while it is asked: a table is never in memory as a whole.
    """
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        first = text.readline()
        # A spreadsheet may say in its first line which delimiter it used.
        number = 1 if SAYS_ITS_DELIMITER.fullmatch(first) else 0
        lines = text if number else chain([first.lstrip("\ufeff")], text)
        # Strict: a quotation mark that is never closed would swallow all rows after it.
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            number += 1
            try:
                yield number, next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if trying:
                    return
                raise UnreadableTable(_why(error, number)) from None
    finally:
        text.detach()


def filled(found: Records, *, most: int) -> Records:
    """The records with something in them. Raises UnreadableTable for more than `most`."""
    count = 0
    for number, cells in found:
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > most:
            raise UnreadableTable(
                _("The table has more than %(most)d rows. Split it into parts.") % {"most": most}
            )
        yield number, cells


def _why(error: csv.Error, number: int) -> str:
    if "field larger" in str(error):
        return _(
            "Row %(row)d cannot be read: a quotation mark is opened and not closed, or a cell is "
            "far too long. Correct that row."
        ) % {"row": number}
    return _(
        "Row %(row)d cannot be read: a quotation mark is opened and not closed. Correct that row."
    ) % {"row": number}
