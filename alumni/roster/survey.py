"""In: a roster whose columns are named. Out: what would become of each row, kept with the row.

First each row by itself, lot by lot, then together those that mean one person, name or mailbox:
so memory and queries stay the same however long the roster is.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Sequence

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import override

from alumni.models import RosterRow, RosterUpload
from alumni.roster.columns import Column
from alumni.roster.files import Row, named
from alumni.roster.plan import Planner
from alumni.roster.report import READY, Line

State = RosterUpload.State

AT_A_TIME = 1000
STORE = """
UPDATE alumni_rosterrow r SET outcome = v.outcome, is_sound = v.is_sound, needs = v.needs,
  asked = v.asked, problems = v.problems, notes = v.notes, adds = v.adds, name = v.name,
  name_key = v.name_key, address = v.address, shares_mailbox = v.shares, profile_id = v.profile
FROM jsonb_to_recordset(%s::jsonb) AS v(number int, outcome text, is_sound bool, needs text,
  asked text[], problems text[], notes text[], adds jsonb, name text, name_key text, address text,
  shares bool, profile bigint)
WHERE r.upload_id = %s AND r.number = v.number AND r.number BETWEEN %s AND %s
"""


def survey(upload: RosterUpload, *, until: float | None = None) -> bool:
    """Look through what was not looked at yet. True when all is; safe to run twice and at once.

    `until` is a time of `time.monotonic`: then it leaves off between two lots, and is run again.
    """
    with override(upload.language):
        planner = Planner(upload.run)
        while _look_at_some(upload, planner):
            if until is not None and time.monotonic() > until:
                return False
        return _close(upload, planner)


def rows_of(upload: RosterUpload, waiting: QuerySet[RosterRow]) -> Iterator[Row]:
    """Waiting rows with their cells under the columns that were named, read as a stream."""
    columns = columns_of(upload)
    for number, cells in waiting.values_list("number", "cells").iterator():
        yield named(number, columns, cells)


def columns_of(upload: RosterUpload) -> list[Column | None]:
    """What each column holds."""
    return [Column[name] if name else None for name in upload.columns]


def store(upload: RosterUpload, lines: Sequence[Line]) -> None:
    """Keep with each row what was found; one statement."""
    if not lines:
        return
    found = json.dumps([_kept(line) for line in lines])
    with connection.cursor() as cursor:
        cursor.execute(STORE, [found.replace("\\u0000", ""), upload.pk, *ends(lines)])


def ends(lines: Sequence[Line]) -> tuple[int, int]:
    """The first and last of these rows: without them each lot would go through the whole roster."""
    numbers = [line.row for line in lines]
    return min(numbers, default=0), max(numbers, default=0)


def locked(upload: RosterUpload, state: str) -> bool:
    """Hold the roster until the transaction ends; False when another worker has brought it on."""
    now = RosterUpload.objects.select_for_update(of=("self",)).filter(pk=upload.pk, state=state)
    return now.exists()


def _look_at_some(upload: RosterUpload, planner: Planner) -> bool:
    """One lot; False when none is left."""
    with transaction.atomic():
        if not locked(upload, State.READING):
            return False
        rows = list(rows_of(upload, upload.rows.filter(outcome="")[:AT_A_TIME]))
        if rows:
            store(upload, planner.by_itself(rows))
            _moved(upload)
        return bool(rows)


def _close(upload: RosterUpload, planner: Planner) -> bool:
    """What only shows when rows are seen together; then the roster waits for a word."""
    with transaction.atomic():
        if not locked(upload, State.READING):
            return True
        if upload.rows.filter(outcome="").exists():
            return False
        together = _touching(upload.rows.filter(is_sound=True, written_at=None))
        lines = planner.together(rows_of(upload, together))
        for begin in range(0, len(lines), AT_A_TIME):
            store(upload, lines[begin : begin + AT_A_TIME])
        RosterUpload.objects.filter(pk=upload.pk).update(state=State.READ, moved_at=timezone.now())
    return True


def _touching(sound: QuerySet[RosterRow]) -> QuerySet[RosterRow]:
    """Rows that share name, mailbox or person with another."""

    def several(field: str) -> QuerySet[RosterRow]:
        values = sound.order_by().values(field)
        return values.annotate(n=Count("pk")).filter(n__gt=1).values(field)

    return sound.filter(
        Q(name_key__in=several("name_key"))
        | Q(address__in=several("address").exclude(address=""))
        | Q(profile__in=several("profile").exclude(profile=None))
    ).order_by("number")


def _kept(line: Line) -> dict[str, object]:
    entrant = line.entrant
    return {
        "number": line.row,
        "outcome": line.outcome.value,
        "is_sound": line.is_sound,
        "needs": line.problems[0][0].value if line.problems else "",
        "asked": [column.name for column in line.asked],
        "problems": [text for _kind, text in line.problems],
        "notes": list(line.notes),
        "adds": _texts(line.fills) | _texts(line.fills_enrolment, "then_")
        if line.outcome in READY
        else {},
        "name": entrant.name[:240],
        # A name of any length is found by its key, and an index takes no long ones.
        "name_key": hashlib.blake2b(entrant.name_key.encode(), digest_size=16).hexdigest(),
        "address": entrant.address,
        "shares": line.shares_mailbox,
        "profile": line.profile.pk if line.profile else None,
    }


def _texts(values: dict[str, object], before: str = "") -> dict[str, str]:
    return {
        before + name: ", ".join(map(str, value))
        if isinstance(value, Iterable) and not isinstance(value, str)
        else str(value)
        for name, value in values.items()
    }


def _moved(upload: RosterUpload) -> None:
    RosterUpload.objects.filter(pk=upload.pk).update(moved_at=timezone.now())
