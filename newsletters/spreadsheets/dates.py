"""Days as people and spreadsheets write them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import lru_cache

from babel import Locale
from django.conf import settings

from newsletters.spreadsheets.sheet import date_of
from newsletters.spreadsheets.words import folded

DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d")
HOURS = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$")
SERIAL = re.compile(r"(\d{5})([.,]\d+)?")
NAMED = (
    re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|ª)?\.?\s+(?P<month>[^\d,]+?)"
               r"(?:[\s,.]+(?P<year>\d{4}))?"),
    re.compile(r"(?P<month>[^\d,]+?)\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?"
               r"(?:[\s,]+(?P<year>\d{4}))?"),
)  # fmt: skip
"""`30 Nov`, `1er novembre 2022`, `30 de noviembre de 2022`, `Nov. 30, 2022`."""
LONGEST = 40
"""Letters of a day; longer cells are not held against the patterns, which would try each space."""
PARTING = str.maketrans("-/", "  ")
"""`30-Nov-2022` and `30-Nov`, as spreadsheets show a day; `Nov-22` is how they show a month."""
OF = {"de", "of", "do", "du"}
FIRST_SERIAL, LAST_SERIAL = 18264, 73050
"""1950 and 2100 as spreadsheets count days."""


def day_of(cell: str) -> tuple[dt.date | None, bool]:
    """The day, None where it is none; and whether it was a spreadsheet's number of a day."""
    digits = HOURS.sub("", _western(cell).strip())
    serial = SERIAL.fullmatch(digits)
    if serial and FIRST_SERIAL <= int(serial.group(1)) <= LAST_SERIAL:
        return date_of(int(serial.group(1))), True
    return _written(digits), False


def days_without_year(cell: str, *, first: dt.date, last: dt.date) -> list[dt.date]:
    """`30 Nov` as the days of that name from `first` to `last`; none where a year is written."""
    found = _named(_western(cell).strip())
    if found is None or found[2]:
        return []
    day, month, _year = found
    days = (_made(year, month, day) for year in range(first.year, last.year + 1))
    return [one for one in days if one is not None and first <= one <= last]


def lacks_a_year(cell: str) -> bool:
    """Whether it is a day and the name of a month, and no year: as such no day yet."""
    found = _named(_western(cell).strip())
    return found is not None and not found[2]


@lru_cache(maxsize=2048)
def _written(digits: str) -> dt.date | None:
    """The day, in one of the writings that are in use."""
    for pattern in DATES:
        try:
            return dt.datetime.strptime(digits, pattern).date()
        except ValueError:
            continue
    found = _named(digits)
    return _made(found[2], found[1], found[0]) if found else None


def _western(cell: str) -> str:
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in cell
    )


def _named(text: str) -> tuple[int, int, int] | None:
    """Day, month and year, 0 where none is written; None unless the month stands by its name."""
    if len(text) > LONGEST:
        return None
    parted = text.translate(PARTING)
    for pattern in NAMED:
        if not (found := pattern.fullmatch(parted)):
            continue
        if parted != text and found.start("month") == 0 and not found["year"]:
            continue
        words = [word for word in folded(found["month"]).split() if word not in OF]
        if month := _months().get(" ".join(words)):
            return int(found["day"]), month, int(found["year"] or 0)
    return None


def _made(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    """Whole and short names in the languages of the site; one that means two months is none."""
    names: dict[str, set[int]] = {}
    for code, _name in settings.LANGUAGES:
        for kinds in Locale.parse(code, sep="-").months.values():
            for width in ("wide", "abbreviated"):
                for month, name in kinds[width].items():
                    names.setdefault(folded(name), set()).add(month)
    return {name: min(months) for name, months in names.items() if len(months) == 1}
