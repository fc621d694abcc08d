"""In: headings and rows of texts. Out: a table as a file, in which no cell is ever run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import chain

from openpyxl import Workbook

from newsletters.spreadsheets.safe import formula_safe

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(headings: Sequence[object], rows: Iterable[Sequence[object]]) -> bytes:
    """With the mark by which spreadsheets see that it is UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([formula_safe(heading) for heading in headings])
    writer.writerows([formula_safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(headings: Sequence[object], rows: Iterable[Sequence[object]]) -> bytes:
    """Every cell is text; a row at a time, so that a long list takes no more memory than a file."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in chain([headings], rows):
        sheet.append([_printable(formula_safe(cell)) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _printable(text: str) -> str:
    """Without control characters: a workbook with one of them does not open."""
    return "".join(sign for sign in text if sign.isprintable() or sign in "\n\t")
