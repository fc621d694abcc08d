"""Carries out what a survey found: people, enrolments, filled blanks. Subscribes and mails nobody.

Lot by lot, each whole or not at all and marked as written in the same transaction: whoever dies on
the way, the next one goes on behind the last whole lot.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import override

from alumni.models import CourseRun, Enrolment, Profile, RosterUpload, User
from alumni.roster.plan import AS_THEN, OF_PROFILE, Planner
from alumni.roster.report import READY, Line, Outcome
from alumni.roster.survey import ends, locked, rows_of, store
from newsletters.spreadsheets.copying import copy_in

State = RosterUpload.State

AT_A_TIME = 1000
WRITTEN = """
UPDATE alumni_rosterrow r SET written_at = now(), outcome = v.outcome, profile_id = v.profile
FROM unnest(%s::int[], %s::text[], %s::bigint[]) AS v(number, outcome, profile)
WHERE r.upload_id = %s AND r.number = v.number AND r.number BETWEEN %s AND %s
"""
WAITING = [outcome.value for outcome in READY]


def confirm(upload: RosterUpload, *, by: User | None) -> bool:
    """The word that the rows which are ready are to be imported; False when it came too late."""
    begun = RosterUpload.objects.filter(
        pk=upload.pk, state=State.READ, rows__outcome__in=WAITING
    ).values("pk")
    confirmed = RosterUpload.objects.filter(pk__in=begun, state=State.READ).update(
        state=State.CARRYING, moved_at=timezone.now()
    )
    upload.refresh_from_db()
    return bool(confirmed)


def carry_out(upload: RosterUpload, *, until: float | None = None) -> bool:
    """Import the rows that are ready; the others stay. True when all is done; safe to run again.

    Each lot is planned anew under a lock on the run: two imports at once make nobody twice, and
    what a member changed since the survey stands.
    """
    with override(upload.language):
        written = upload.rows.filter(written_at__isnull=False, outcome=Outcome.NEW.value)
        ours = written.order_by().values_list("profile_id", flat=True)
        planner = Planner(upload.run, apart_from=ours.iterator())
        while _carry_some(upload, planner):
            if until is not None and time.monotonic() > until:
                return False
        return _close(upload)


def write(run: CourseRun, ready: Sequence[Line]) -> None:
    """What these lines say, where the caller holds the lock on the run they were planned under."""
    _make_people([line for line in ready if line.outcome is Outcome.NEW])
    _fill_people([line for line in ready if line.fills])
    _enrol(run, [line for line in ready if line.enrolment is None])
    _fill_enrolments([line for line in ready if line.fills_enrolment])


def _carry_some(upload: RosterUpload, planner: Planner) -> bool:
    """One lot; False when none is left."""
    with transaction.atomic():
        if not locked(upload, State.CARRYING):
            return False
        waiting = upload.rows.filter(outcome__in=WAITING, written_at=None)
        rows = list(rows_of(upload, waiting[:AT_A_TIME]))
        if not rows:
            return False
        CourseRun.objects.select_for_update(of=("self",)).get(pk=upload.run_id)
        lines = planner.by_itself(rows)
        ready = [line for line in lines if line.is_ready]
        write(upload.run, ready)
        # What has changed since the survey, so that it waits now, is kept with the row.
        store(upload, [line for line in lines if not line.is_ready])
        now = timezone.now()
        _mark_written(upload, ready)
        planner.apart_from |= {
            line.profile.pk for line in ready if line.profile and line.outcome is Outcome.NEW
        }
        RosterUpload.objects.filter(pk=upload.pk).update(
            moved_at=now,
            added=F("added") + sum(line.outcome is Outcome.NEW for line in ready),
            enrolled=F("enrolled") + sum(line.outcome is Outcome.KNOWN for line in ready),
            filled=F("filled") + sum(bool(line.fills or line.fills_enrolment) for line in ready),
        )
        return True


def _mark_written(upload: RosterUpload, lines: Sequence[Line]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            WRITTEN,
            [
                [line.row for line in lines],
                [line.outcome.value for line in lines],
                [line.profile.pk for line in lines if line.profile],
                upload.pk,
                *ends(lines),
            ],
        )


def _close(upload: RosterUpload) -> bool:
    """Everything is written: its rows go, and those that need something stay to be mended."""
    with transaction.atomic():
        if locked(upload, State.CARRYING):
            upload.rows.exclude(outcome=Outcome.BROKEN.value).delete()
            RosterUpload.objects.filter(pk=upload.pk).update(
                state=State.DONE, moved_at=timezone.now()
            )
    return True


def _make_people(lines: Sequence[Line]) -> None:
    for line in lines:
        values = {name: getattr(line.entrant, name) for name in OF_PROFILE}
        line.profile = Profile(**values | {"languages": list(line.entrant.languages)})
    copy_in([line.profile for line in lines if line.profile])


def _fill_people(lines: Sequence[Line]) -> None:
    """Blanks of those who have not joined; under a lock, since one may be joining just now."""
    waiting = Profile.objects.waiting().filter(user=None).select_for_update()
    people = waiting.in_bulk([line.profile.pk for line in lines if line.profile])
    names = set()
    for line in lines:
        person = people.get(line.profile.pk) if line.profile else None
        if person is None:
            line.fills = {}
            continue
        for name, value in line.fills.items():
            if not getattr(person, name):
                setattr(person, name, value)
                names.add(name)
    if names:
        Profile.objects.bulk_update(people.values(), sorted(names))


def _enrol(run: CourseRun, lines: Sequence[Line]) -> None:
    Enrolment.objects.bulk_create(
        [
            Enrolment(
                profile=line.profile,
                run=run,
                role=line.entrant.part,
                completion=line.entrant.completion,
                completed_on=line.entrant.completed_on,
                **{name: getattr(line.entrant, name) for name in AS_THEN},
            )
            for line in lines
        ],
        # Two rows may have become one person since the survey, by an address confirmed meanwhile.
        ignore_conflicts=True,
    )


def _fill_enrolments(lines: Sequence[Line]) -> None:
    names = set()
    for line in lines:
        for name, value in line.fills_enrolment.items():
            setattr(line.enrolment, name, value)
            names.add(name)
    if names:
        Enrolment.objects.bulk_update(
            [line.enrolment for line in lines if line.enrolment], sorted(names)
        )
