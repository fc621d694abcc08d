"""In: planned rows. Out: the same rows, with what each must say of the others.

One person counts once; people who share a name or a mailbox stay people of their own; whoever
asked to be forgotten is not brought back.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from django.utils.translation import gettext as _

from alumni import vocabulary
from alumni.models import CourseRun
from alumni.privacy import forgotten
from alumni.roster.columns import WHO
from alumni.roster.entrants import Entrant, Problem, Reading
from alumni.roster.matches import Known
from alumni.roster.report import Line, Outcome

MOST_NAMED = 5
"""Others whom a note names; a whole office on one mailbox must not be a page for each."""


def mark_forgotten(lines: list[Line], run: CourseRun) -> None:
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


def mark_repeated(lines: list[Line], readings: list[Reading]) -> None:
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


def mark_namesakes(lines: list[Line]) -> None:
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


def mark_shared(lines: list[Line], people: Known) -> None:
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
    return vocabulary.listed(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")


def _doubt(line: Line, text: str) -> None:
    line.outcome = Outcome.BROKEN
    line.asked = WHO
    line.problems += ((Problem.DOUBT, text),)


def _but_for_spelling(entrant: Entrant) -> Entrant:
    return replace(entrant, given_name="", family_name="", address="")
