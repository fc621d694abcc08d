"""Whom each row of a roster means and what importing it would do. Writes nothing.

Two people on one mailbox stay two; one person in two spellings of an address stays one; and
either is said, never done in silence. What a member edited, or staff wrote, is never overwritten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.utils.translation import gettext as _

from alumni.models import CourseRun, Profile
from alumni.privacy import forgotten
from alumni.roster.cells import Reader
from alumni.roster.columns import Column
from alumni.roster.entrants import Entrant, Problem, Reading, name_key
from alumni.roster.files import Row, Sheet
from alumni.roster.report import Line, Outcome
from newsletters.addresses import masked

MOST_NAMED = 5
"""Others whom a note names; a whole office on one mailbox must not be a page for each."""
WHO = (Column.NAME, Column.GIVEN_NAME, Column.FAMILY_NAME, Column.EMAIL)
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
        self._reader = Reader()
        self.apart_from = set(apart_from)
        self._namesakes: dict[int, tuple[int, ...]] = {}
        self._last_seen = 0

    def by_itself(self, rows: Iterable[Row]) -> list[Line]:
        """Whom each row means, as if the others did not exist."""
        readings, people = self._read(rows)
        lines = [_line(reading, people) for reading in readings]
        _mark_forgotten(lines, self.run)
        _mark_shared(lines, people)
        return lines

    def together(self, rows: Iterable[Row]) -> list[Line]:
        """The same for rows that may mean one another's people: one person counts once."""
        readings, people = self._read(rows)
        lines = [_line(reading, people) for reading in readings]
        _mark_forgotten(lines, self.run)
        _mark_repeated(lines, readings)
        _mark_namesakes(lines)
        _mark_shared(lines, people)
        return lines

    def _read(self, rows: Iterable[Row]) -> tuple[list[Reading], _Known]:
        readings = [self._reader.read(row) for row in rows]
        self._look_who_came()
        pks = {
            pk
            for reading in readings
            for pk in self._namesakes.get(hash(reading.entrant.name_key), ())
        }
        addresses = {reading.entrant.address for reading in readings} - {""}
        return readings, _Known(self.run, addresses, pks, self.apart_from)

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


class _Known:
    """The people some rows can mean: those at their addresses, and namesakes in the run."""

    def __init__(
        self,
        run: CourseRun,
        addresses: set[str],
        namesakes: set[int],
        apart_from: set[int],
    ) -> None:
        of_users = dict(
            EmailAddress.objects.filter(email__in=addresses, verified=True).values_list(
                "email", "user_id"
            )
        )
        meant = Q(address__in=addresses) | Q(pk__in=namesakes)
        if of_users:
            meant |= Q(user__in=set(of_users.values()))
        found = Profile.objects.filter(meant).order_by("pk")
        people = {profile.pk: profile for profile in found if profile.pk not in apart_from}
        self.by_address: dict[str, list[Profile]] = defaultdict(list)
        by_user = {profile.user_id: profile for profile in people.values() if profile.user_id}
        for profile in people.values():
            self.by_address[profile.address].append(profile)
        for address, user in of_users.items():
            member = by_user.get(user)
            if member is not None and member not in self.by_address[address]:
                self.by_address[address].append(member)
        self.enrolments = {
            enrolment.profile_id: enrolment
            for enrolment in run.enrolments.filter(profile__in=people)
        }
        self.in_run: dict[str, list[Profile]] = defaultdict(list)
        for pk in self.enrolments:
            self.in_run[name_key(people[pk].name)].append(people[pk])

    def named(self, entrant: Entrant) -> list[Profile]:
        """Those at the entrant's address who have the same name."""
        return [
            profile
            for profile in self.by_address.get(entrant.address, [])
            if name_key(profile.name) == entrant.name_key
        ]


def _line(reading: Reading, people: _Known) -> Line:
    entrant, problems = reading.entrant, list(reading.problems)
    profile = None
    if not problems:
        profile, doubt = _find(entrant, people)
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


