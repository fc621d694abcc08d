"""In: the part of one sheet. Out: its rows as texts, numbered as the spreadsheet shows them."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections import deque
from collections.abc import Iterator

from django.utils.translation import gettext as _

from newsletters.spreadsheets.book import Book
from newsletters.spreadsheets.limits import LAST_ROW, MOST_COLUMNS, MOST_IN_A_CELL
from newsletters.spreadsheets.markup import read_part
from newsletters.spreadsheets.refusal import UnreadableTable

TEXT_OF = {"v", "t", "f"}


def cells_of(
    archive: zipfile.ZipFile, part: str, book: Book, *, looking: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Each row with content. `looking` only asks whether there is any, and refuses nothing."""
    reading = _Reading(book, looking=looking)
    for _piece in read_part(archive, part, start=reading.start, end=reading.end, text=reading.text):
        while reading.rows:
            yield reading.rows.popleft()


def date_of(serial: float, *, begins_1904: bool = False) -> dt.date | None:
    """The day a spreadsheet means by a number; None where it is no day of our time."""
    if not 1 <= serial < 100_000:
        return None
    begin = dt.date(1904, 1, 1) if begins_1904 else dt.date(1899, 12, 30)
    return begin + dt.timedelta(days=int(serial))


class _Reading:
    """The events of one sheet, a row at a time: a row is as long as its last filled cell."""

    def __init__(self, book: Book, *, looking: bool) -> None:
        self.rows: deque[tuple[int, list[str]]] = deque()
        self._book, self._looking = book, looking
        self._hidden_columns: list[tuple[int, int]] = []
        self._row = self._column = 0
        self._is_hidden = False
        self._cells: dict[int, str] = {}
        self._kind = self._style = ""
        self._in = ""
        self._phonetic = 0
        self._said: dict[str, list[str]] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._begin_cell(attributes)
        elif tag == "row":
            self._begin_row(attributes)
        elif tag in TEXT_OF:
            self._in = tag
            self._said.setdefault(tag, [])
        elif tag == "rPh":
            self._phonetic += 1
        elif tag == "col" and (_is_hidden(attributes) or attributes.get("width") == "0"):
            self._hidden_columns.append((int(attributes["min"]), int(attributes["max"])))
        elif tag == "sheetFormatPr" and attributes.get("zeroHeight") in {"1", "true"}:
            self._is_hidden = True
            self._refuse_hidden(_("all rows"))

    def text(self, data: str) -> None:
        if self._in and not self._phonetic and len(said := self._said[self._in]) <= 2000:
            said.append(data[: MOST_IN_A_CELL + 1])

    def end(self, tag: str) -> None:
        if tag in TEXT_OF:
            self._in = ""
        elif tag == "rPh":
            self._phonetic -= 1
        elif tag == "c":
            self._end_cell()
        elif tag == "row":
            self._end_row()

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number = int(attributes.get("r") or self._row + 1)
        if not self._row < number <= LAST_ROW:
            raise ValueError("rows out of order")
        self._row, self._column, self._cells = number, 0, {}
        self._is_hidden = _is_hidden(attributes) or attributes.get("ht") == "0"

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._column = _column(attributes["r"]) if "r" in attributes else self._column + 1
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._said = {}

    def _end_cell(self) -> None:
        value = self._value()
        if not value:
            return
        if self._looking:
            self._cells[1] = value
            return
        if self._column > MOST_COLUMNS:
            raise UnreadableTable(
                _("The table has more than %(most)d columns. Delete those that are not needed.")
                % {"most": MOST_COLUMNS}
            )
        if any(first <= self._column <= last for first, last in self._hidden_columns):
            self._refuse_hidden(_("column %(column)s") % {"column": _letters(self._column)})
        self._cells[self._column] = value

    def _end_row(self) -> None:
        if not self._cells:
            return
        if self._is_hidden:
            self._refuse_hidden(_("row %(row)d") % {"row": self._row})
        last = max(self._cells)
        self.rows.append((self._row, [self._cells.get(n, "") for n in range(1, last + 1)]))

    def _refuse_hidden(self, what: str) -> None:
        if not self._looking:
            raise UnreadableTable(
                _(
                    "The sheet hides something: %(what)s. What nobody sees is not imported: take "
                    "filters away and show all rows and columns, or delete what is hidden."
                )
                % {"what": what}
            )

    def _value(self) -> str:
        said = {tag: "".join(pieces)[: MOST_IN_A_CELL + 1] for tag, pieces in self._said.items()}
        value = said.get("v", "")
        if "f" in said:
            return f"={said['f'] or value}"
        if self._kind == "s":
            return self._book.texts[int(value)] if value else ""
        if self._kind == "inlineStr":
            return said.get("t", "")
        if self._kind == "e":
            return f"={value}"
        if self._kind == "n" and value:
            return self._number(value)
        return value

    def _number(self, value: str) -> str:
        number = float(value)
        if self._style and int(self._style) in self._book.date_styles:
            day = date_of(number, begins_1904=self._book.begins_1904)
            if day is not None:
                return day.isoformat()
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else value


def _is_hidden(attributes: dict[str, str]) -> bool:
    return attributes.get("hidden") in {"1", "true"}


def _column(reference: str) -> int:
    """`AB12` → 28; whatever lies beyond the last column of any spreadsheet is no reference."""
    letters = reference.rstrip("0123456789")
    if not letters.isascii() or not letters.isalpha() or len(letters) > 3:
        raise ValueError("no reference")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
