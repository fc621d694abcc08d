"""Carries out what a plan says: people, enrolments, filled blanks. Subscribes and mails nobody."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from alumni.models import CourseRun, Enrolment, Profile, User
from alumni.roster.files import Sheet
from alumni.roster.plan import AS_THEN, OF_PROFILE, plan
from alumni.roster.report import Line, Outcome, Report

AT_A_TIME = 1000


def carry_out(run: CourseRun, sheet: Sheet, *, by: User | None) -> Report:
    """Import the rows that are ready; the others stay in the report. Safe to run again.

    Plans anew under a lock on the run, so that two imports at once make nobody twice.
    """
    with transaction.atomic():
        CourseRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        report = plan(run, sheet)
        _make_people([line for line in report.ready if line.outcome is Outcome.NEW])
        _fill_people([line for line in report.ready if line.fills])
        _enrol(run, [line for line in report.ready if line.enrolment is None])
        _fill_enrolments([line for line in report.ready if line.fills_enrolment])
    return report


def _make_people(lines: Sequence[Line]) -> None:
    for line in lines:
        values = {name: getattr(line.entrant, name) for name in OF_PROFILE}
        line.profile = Profile(**values | {"languages": list(line.entrant.languages)})
    Profile.objects.bulk_create(
        [line.profile for line in lines if line.profile], batch_size=AT_A_TIME
    )


def _fill_people(lines: Sequence[Line]) -> None:
    for line in lines:
        # A condition in the statement: the person may have joined since the plan was made.
        Profile.objects.waiting().filter(pk=line.profile.pk, user=None).update(**line.fills)  # type: ignore[union-attr]


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
        batch_size=AT_A_TIME,
    )


def _fill_enrolments(lines: Sequence[Line]) -> None:
    for line in lines:
        Enrolment.objects.filter(pk=line.enrolment.pk).update(**line.fills_enrolment)  # type: ignore[union-attr]