def _find(entrant: Entrant, people: _Known) -> tuple[Profile | None, str]:
    """The person meant, or None for a new one; and a doubt that a person has to resolve."""
    if entrant.address and (found := people.named(entrant)):
        if len(found) == 1:
            return found[0], ""
        return None, _(
            "is one of several people with this name and address. Merge them first, or correct "
            "the address."
        )
    namesakes = people.in_run.get(entrant.name_key, [])
    if not namesakes:
        return None, ""
    fitting = [profile for profile in namesakes if not entrant.address or not profile.address]
    if len(namesakes) == 1 and fitting:
        return fitting[0], ""
    if not entrant.address:
        return None, _(
            "has no address, and several people in this course have the name. Add the address."
        )
    return None, _(
        "has the name of someone in this course who is reached at %(address)s. If it is the same "
        "person, correct the address there; if not, write the name more fully."
    ) % {"address": masked(namesakes[0].address)}


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
            % {"fields": ", ".join(_label(name) for name in kept)},
        )


def _label(name: str) -> str:
    return str(getattr(Profile._meta.get_field(name), "verbose_name", name))


def _mark_forgotten(lines: list[Line], run: CourseRun) -> None:
    """Whoever asked to be erased is not brought back by a list, nor is the address; one query."""
    asking = [line for line in lines if line.outcome is Outcome.NEW or "address" in line.fills]
    hashes = {
        line.row: forgotten.hashes_of(
            name_key=line.entrant.name_key,
            address=line.entrant.address,
            run=run.slug if line.outcome is Outcome.NEW else "",
        )
        for line in asking
    }
    known = forgotten.among(one for its in hashes.values() for one in its)
    for line in asking:
        if not known.intersection(hashes[line.row]):
            continue
        if line.outcome is Outcome.NEW:
            line.outcome = Outcome.FORGOTTEN
            line.notes += (_("Asked to be forgotten: not imported."),)
        else:
            del line.fills["address"]
            line.notes += (_("The owner of the address asked to be forgotten: not taken."),)


def _mark_repeated(lines: list[Line], readings: list[Reading]) -> None:
    """One person twice in the file counts once, or waits for a decision; and it is said."""
    first: dict[object, tuple[Line, Reading]] = {}
    for line, reading in zip(lines, readings, strict=True):
        if not line.is_ready:
            continue
        entrant = line.entrant
        key = line.profile.pk if line.profile else (entrant.address, entrant.name_key)
        if key not in first:
            first[key] = (line, reading)
            continue
        earlier, its = first[key]
        if _but_for_spelling(entrant) != _but_for_spelling(earlier.entrant):
            _doubt(
                line,
                _("means the person of row %(row)d and says other things. Keep the right one.")
                % {"row": earlier.row},
            )
            continue
        line.outcome = Outcome.REPEATED
        line.notes += (
            (
                _("The person of row %(row)d, with the address spelled in another way: taken once.")
                if its.typed_address != reading.typed_address
                else _("The person of row %(row)d once more: taken once.")
            )
            % {"row": earlier.row},
        )


def _mark_namesakes(lines: list[Line]) -> None:
    """The same name at two addresses may be one person: said, or left to a person to decide."""
    by_name: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.is_ready:
            by_name[line.entrant.name_key].append(line)
    for namesakes in by_name.values():
        if len(namesakes) == 1:
            continue
        for line in namesakes:
            rows = _some([str(n.row) for n in namesakes[: MOST_NAMED + 2] if n is not line])
            if line.entrant.address:
                line.notes += (
                    _("The name of row %(rows)s at another address: kept as people of their own.")
                    % {"rows": rows},
                )
            else:
                _doubt(
                    line,
                    _("has no address and the name of row %(rows)s. Add the address or delete it.")
                    % {"rows": rows},
                )


def _mark_shared(lines: list[Line], people: _Known) -> None:
    """People with one mailbox are kept apart, and it is said with whom each shares it."""
    by_address: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.is_ready and line.entrant.address:
            by_address[line.entrant.address].append(line)
    for address, sharing in by_address.items():
        meant = {line.profile.pk for line in sharing if line.profile}
        there = [found.name for found in people.by_address[address] if found.pk not in meant]
        some = sharing[: MOST_NAMED + 2]
        for line in sharing:
            others = there + [other.entrant.name for other in some if other is not line]
            if others:
                line.shares_mailbox = True
                line.notes += (
                    _("Shares a mailbox with %(names)s: kept as people of their own.")
                    % {"names": _some(others)},
                )


def _some(names: list[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")


def _doubt(line: Line, text: str) -> None:
    line.outcome = Outcome.BROKEN
    line.asked = WHO
    line.problems += ((Problem.DOUBT, text),)


def _but_for_spelling(entrant: Entrant) -> Entrant:
    return replace(entrant, given_name="", family_name="", address="")
