"""In: a file, or the columns somebody named. Out: a roster whose rows wait in the database.

Between upload and import nothing of it is kept anywhere else, and nothing for longer than a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import PurePath
from typing import BinaryIO

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from alumni.models import CourseRun, RosterRow, RosterUpload, User
from alumni.roster.columns import Column
from alumni.roster.files import open_table, refuse_doubled
from newsletters.spreadsheets.refusal import UnreadableTable

State = RosterUpload.State

STILL = dt.timedelta(minutes=1)
"""A worker says more often than this that it lives."""

COPY = (
    "COPY alumni_rosterrow (upload_id, number, cells, outcome, is_sound, needs, asked, problems,"
    " notes, adds, name, name_key, address, shares_mailbox) FROM STDIN"
)
BLANK: tuple[object, ...] = ("", False, "", [], [], [], "{}", "", "", "", False)


def hold(
    run: CourseRun,
    file: BinaryIO,
    *,
    name: str = "",
    needs_known_headings: bool = False,
    by: User | None,
) -> RosterUpload:
    """Put the rows of a file aside, whole or not at all. Raises UnreadableTable, for no row too."""
    table = open_table(file, needs_known_headings=needs_known_headings)
    with transaction.atomic():
        upload = RosterUpload.objects.create(
            owner=by,
            run=run,
            name=PurePath(name.replace("\\", "/")).name[-100:],
            language=get_language() or "en",
            headings=list(table.headings),
            columns=[column.name if column else "" for column in table.guesses],
        )
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for number, cells in table.rows:
                copy.write_row((upload.pk, number, cells, *BLANK))
                upload.size += 1
        if not upload.size:
            raise UnreadableTable(_("There are headings in this list, and nobody below them."))
        upload.save(update_fields=["size"])
    return upload


def name_columns(
    upload: RosterUpload, columns: Sequence[Column | None], *, by: User | None
) -> bool:
    """What each column holds, as `by` says; all rows are looked through anew. False: too late."""
    refuse_doubled(tuple(upload.headings), list(columns))
    names = [column.name if column else "" for column in columns]
    with transaction.atomic():
        begun = RosterUpload.objects.filter(
            pk=upload.pk, state__in=[State.COLUMNS, State.READ], added=0, enrolled=0, filled=0
        ).update(columns=names, state=State.READING, moved_at=timezone.now())
        if begun:
            upload.rows.exclude(outcome="").update(outcome="")
    upload.refresh_from_db()
    return bool(begun)


def mend(upload: RosterUpload, row: RosterRow, cells: dict[Column, str], *, by: User) -> bool:
    """Put other words into cells of a row that waits; it is looked at anew with those it touches.

    False when the roster is just being worked on.
    """
    with transaction.atomic():
        begun = RosterUpload.objects.filter(
            pk=upload.pk, state__in=[State.READ, State.DONE]
        ).update(state=State.READING, moved_at=timezone.now())
        if not begun:
            return False
        touched = upload.rows.filter(written_at=None)
        if row.name_key:
            touched.filter(name_key=row.name_key).update(outcome="")
        if row.address:
            touched.filter(address=row.address).update(outcome="")
        if row.profile_id:
            touched.filter(profile=row.profile_id).update(outcome="")
        row.refresh_from_db()
        # Cells beyond the headings are let go by who looked at the row.
        row.cells = [*row.cells, *[""] * len(upload.columns)][: len(upload.columns)]
        for column, text in cells.items():
            row.cells[upload.columns.index(column.name)] = text.replace("\x00", "")
        row.outcome = ""
        row.save(update_fields=["cells", "outcome"])
    upload.refresh_from_db()
    return True


def discard(upload: RosterUpload, *, by: User | None) -> None:
    """Nothing of it is left; what was imported stays."""
    upload.delete()


def forget_old() -> int:
    """Delete what nobody confirmed within its day, row by row of people with it. Safe to repeat."""
    deleted, _each = RosterUpload.objects.over().delete()
    return deleted


def standing_still() -> list[int]:
    """Rosters that ought to move and do not: their worker died, or the bell was lost."""
    return list(
        RosterUpload.objects.current()
        .filter(
            state__in=[State.READING, State.CARRYING],
            moved_at__lt=timezone.now() - STILL,
            owner__isnull=False,
        )
        .values_list("pk", flat=True)
    )
