"""Days as people and spreadsheets write them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import lru_cache

from newsletters.spreadsheets.sheet import date_of

DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d")
HOURS = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$")
SERIAL = re.compile(r"(\d{5})([.,]\d+)?")
FIRST_SERIAL, LAST_SERIAL = 18264, 73050
"""1950 and 2100 as spreadsheets count days."""


def day_of(cell: str) -> tuple[dt.date | None, bool]:
    """The day, None where it is none; and whether it was a spreadsheet's number of a day."""
    digits = "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in cell
    )
    digits = HOURS.sub("", digits.strip())
    serial = SERIAL.fullmatch(digits)
    if serial and FIRST_SERIAL <= int(serial.group(1)) <= LAST_SERIAL:
        return date_of(int(serial.group(1))), True
    return _written(digits), False


@lru_cache(maxsize=2048)
def _written(digits: str) -> dt.date | None:
    """The day, in one of the writings that are in use."""
    for pattern in DATES:
        try:
            return dt.datetime.strptime(digits, pattern).date()
        except ValueError:
            continue
    return None
