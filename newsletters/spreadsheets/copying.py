"""Many new rows of one model in a single COPY, for lots of a thousand and more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Field, Model

KEYS = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"


def copy_in(rows: Sequence[Model]) -> None:
    """Write rows that are not there yet and give them their keys, as bulk_create would.

    An INSERT of so many values costs several times as much to write down and to read as to do.
    """
    if not rows:
        return
    meta = rows[0]._meta
    fields = [field for field in meta.local_concrete_fields if not field.generated]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(KEYS, [meta.db_table, meta.pk.column, len(rows)])
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key
        with cursor.copy(f"COPY {quote(meta.db_table)} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([_value(field, row) for field in fields])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _value(field: Field[Any, Any], row: Model) -> Any:
    value = field.pre_save(row, True)
    # Text is nine tenths of it and goes as it is.
    return value if type(value) is str else field.get_db_prep_save(value, connection)
