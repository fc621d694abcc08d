"""Whom each row of a roster means and what importing it would do. Writes nothing.

Two people on one mailbox stay two; one person in two spellings of an address stays one; and
either is said, never done in silence. What a member edited, or staff wrote, is never overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from alumni import vocabulary
from alumni.models import CourseRun, Profile
from alumni.roster.cells import Reader
from alumni.roster.columns import WHO
from alumni.roster.duplicates import mark_forgotten, mark_namesakes, mark_repeated, mark_shared
from alumni.roster.entrants import Problem, Reading, name_key
from alumni.roster.files import Row, Sheet
from alumni.roster.matches import Known, find
from alumni.roster.report import Line, Outcome

AS_THEN = ("institution", "post", "country")
OF_PROFILE = (
    "given_name",
    "family_name",
    "gender",
    "phone",
    "address",
    "country",
    "role",
    "institution",
    "institution_type",
    "post",
    "languages",
)


class Planner:
    """Plans rows of one run, some at a time: a fixed number of queries for each lot."""

    def __init__(self, run: CourseRun, *, apart_from: Iterable[int] = ()) -> None:
        """`apart_from`: people who do not count as known, since this import itself made them."""
        self.run = run
        self._reader = Reader(run)
        self.apart_from = set(apart_from)
        self._namesakes: dict[int, tuple[int, ...]] = {}
        self._last_seen = 0

    def by_itself(self, rows: Iterable[Row]) -> list[Line]:
        """Whom each row means, as if the others did not exist."""
        readings, people = self._read(rows)
        lines = [_line(reading, people) for reading in readings]
        mark_forgotten(lines, self.run)
        mark_shared(lines, people)
        return lines

    def together(self, rows: Iterable[Row]) -> list[Line]:
        """The same for rows that may mean one another's people: one person counts once."""
        readings, people = self._read(rows)
        lines = [_line(reading, people) for reading in readings]
        mark_forgotten(lines, self.run)
        mark_repeated(lines, readings)
        mark_namesakes(lines)
        mark_shared(lines, people)
        return lines

    def _read(self, rows: Iterable[Row]) -> tuple[list[Reading], Known]:
        readings = [self._reader.read(row) for row in rows]
        self._look_who_came()
        pks = {
            pk
            for reading in readings
            for pk in self._namesakes.get(hash(reading.entrant.name_key), ())
        }
        addresses = {reading.entrant.address for reading in readings} - {""}
        return readings, Known(self.run, addresses, pks, self.apart_from)

    def _look_who_came(self) -> None:
        """Who is in the run, by name: numbers alone, some eighty bytes a person."""
        newer = self.run.enrolments.filter(pk__gt=self._last_seen)
        fields = ("pk", "profile_id", "profile__given_name", "profile__family_name")
        for pk, profile, given, family in newer.order_by("pk").values_list(*fields).iterator():
            self._last_seen = pk
            if profile not in self.apart_from:
                key = hash(name_key(f"{given} {family}"))
                self._namesakes[key] = (*self._namesakes.get(key, ()), profile)


def plan(run: CourseRun, sheet: Sheet) -> list[Line]:
    """What importing the sheet into the run would do; a fixed number of queries."""
    return Planner(run).together(sheet.rows)


def _line(reading: Reading, people: Known) -> Line:
    entrant, problems = reading.entrant, list(reading.problems)
    profile = None
    if not problems:
        profile, doubt = find(entrant, people)
        problems += [(Problem.DOUBT, doubt)] if doubt else []
    line = Line(
        row=reading.row,
        outcome=Outcome.NEW,
        entrant=entrant,
        problems=tuple(problems),
        notes=tuple(reading.notes),
        asked=tuple(reading.asked),
        profile=profile,
    )
    if problems:
        line.outcome = Outcome.BROKEN
        line.is_sound = False
        if not reading.problems:
            line.asked = WHO
    elif profile is not None:
        line.enrolment = people.enrolments.get(profile.pk)
        line.outcome = Outcome.THERE if line.enrolment else Outcome.KNOWN
        _compare(line, profile)
    return line


def _compare(line: Line, profile: Profile) -> None:
    """What the row adds to the person; where they differ, what stands is kept."""
    entrant, kept = line.entrant, []
    for name in OF_PROFILE:
        theirs, ours = getattr(entrant, name), getattr(profile, name)
        theirs = list(theirs) if name == "languages" else theirs
        if not theirs or theirs == ours or name_key(str(theirs)) == name_key(str(ours)):
            continue
        # A member may have emptied a field on purpose.
        if not ours and not profile.has_accepted and not profile.user_id:
            line.fills[name] = theirs
        elif ours and name != "address":
            kept.append(name)
    if line.enrolment is not None:
        for name in (*AS_THEN, "completed_on"):
            theirs, ours = getattr(entrant, name), getattr(line.enrolment, name)
            if theirs and not ours:
                line.fills_enrolment[name] = theirs
    if kept:
        line.notes += (
            _("Kept as it stands: %(fields)s.")
            % {"fields": vocabulary.listed(_label(name) for name in kept)},
        )


def _label(name: str) -> str:
    return str(getattr(Profile._meta.get_field(name), "verbose_name", name))
