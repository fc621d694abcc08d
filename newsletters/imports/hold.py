"""In: a file. Out: a table whose rows wait in the database, each with what would become of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from newsletters.addresses import keyed_hash
from newsletters.imports import carry
from newsletters.imports.cells import Vocabulary, read
from newsletters.imports.columns import Column, column_of, columns_of
from newsletters.models import Newsletter, ReaderTable
from newsletters.spreadsheets.files import open_table
from newsletters.spreadsheets.refusal import UnreadableTable

COPY = (
    "COPY newsletters_readerrow (table_id, number, cells, address, address_hash, languages,"
    " newsletter_id, frequency, interests, provenance, agreed_at, problems, outcome) FROM STDIN"
)


def hold(
    file: BinaryIO, *, name: str, newsletter: Newsletter, language: str, by: Any
) -> ReaderTable:
    """Put the rows of a file aside, whole or not at all. Raises UnreadableTable.

    What they leave open is filled in by `newsletter` and `language`.
    """
    found = open_table(
        file,
        known=column_of,
        no_headings=gettext(
            "No heading row was found. The first row must name the columns, at least the e-mail "
            "address and one more, like the language or where they agreed."
        ),
    )
    columns = columns_of(found.headings)
    if Column.ADDRESS not in columns:
        raise UnreadableTable(
            gettext("No column is the e-mail address. Write “E-mail address” above it.")
        )
    with transaction.atomic():
        table = ReaderTable.objects.create(
            owner=by,
            name=PurePath(name.replace("\\", "/")).name[-100:],
            headings=list(found.headings),
            unused=[
                heading
                for heading, column in zip(found.headings, columns, strict=True)
                if heading and column is None
            ],
        )
        words = Vocabulary(newsletter=newsletter, language=language)
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for row in _rows(table, found.rows, columns, words):
                copy.write_row(row)
                table.size += 1
        table.save(update_fields=["size"])
        carry.judge(table)
    return table


def _rows(
    table: ReaderTable,
    found: Iterator[tuple[int, list[str]]],
    columns: list[Column | None],
    words: Vocabulary,
) -> Iterator[tuple[Any, ...]]:
    now = timezone.now()
    for number, cells in found:
        cells = [cell.replace("\x00", "") for cell in cells]
        named = {column: cell for column, cell in zip(columns, cells, strict=False) if column}
        said = read(named, words, now=now)
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            said.problems.append(gettext("has more cells than there are headings. Correct it."))
        yield (
            table.pk,
            number,
            cells,
            said.address,
            keyed_hash(said.address) if said.address else "",
            said.languages,
            said.newsletter,
            said.frequency,
            said.interests,
            said.provenance[:500],
            said.agreed_at,
            said.problems,
            "broken" if said.problems else "",
        )
