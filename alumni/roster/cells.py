"""One row of cells: a person and the part taken in the run, or what is to be mended in it.

What cannot be understood is never guessed and never dropped in silence: it is a problem, which
keeps the row out until it is mended, or a note, which does not.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from alumni.models import Enrolment
from alumni.roster.columns import LABELS, Column, folded
from alumni.roster.files import Row
from alumni.roster.limits import MOST_IN_A_CELL
from alumni.roster.sheet import date_of
from alumni.roster.terms import Terms
from newsletters.addresses import normalise
from newsletters.providers import PROVIDERS

FORMULA = tuple("=+-@\t\r＝＋－＠")
PHONE = re.compile(r"\+[\d\s()./-]+")
PLAIN = re.compile(r"[A-Za-z0-9À-ɏء-ي][A-Za-z0-9À-ɏء-ي @.,'’/-]{0,39}")
"""Most cells: no formula, no sign of a mail service, not too long. The others are looked at."""
EMPTY = {"", "-", "–", "—", "n/a", "na", "none", "nil", "?"}
ERROR = re.compile(r"#(REF|N/A|NAME|VALUE|DIV/0|NULL|NUM|SPILL|CALC)[!?]?", re.IGNORECASE)
MERGE_SIGNS = tuple(
    sorted(
        {opener for provider in PROVIDERS.values() for opener in provider.openers}
        | {"{%", "%%", "${", "<%"}
    )
)
"""What some mail service would fill in when it stands in a mail."""
JOINERS = {"\u200c", "\u200d"}  # they join or part letters in Arabic and Indian scripts
UNSEEN = {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800", "\u3164", "\uffa0"}
DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d")
HOURS = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$")
SERIAL = re.compile(r"(\d{5})([.,]\d+)?")
FIRST_SERIAL, LAST_SERIAL = 18264, 73050
"""1950 and 2100 as spreadsheets count days."""
NAMES = [Column.NAME, Column.GIVEN_NAME, Column.FAMILY_NAME]
LONGEST = {
    Column.GIVEN_NAME: 120,
    Column.FAMILY_NAME: 120,
    Column.PHONE: 40,
    Column.INSTITUTION: 200,
    Column.POST: 200,
}


class Problem(Enum):
    """What keeps a row out."""

    NAME = "name"
    ADDRESS = "address"
    DATE = "date"
    COUNTRY = "country"
    FORMULA = "formula"
    CHOICE = "choice"
    LENGTH = "length"
    MERGE = "merge"
    SURPLUS = "surplus"
    DOUBT = "doubt"


@dataclass(frozen=True)
class Entrant:
    """A person as one row has him or her, all values in the shape the models keep."""

    given_name: str = ""
    family_name: str = ""
    address: str = ""
    phone: str = ""
    gender: str = ""
    country: str = ""
    role: str = ""
    institution: str = ""
    institution_type: str = ""
    post: str = ""
    languages: tuple[str, ...] = ()
    part: str = Enrolment.Role.PARTICIPANT
    completion: str = Enrolment.Completion.COMPLETED
    completed_on: dt.date | None = None

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}".strip()

    @cached_property
    def name_key(self) -> str:
        """The same for every spelling and order of the same name."""
        return name_key(self.name)


@dataclass
class Reading:
    """What one row says, with everything a person should know about it."""

    row: int
    typed_address: str = ""
    entrant: Entrant = field(default_factory=Entrant)
    problems: list[tuple[Problem, str]] = field(default_factory=list)
    asked: list[Column] = field(default_factory=list)
    """The columns in which something is to be mended."""
    notes: list[str] = field(default_factory=list)


class Reader:
    """Reads rows; knows every term in every language once."""

    def __init__(self) -> None:
        self.terms = Terms()

    def read(self, row: Row) -> Reading:
        """One row; never raises."""
        reading = Reading(row.number)
        cells = {column: _clean(cell) for column, cell in row.cells.items()}
        _note_unseen(reading, row.cells)
        if row.surplus:
            _problem(
                reading,
                Problem.SURPLUS,
                None,
                _("has more cells than there are headings. Put its cells under the right ones."),
            )
            reading.asked += row.cells
        if folded(cells.get(Column.ROLE, "")) in self.terms.parts and Column.PART not in cells:
            cells[Column.PART] = cells.pop(Column.ROLE)
        for column, cell in cells.items():
            raw = row.cells.get(column, "")
            if raw == cell and (not cell or PLAIN.fullmatch(cell)):
                continue
            _refuse_formula(reading, column, raw, cell)
            _refuse_merge_signs(reading, column, cell)
            _refuse_length(reading, column, cell)
        given, family = _names(cells)
        if not given and not family:
            _problem(reading, Problem.NAME, None, _("has no name. Write one."))
            reading.asked += NAMES
        reading.entrant = Entrant(
            given_name=given,
            family_name=family,
            address=self._address(reading, cells.get(Column.EMAIL, "")),
            phone=cells.get(Column.PHONE, ""),
            gender=self._choice(reading, cells, Column.GENDER, self.terms.genders) or "",
            country=self._country(reading, cells.get(Column.COUNTRY, "")),
            role=self._noted(reading, cells, Column.ROLE, self.terms.roles),
            institution=cells.get(Column.INSTITUTION, ""),
            institution_type=self._noted(
                reading, cells, Column.INSTITUTION_TYPE, self.terms.institution_types
            ),
            post=cells.get(Column.POST, ""),
            languages=self._languages(reading, cells.get(Column.LANGUAGES, "")),
            part=self._choice(reading, cells, Column.PART, self.terms.parts)
            or Enrolment.Role.PARTICIPANT,
            completion=self._choice(reading, cells, Column.COMPLETION, self.terms.completions)
            or Enrolment.Completion.COMPLETED,
            completed_on=self._date(reading, cells.get(Column.COMPLETED_ON, "")),
        )
        return reading

    def _address(self, reading: Reading, cell: str) -> str:
        if not cell:
            reading.notes.append(_("No address: this person can only be reached by phone or slip."))
            return ""
        reading.typed_address = cell
        if cell.count("@") > 1 and re.search(r"[;,/\s]", cell):
            _problem(
                reading,
                Problem.ADDRESS,
                Column.EMAIL,
                _("has more than one address, “%(cell)s”. Keep the one in use.")
                % {"cell": cell[:60]},
            )
            return ""
        try:
            return normalise(cell)
        except ValidationError:
            _problem(
                reading,
                Problem.ADDRESS,
                Column.EMAIL,
                _("has an address that is none, “%(cell)s”. Correct it or empty the cell.")
                % {"cell": cell[:60]},
            )
            return ""

    def _country(self, reading: Reading, cell: str) -> str:
        code = self.terms.countries.get(folded(cell), "")
        if cell and not code:
            _problem(
                reading,
                Problem.COUNTRY,
                Column.COUNTRY,
                _(
                    "names “%(cell)s”, which is no country of this network. Correct it or empty "
                    "the cell."
                )
                % {"cell": cell[:60]},
            )
            return ""
        return code

    def _date(self, reading: Reading, cell: str) -> dt.date | None:
        if not cell:
            return None
        digits = "".join(
            str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in cell
        )
        digits = HOURS.sub("", digits.strip())
        if (serial := SERIAL.fullmatch(digits)) and (
            FIRST_SERIAL <= int(serial.group(1)) <= LAST_SERIAL
        ):
            day = date_of(int(serial.group(1)))
            reading.notes.append(
                _("“%(cell)s” is the number of a day in a spreadsheet: taken for %(day)s.")
                % {"cell": cell, "day": day}
            )
            return day
        if (known := _day(digits)) is not None:
            return known
        _problem(
            reading,
            Problem.DATE,
            Column.COMPLETED_ON,
            _("has “%(cell)s” for a date. Write it like 2022-09-08.") % {"cell": cell[:60]},
        )
        return None

    def _choice(
        self, reading: Reading, cells: dict[Column, str], column: Column, codes: dict[str, str]
    ) -> str:
        cell = cells.get(column, "")
        code = codes.get(folded(cell), "")
        if cell and not code:
            _problem(
                reading,
                Problem.CHOICE,
                column,
                _("has “%(cell)s” under “%(column)s”. Write one of: %(choices)s.")
                % {
                    "cell": cell,
                    "column": LABELS[column],
                    "choices": ", ".join(dict.fromkeys(codes.values())),
                },
            )
        return code

    def _noted(
        self, reading: Reading, cells: dict[Column, str], column: Column, codes: dict[str, str]
    ) -> str:
        cell = cells.get(column, "")
        code = codes.get(folded(cell), "")
        if cell and not code:
            reading.notes.append(
                _("“%(cell)s” under “%(column)s” is not one of our terms: left empty.")
                % {"cell": cell, "column": LABELS[column]}
            )
        return code

    def _languages(self, reading: Reading, cell: str) -> tuple[str, ...]:
        codes = []
        for word in re.split(r"[,;/+&،]|\s+and\s+|\s+et\s+", cell):
            code = self.terms.languages.get(folded(word))
            if code:
                codes.append(code)
            elif word.strip():
                reading.notes.append(
                    _("“%(word)s” is no language we know: left out.") % {"word": word.strip()}
                )
        return tuple(dict.fromkeys(codes))


@lru_cache(maxsize=2048)
def _day(digits: str) -> dt.date | None:
    """The day, in one of the writings that are in use."""
    for pattern in DATES:
        try:
            return dt.datetime.strptime(digits, pattern).date()
        except ValueError:
            continue
    return None


def name_key(name: str) -> str:
    """The same for every spelling and order of the same name."""
    return " ".join(sorted(folded(name).split()))


@lru_cache(maxsize=8192)
def _clean(cell: str) -> str:
    """One line, composed letters, no invisible marks that could hide or turn text round."""
    text = " ".join(cell.split())
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", cell)
        kept = "".join(
            " " if letter.isspace() else letter
            for before, letter in zip(" " + text, text, strict=False)
            if letter.isspace() or not _is_unseen(letter, before)
        )
        text = " ".join(kept.split())
    return "" if text.casefold() in EMPTY else text


def _is_unseen(letter: str, before: str) -> bool:
    """Marks that show nothing; a joiner is one wherever no letter before it could need it."""
    if letter in JOINERS:
        return not ("\u0600" <= before < "\u1100" and before.isalpha())
    return (
        unicodedata.category(letter) in {"Cc", "Cf", "Cn", "Co", "Cs"}
        or letter in UNSEEN
        or "\ufe00" <= letter <= "\ufe0f"
        or "\U000e0100" <= letter <= "\U000e01ef"
    )


def _note_unseen(reading: Reading, cells: dict[Column, str]) -> None:
    for column, cell in cells.items():
        if _holds_unseen(cell):
            reading.notes.append(
                _("Signs that nobody sees were taken out under “%(column)s”.")
                % {"column": LABELS[column]}
            )


@lru_cache(maxsize=8192)
def _holds_unseen(cell: str) -> bool:
    return not (cell.isascii() and cell.isprintable()) and any(
        not letter.isspace() and _is_unseen(letter, before)
        for before, letter in zip(" " + cell, cell, strict=False)
    )


def _names(cells: dict[Column, str]) -> tuple[str, str]:
    """Given and family name; a name in one cell is parted before its last word."""
    given, family = cells.get(Column.GIVEN_NAME, ""), cells.get(Column.FAMILY_NAME, "")
    whole = cells.get(Column.NAME, "")
    if not whole and Column.GIVEN_NAME not in cells:
        whole, family = family, ""
    if given or family or not whole:
        return given, family
    if "," in whole:
        family, _comma, given = whole.partition(",")
        return given.strip(), family.strip()
    first, _blank, last = whole.rpartition(" ")
    return first, last


def _refuse_formula(reading: Reading, column: Column, raw: str, cell: str) -> None:
    begins = raw.startswith(("\t", "\r")) and raw.strip() != "" or cell.startswith(FORMULA)
    if (begins or ERROR.fullmatch(cell)) and not (column is Column.PHONE and PHONE.fullmatch(cell)):
        _problem(
            reading,
            Problem.FORMULA,
            column,
            _("has a formula or its error under “%(column)s”, “%(cell)s”. Write its value.")
            % {"column": LABELS[column], "cell": cell[:30]},
        )


def _refuse_merge_signs(reading: Reading, column: Column, cell: str) -> None:
    lowered = cell.lower() if cell.isascii() else unicodedata.normalize("NFKC", cell).lower()
    if lowered.isalnum():
        return
    found = next((signs for signs in MERGE_SIGNS if signs in lowered), None)
    if found is not None:
        _problem(
            reading,
            Problem.MERGE,
            column,
            _("has “%(signs)s” under “%(column)s”, which mail services fill in. Delete it.")
            % {"signs": found, "column": LABELS[column]},
        )


def _refuse_length(reading: Reading, column: Column, cell: str) -> None:
    most = LONGEST.get(column, MOST_IN_A_CELL)
    if len(cell) > most:
        _problem(
            reading,
            Problem.LENGTH,
            column,
            _("has more than %(most)d characters under “%(column)s”. Shorten it.")
            % {"most": most, "column": LABELS[column]},
        )


def _problem(reading: Reading, kind: Problem, column: Column | None, text: str) -> None:
    reading.problems.append((kind, text))
    if column is not None and column not in reading.asked:
        reading.asked.append(column)
