"""In: the bytes of a text table. Out: the encoding they are in, or why nobody can tell.

Nothing is replaced in silence: a file with letters that cannot be read is refused, whole.
"""

from __future__ import annotations

import codecs
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from typing import BinaryIO

from django.utils.translation import gettext as _

from newsletters.spreadsheets.refusal import UnreadableTable

AT_A_TIME = 1 << 16
MARKS = ((BOM_UTF8, "utf-8-sig"), (BOM_UTF16_LE, "utf-16"), (BOM_UTF16_BE, "utf-16"))
ENDS = "\n\r,;\t|"
IN_UTF8 = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
HIGH = re.compile(rb"[\x80-\xff]+")
LATIN = frozenset(
    "àâäáãåæçéèêëíìîïñóòôöõøœúùûüýÿšžßÀÂÄÁÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜÝŸŠŽªº’‘“”«»–—°…€\xa0"
)


def encoding_of(file: BinaryIO) -> str:
    """The encoding of a table, by its mark or by what it holds; leaves the file at its start."""
    file.seek(0)
    start = file.read(4096)
    for mark, encoding in MARKS:
        if start.startswith(mark):
            if not _decodes(file, encoding):
                raise UnreadableTable(
                    _(
                        "The file begins with the mark of one encoding and goes on in another. "
                        "Open it in your spreadsheet, look at the letters, and save it anew as "
                        "“CSV UTF-8”."
                    )
                )
            return encoding
    # Latin text in UTF-16 has a zero in every second place, with or without a mark before it.
    for encoding, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        if len(zeros) > 1 and zeros.count(0) > len(zeros) * 0.3 and _decodes(file, encoding):
            return encoding
    # Arabic in UTF-16 without a mark: its letters all lie on page 6, its blanks on page 0.
    for encoding, pages in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        arabic = len(pages) > 3 and sum(map(pages.count, (0, 6))) > len(pages) * 0.95
        if arabic and 0 in pages and _decodes(file, encoding):
            return encoding
    if _decodes(file, "utf-8"):
        return "utf-8"
    return _old_code_page(file)


def _decodes(file: BinaryIO, encoding: str) -> bool:
    """Whether all of it is in this encoding and looks like a table; zeros are in no table."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    is_table = encoding.startswith("utf-8")
    try:
        while chunk := file.read(AT_A_TIME):
            text = decoder.decode(chunk)
            is_table = is_table or any(end in text for end in ENDS)
            if "\x00" in text:
                file.seek(0)
                raise UnreadableTable(
                    _("This is not a text table. In your spreadsheet choose “Save as: CSV”.")
                )
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return is_table


def _old_code_page(file: BinaryIO) -> str:
    """Which of the encodings with one byte a letter; what mixes two is refused with the row."""
    found, in_utf8, high, odd = Counter[int](), 0, 0, 0
    runs: Counter[int] = Counter()
    for number, line in enumerate(file, start=1):
        for run in HIGH.findall(line):
            runs[min(len(run), 2)] += len(run)
            found.update(run)
        here = sum(map(len, HIGH.findall(line)))
        fitting = sum(map(len, IN_UTF8.findall(line)))
        high, in_utf8 = high + here, in_utf8 + fitting
        odd = odd or (number if here > fitting else 0)
    file.seek(0)
    if in_utf8 * 2 > high:
        raise UnreadableTable(
            _(
                "The file mixes two encodings (line %(line)d). Open it in your spreadsheet, "
                "correct the letters there and save it as “CSV UTF-8”."
            )
            % {"line": odd}
        )
    # Arabic words are runs of high bytes; accents of Latin words stand alone among low ones.
    if runs[2] * 2 > high:
        return "cp1256"
    best = max(("cp1252", "mac_roman"), key=lambda encoding: _fits(found, encoding))
    if any(not _letter(code, best) for code in found):
        raise UnreadableTable(
            _(
                "Some letters of the file cannot be read. In your spreadsheet choose "
                "“Save as: CSV UTF-8”."
            )
        )
    return best


def _fits(found: Counter[int], encoding: str) -> int:
    return sum(n if _letter(code, encoding) in LATIN else -n for code, n in found.items())


def _letter(code: int, encoding: str) -> str:
    return bytes([code]).decode(encoding, errors="ignore")
