"""A value as a cell of a table that spreadsheets open: text, never a formula."""

from __future__ import annotations

BEGINS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
UNSEEN = " \u00a0\u200b\u200e\u200f\ufeff"


def formula_safe(value: object) -> str:
    """The value as text, with an apostrophe before what a spreadsheet would run, blanks or not."""
    text = "" if value is None else str(value).replace("\x00", "")
    runs = text.startswith(BEGINS_A_FORMULA) or text.lstrip(UNSEEN).startswith(BEGINS_A_FORMULA)
    runs = runs or text.lstrip().startswith(BEGINS_A_FORMULA)
    return f"'{text}" if runs else text
