"""Facts of countries from a table: what would happen to each row, then it happens.

A row without a source or a date is refused, and so is one that is older than what stands. Nothing
is ever deleted by a table.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from alumni.models import User
from alumni.roster.terms import Terms
from alumni.texts import as_texts
from cms.models import CountryFact
from newsletters.spreadsheets.encodings import encoding_of
from newsletters.spreadsheets.refusal import UnreadableTable
from newsletters.spreadsheets.safe import BEGINS_A_FORMULA, formula_safe
from newsletters.spreadsheets.tables import DELIMITERS, Records, filled, records
from newsletters.spreadsheets.words import folded

COLUMNS = ("country", "kind", "label", "value", "source", "as_at")
NEEDED = {"country", "value", "source", "as_at"}
KNOWN_BY = {"country", "kind", "source", "as_at"}
MOST_BYTES = 512 * 1024
MOST_ROWS = 2000
HEADING = re.compile(r"(label|value)(?: \(([a-z]{2})\))?|country|kind|source|as[ _]at")

Cells = dict[str, str]


@dataclass(frozen=True)
class Line:
    """A row of the table and what would happen to it."""

    number: int
    """As the spreadsheet shows it."""
    does: str
    """`new`, `changed`, `same` or `refused`."""
    fact: CountryFact | None
    why: str = ""


def read(file: BinaryIO) -> list[tuple[int, Cells]]:
    """The filled rows of a CSV file by the names of its columns. Raises UnreadableTable."""
    if file.seek(0, io.SEEK_END) > MOST_BYTES:
        raise UnreadableTable(_("The file is larger than 512 KB. Split it into parts."))
    encoding = encoding_of(file)
    for delimiter in DELIMITERS:
        first = next(records(file, encoding, delimiter, trying=True), (0, []))
        headings = [_column(cell) for cell in first[1]]
        if len(KNOWN_BY & set(headings)) > 1:
            rows = records(file, encoding, delimiter)
            next(rows)
            return list(_filled(headings, rows))
    raise UnreadableTable(
        _("The first row must name the columns: %(columns)s.") % {"columns": ", ".join(COLUMNS)}
    )


def plan(rows: Iterable[tuple[int, Cells]]) -> list[Line]:
    """What would happen to each row; two queries, and nothing is written."""
    terms = Terms()
    kinds = _kinds()
    standing = {fact.name: fact for fact in CountryFact.objects.all()}
    lines: list[Line] = []
    met: dict[tuple[str, str, str], int] = {}
    for number, cells in rows:
        try:
            fact = _fact(cells, terms.countries, kinds)
            if fact.name in met:
                raise ValidationError(
                    _("The same as row %(row)d. Keep one of them.") % {"row": met[fact.name]}
                )
            met[fact.name] = number
            lines.append(_beside(number, fact, standing.get(fact.name)))
        except ValidationError as error:
            lines.append(Line(number, "refused", None, " ".join(error.messages)))
    return lines


def bring_in(*, rows: list[tuple[int, Cells]], by: User) -> list[Line]:
    """Write what is new and what is changed, together; the report. Safe to run again."""
    if not by.has_perms(["cms.add_countryfact", "cms.change_countryfact"]):
        raise PermissionDenied("Facts are brought in by editors.")
    with transaction.atomic():
        lines = plan(rows)
        for line in lines:
            if line.fact is not None and line.does in {"new", "changed"}:
                line.fact.save()
    return lines


def as_csv() -> bytes:
    """All facts, or the headings alone, as a table that can be brought in again."""
    others = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    words = [f"{name} ({code})" for code in others for name in ("label", "value")]
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow([*COLUMNS, *words])
    for fact in CountryFact.objects.all():
        texts = {"label": fact.label, "value": fact.value}
        first = [texts[name].get(settings.LANGUAGE_CODE, "") for name in texts]
        more = [texts[name].get(code, "") for code in others for name in texts]
        cells = [fact.country, fact.kind, *first, fact.source, fact.as_at.isoformat(), *more]
        table.writerow([formula_safe(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def _column(heading: str) -> str:
    found = HEADING.fullmatch(heading.strip().casefold())
    if found is None:
        return ""
    if found[1]:
        return f"{found[1]} {found[2] or settings.LANGUAGE_CODE}"
    return found[0].replace(" ", "_")


def _filled(headings: list[str], rows: Records) -> Iterator[tuple[int, Cells]]:
    named = [heading for heading in headings if heading]
    if len(set(named)) < len(named):
        raise UnreadableTable(_("Two columns have the same heading. Keep one of them."))
    lacking = NEEDED - {heading.split()[0] for heading in named}
    if lacking:
        raise UnreadableTable(
            _("These columns are missing: %(columns)s.") % {"columns": ", ".join(sorted(lacking))}
        )
    for number, cells in filled(rows, most=MOST_ROWS):
        yield number, {name: cell for name, cell in zip(headings, cells, strict=False) if name}


def _fact(cells: Cells, countries: dict[str, str], kinds: dict[str, str]) -> CountryFact:
    """The row as a fact that is in order; ValidationError says all that is wrong with it."""
    cells = {name: _plain(cell) for name, cell in cells.items()}
    named, kind = cells.get("country", ""), cells.get("kind", "")
    wrong = []
    if folded(named) not in countries:
        wrong.append(_("“%(cell)s” is no country of the network.") % {"cell": named[:60]})
    if kind and folded(kind) not in kinds:
        wrong.append(
            _("“%(cell)s” is none of the kinds. Leave the cell empty and write it as a label.")
            % {"cell": kind[:60]}
        )
    if not cells.get("source"):
        wrong.append(_("It has no source."))
    if not cells.get("as_at"):
        wrong.append(_("It does not say on which day it was verified (as_at)."))
    if wrong:
        raise ValidationError(wrong)
    fact = CountryFact(
        country=countries[folded(named)],
        kind=kinds.get(folded(kind), ""),
        label=_texts(cells, "label"),
        value=_texts(cells, "value"),
        source=cells["source"],
        as_at=_day(cells["as_at"]),
    )
    try:
        fact.clean_fields()
        if not fact.kind and not fact.label:
            raise ValidationError(_("It has neither a kind nor a label."))
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            raise
        raise ValidationError(
            [
                f"{getattr(CountryFact._meta.get_field(name), 'verbose_name', name)}: {text}"
                for name, texts in error.message_dict.items()
                for text in texts
            ]
        ) from None
    return fact


def _beside(number: int, fact: CountryFact, stands: CountryFact | None) -> Line:
    if stands is None:
        return Line(number, "new", fact)
    # A table in one language takes nothing from the others, unless what holds has changed.
    fact.label = as_texts({**stands.label, **fact.label})
    if fact.value.get(settings.LANGUAGE_CODE) == stands.value.get(settings.LANGUAGE_CODE):
        fact.value = as_texts({**stands.value, **fact.value})
    said = (fact.label, fact.value, fact.source, fact.as_at)
    if said == (stands.label, stands.value, stands.source, stands.as_at):
        return Line(number, "same", fact)
    if fact.as_at < stands.as_at:
        raise ValidationError(
            _("What stands was verified later, on %(day)s.") % {"day": stands.as_at.isoformat()}
        )
    fact.pk = stands.pk
    return Line(number, "changed", fact)


def _plain(cell: str) -> str:
    """The cell without the apostrophe that kept it from being run; a formula itself is refused."""
    cell = cell.strip().replace("\x00", "")
    if cell.startswith("'") and cell[1:].lstrip().startswith(BEGINS_A_FORMULA):
        return cell[1:]
    if cell.startswith(("=", "@", "＝", "＠")):
        raise ValidationError(
            _("A cell begins with “%(sign)s”, as a formula does. Write the value itself.")
            % {"sign": cell[0]}
        )
    return cell


def _texts(cells: Cells, name: str) -> Any:
    known = {code for code, _name in settings.LANGUAGES}
    found = {
        column.split()[1]: cell
        for column, cell in cells.items()
        if column.startswith(f"{name} ") and cell
    }
    return as_texts({code: cell for code, cell in found.items() if code in known})


def _day(cell: str) -> dt.date:
    try:
        return dt.date.fromisoformat(cell)
    except ValueError:
        raise ValidationError(
            _("“%(cell)s” is no day. Write it like 2026-09-08.") % {"cell": cell[:60]}
        ) from None


def _kinds() -> dict[str, str]:
    """The code of each kind by its code and its names."""
    return {
        folded(name): kind.code
        for kind in settings.PACK.fact_kinds
        for name in (kind.code, *kind.names.values())
    }
