"""Out: an empty roster to be filled in, its headings in the language of the moment."""

from __future__ import annotations

import csv
import io

from openpyxl import Workbook
from openpyxl.styles import Font

from alumni.roster.columns import LABELS, Column, columns_of_headings

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OFFERED = [column for column in Column if column is not Column.NAME]


def headings() -> list[str]:
    """In this language where we would know the heading again, else in English."""
    ours = [str(LABELS[column]) for column in OFFERED]
    return [
        label if known is column else column.value.capitalize()
        for column, label, known in zip(OFFERED, ours, columns_of_headings(ours), strict=True)
    ]


def as_csv() -> bytes:
    """With the mark by which spreadsheets see that it is UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text).writerow(headings())
    return text.getvalue().encode("utf-8-sig")


def as_xlsx() -> bytes:
    """All cells are text: a spreadsheet then changes no number and no date."""
    book = Workbook()
    sheet = book.active
    sheet.append(headings())
    for number, cell in enumerate(sheet[1]):
        cell.font = Font(bold=True)
        letter = cell.column_letter
        sheet.column_dimensions[letter].width = max(16, len(headings()[number]) + 4)
        sheet.column_dimensions[letter].number_format = "@"
    sheet.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
