"""One row of cells: a person and the part taken in the run, or what is to be mended in it.

What cannot be understood is never guessed and never dropped in silence: it is a problem, which
keeps the row out until it is mended, or a note, which does not.
"""

from __future__ import annotations

import datetime as dt
import re

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from alumni import vocabulary
from alumni.models import CourseRun, Enrolment
from alumni.roster.columns import LABELS, NAMES, Column
from alumni.roster.entrants import Entrant, Problem, Reading
from alumni.roster.files import Row
from alumni.roster.terms import Terms
from newsletters.addresses import normalise
from newsletters.spreadsheets.dates import day_of, days_without_year, lacks_a_year
from newsletters.spreadsheets.limits import MOST_IN_A_CELL
from newsletters.spreadsheets.signs import clean, holds_unseen, is_formula, merge_signs
from newsletters.spreadsheets.words import folded

PHONE = re.compile(r"\+[\d\s()./-]+")
PLAIN = re.compile(r"[A-Za-z0-9À-ɏء-ي][A-Za-z0-9À-ɏء-ي @.,'’/-]{0,39}")
"""Most cells: no formula, no sign of a mail service, not too long. The others are looked at."""
AFTERWARDS = dt.timedelta(days=90)
"""So long after a course a day without a year is still taken for one of its own."""
LONGEST = {
    Column.GIVEN_NAME: 120,
    Column.FAMILY_NAME: 120,
    Column.PHONE: 40,
    Column.INSTITUTION: 200,
    Column.POST: 200,
}


class Reader:
    """Reads rows of one run; knows every term in every language once."""

    def __init__(self, run: CourseRun) -> None:
        self.run = run
        self.terms = Terms()

    def read(self, row: Row) -> Reading:
        """One row; never raises."""
        reading = Reading(row.number)
        cells = {column: clean(cell) for column, cell in row.cells.items()}
        reading.notes += [
            _("Signs that nobody sees were taken out under “%(column)s”.")
            % {"column": LABELS[column]}
            for column, cell in row.cells.items()
            if holds_unseen(cell)
        ]
        if row.surplus:
            reading.problem(
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
            _refuse(reading, column, raw, cell)
        given, family = _names(cells)
        if not given and not family:
            reading.problem(Problem.NAME, None, _("has no name. Write one."))
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
            reading.problem(
                Problem.ADDRESS,
                Column.EMAIL,
                _("has more than one address, “%(cell)s”. Keep the one in use.")
                % {"cell": cell[:60]},
            )
            return ""
        try:
            return normalise(cell)
        except ValidationError:
            reading.problem(
                Problem.ADDRESS,
                Column.EMAIL,
                _("has an address that is none, “%(cell)s”. Correct it or empty the cell.")
                % {"cell": cell[:60]},
            )
            return ""

    def _country(self, reading: Reading, cell: str) -> str:
        code = self.terms.countries.get(folded(cell), "")
        if cell and not code:
            reading.problem(
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
        today = timezone.localdate()
        words = {"cell": cell[:60], "like": min(self.run.ends_on, today)}
        day, is_serial = day_of(cell)
        if day is None:
            first, last = self.run.starts_on, self.run.ends_on + AFTERWARDS
            days = days_without_year(cell, first=first, last=last)
            day = days[0] if len(days) == 1 else None
            if day is not None and day <= today:
                reading.notes.append(
                    _("“%(cell)s” is taken for %(day)s, the year of the course.")
                    % {"cell": cell[:60], "day": day}
                )
        if day is None:
            problem = _(
                "has “%(cell)s” for a date. Write it like %(like)s; an empty cell means the last "
                "day of the course."
            )
            if days:
                problem = _(
                    "has “%(cell)s” for a date, and it may be that of two years. Write day, month "
                    "and year, like %(like)s; an empty cell means the last day of the course."
                )
            elif lacks_a_year(cell):
                problem = _(
                    "has “%(cell)s” for a date, and no such day falls into this course. Write day, "
                    "month and year, like %(like)s; an empty cell means the last day of the course."
                )
            reading.problem(Problem.DATE, Column.COMPLETED_ON, problem % words)
        elif day > today:
            reading.problem(
                Problem.DATE,
                Column.COMPLETED_ON,
                _(
                    "has “%(cell)s” for a date, which is still to come. Write a day up to today, "
                    "like %(like)s; an empty cell means the last day of the course."
                )
                % words,
            )
        elif is_serial:
            reading.notes.append(
                _("“%(cell)s” is the number of a day in a spreadsheet: taken for %(day)s.")
                % {"cell": cell, "day": day}
            )
        return day

    def _choice(
        self, reading: Reading, cells: dict[Column, str], column: Column, codes: dict[str, str]
    ) -> str:
        cell = cells.get(column, "")
        code = codes.get(folded(cell), "")
        if cell and not code:
            reading.problem(
                Problem.CHOICE,
                column,
                _("has “%(cell)s” under “%(column)s”. Write one of: %(choices)s.")
                % {
                    "cell": cell,
                    "column": LABELS[column],
                    "choices": vocabulary.listed(dict.fromkeys(codes.values())),
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


def _names(cells: dict[Column, str]) -> tuple[str, str]:
    """Given and family name; a name in one cell is parted before its last word.

    A name beside one half of it is the other half, or has it ("Nome, Apelido").
    """
    given, family = cells.get(Column.GIVEN_NAME, ""), cells.get(Column.FAMILY_NAME, "")
    whole = cells.get(Column.NAME, "")
    if not whole and Column.GIVEN_NAME not in cells:
        whole, family = family, ""
    if not whole or (given and family):
        return given, family
    if given or family:
        half = {*folded(given or family).split()}
        words = [word for word in whole.split() if not half.issuperset(folded(word).split())]
        other = " ".join(words).strip(", ")
        return (given, other) if given else (other, family)
    if "," in whole:
        family, _comma, given = whole.partition(",")
        return given.strip(), family.strip()
    first, _blank, last = whole.rpartition(" ")
    return first, last


def _refuse(reading: Reading, column: Column, raw: str, cell: str) -> None:
    """What may stand under no heading."""
    label = LABELS[column]
    if is_formula(raw, cell) and not (column is Column.PHONE and PHONE.fullmatch(cell)):
        reading.problem(
            Problem.FORMULA,
            column,
            _("has a formula or its error under “%(column)s”, “%(cell)s”. Write its value.")
            % {"column": label, "cell": cell[:30]},
        )
    if signs := merge_signs(cell):
        reading.problem(
            Problem.MERGE,
            column,
            _("has “%(signs)s” under “%(column)s”, which mail services fill in. Delete it.")
            % {"signs": signs, "column": label},
        )
    most = LONGEST.get(column, MOST_IN_A_CELL)
    if len(cell) > most:
        reading.problem(
            Problem.LENGTH,
            column,
            _("has more than %(most)d characters under “%(column)s”. Shorten it.")
            % {"most": most, "column": label},
        )
