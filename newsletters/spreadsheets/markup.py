"""In: a part of a workbook. Out: its XML as events, read as a stream; no entity, no document type.

Entities are what makes a kilobyte of XML a gigabyte of text and what fetches files from elsewhere;
no spreadsheet writes any.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext as _

from newsletters.spreadsheets.refusal import UnreadableTable

AT_A_TIME = 1 << 16

Start = Callable[[str, dict[str, str]], None]


def read_part(
    archive: zipfile.ZipFile,
    name: str,
    *,
    start: Start,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Feed the handlers, pausing after each piece; names come without their prefix."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = lambda tag, attributes: start(_bare(tag), attributes)
    if end is not None:
        parser.EndElementHandler = lambda tag: end(_bare(tag))
    if text is not None:
        parser.CharacterDataHandler = text
    with archive.open(name) as part:
        while piece := part.read(AT_A_TIME):
            parser.Parse(piece, False)
            yield
    parser.Parse(b"", True)
    yield


def _bare(tag: str) -> str:
    return tag.rpartition(":")[2]


def _refuse(*_declared: Any) -> None:
    raise UnreadableTable(
        _(
            "The workbook holds declarations that no spreadsheet writes. Copy the rows into a new, "
            "empty workbook and send that."
        )
    )
