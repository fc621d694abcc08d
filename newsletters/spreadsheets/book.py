"""In: a workbook's archive. Out: its sheets, its texts, and which cell styles mean a date."""

from __future__ import annotations

import posixpath
import re
import zipfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from newsletters.spreadsheets.limits import MOST_IN_A_CELL, MOST_TEXTS
from newsletters.spreadsheets.markup import read_part
from newsletters.spreadsheets.refusal import UnreadableTable

DATES = {14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)}
NOT_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')


class Texts:
    """All different texts of a workbook, packed: fifty thousand of them take their bytes alone."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("I")

    def add(self, text: str) -> None:
        """One more, cut where a cell would be refused anyway."""
        self._bytes += text[: MOST_IN_A_CELL + 1].encode()
        self._ends.append(len(self._bytes))
        if len(self._bytes) + 16 * len(self._ends) > MOST_TEXTS:
            raise UnreadableTable(
                _(
                    "The workbook holds far more text than a list needs. Copy the rows into a "
                    "new, empty workbook, or split it into parts."
                )
            )

    def __getitem__(self, index: int) -> str:
        if not 0 <= index < len(self._ends):
            raise IndexError(index)
        begin = self._ends[index - 1] if index else 0
        return self._bytes[begin : self._ends[index]].decode()


@dataclass
class Book:
    """What reading a sheet needs to know of its workbook."""

    sheets: list[tuple[str, str]] = field(default_factory=list)
    """Name and part of each sheet, in order; hidden ones are refused."""
    texts: Texts = field(default_factory=Texts)
    date_styles: set[int] = field(default_factory=set)
    begins_1904: bool = False


def book_of(archive: zipfile.ZipFile) -> Book:
    """Reads what stands beside the sheets. Raises UnreadableTable for what is hidden."""
    book = Book()
    names = set(archive.namelist())
    targets = dict(_relations(archive, names))
    hidden: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "workbookPr":
            book.begins_1904 = attributes.get("date1904") in {"1", "true"}
        elif tag == "sheet":
            name = attributes.get("name", "")
            if attributes.get("state", "visible") != "visible":
                hidden.append(name)
            relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            if (part := targets.get(relation, "")) in names and "/worksheets/" in part:
                book.sheets.append((name, part))

    _all(read_part(archive, "xl/workbook.xml", start=start))
    if hidden:
        raise UnreadableTable(
            _(
                "The workbook has hidden sheets: %(sheets)s. What nobody sees is not imported: "
                "delete them, or copy the rows into a new workbook."
            )
            % {"sheets": ", ".join(f"“{name[:40]}”" for name in hidden[:6])}
        )
    if "xl/styles.xml" in names:
        _read_styles(archive, book)
    if "xl/sharedStrings.xml" in names:
        _read_texts(archive, book)
    return book


def _relations(archive: zipfile.ZipFile, names: set[str]) -> Iterator[tuple[str, str]]:
    found: list[tuple[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", "")))
            found.append((attributes.get("Id", ""), target.lstrip("/")))

    if "xl/_rels/workbook.xml.rels" in names:
        _all(read_part(archive, "xl/_rels/workbook.xml.rels", start=start))
    yield from found


def _read_styles(archive: zipfile.ZipFile, book: Book) -> None:
    own: set[int] = set()
    inside, styles = [False], [0]

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt":
            code = NOT_FORMAT.sub("", attributes.get("formatCode", "")).lower()
            if re.search(r"[dy]", code):
                own.add(int(attributes.get("numFmtId", "-1")))
        elif tag == "cellXfs":
            inside[0] = True
        elif tag == "xf" and inside[0]:
            number = int(attributes.get("numFmtId", "0"))
            if number in DATES or number in own:
                book.date_styles.add(styles[0])
            styles[0] += 1

    def end(tag: str) -> None:
        if tag == "cellXfs":
            inside[0] = False

    _all(read_part(archive, "xl/styles.xml", start=start, end=end))


def _read_texts(archive: zipfile.ZipFile, book: Book) -> None:
    pieces: list[str] = []
    inside = {"t": 0, "rPh": 0}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag in inside:
            inside[tag] += 1

    def end(tag: str) -> None:
        if tag in inside:
            inside[tag] -= 1
        elif tag == "si":
            book.texts.add("".join(pieces))
            pieces.clear()

    def text(data: str) -> None:
        if inside["t"] and not inside["rPh"] and len(pieces) <= MOST_IN_A_CELL:
            pieces.append(data[: MOST_IN_A_CELL + 1])

    _all(read_part(archive, "xl/sharedStrings.xml", start=start, end=end, text=text))


def _all(events: Iterator[None]) -> None:
    for _piece in events:
        pass
