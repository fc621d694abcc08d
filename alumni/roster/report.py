"""What an import would do or did, row by row and in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from django.db.models import Count, Min, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alumni import vocabulary
from alumni.models import Enrolment, Profile, RosterRow, RosterUpload
from alumni.roster.columns import Column
from alumni.roster.entrants import Entrant, Problem


class Outcome(Enum):
    """What becomes of a row."""

    NEW = "new"
    KNOWN = "known"
    """A person we have, not in this run yet."""
    THERE = "there"
    """In this run already; blanks may be filled."""
    REPEATED = "repeated"
    FORGOTTEN = "forgotten"
    """Asked to be erased; the centre keeps no more than a hash of it."""
    BROKEN = "broken"


READY = (Outcome.NEW, Outcome.KNOWN, Outcome.THERE)
FILLING = [Outcome.KNOWN.value, Outcome.THERE.value]
SAID = 10
"""Rows that a sentence names."""


@dataclass
class Line:
    """One row of the report."""

    row: int
    outcome: Outcome
    entrant: Entrant
    problems: tuple[tuple[Problem, str], ...] = ()
    notes: tuple[str, ...] = ()
    asked: tuple[Column, ...] = ()
    """Where something is to be mended."""
    is_sound: bool = True
    """Nothing is wrong with the row by itself."""
    profile: Profile | None = None
    enrolment: Enrolment | None = None
    fills: dict[str, object] = field(default_factory=dict)
    fills_enrolment: dict[str, object] = field(default_factory=dict)
    shares_mailbox: bool = False

    @property
    def is_ready(self) -> bool:
        """Whether importing it leaves a person in the run."""
        return self.outcome in READY


@dataclass(frozen=True)
class Tally:
    """A roster in figures: what an import would do or did."""

    outcomes: Mapping[Outcome, int]
    needs: tuple[tuple[Problem, int, tuple[int, ...]], ...] = ()
    """Each kind of problem with how many rows have it and the first of them, by the first row."""
    sharing: int = 0
    filled: int = 0

    def count(self, outcome: Outcome) -> int:
        """How many rows came out so."""
        return self.outcomes.get(outcome, 0)

    @property
    def ready(self) -> int:
        """The rows that leave a person in the run."""
        return sum(self.count(outcome) for outcome in READY)


def tally(upload: RosterUpload) -> Tally:
    """The figures of a roster that was looked through; a fixed number of queries."""
    rows = upload.rows.all()
    outcomes = {
        Outcome(outcome): n
        for outcome, n in rows.exclude(outcome="")
        .order_by()
        .values_list("outcome")
        .annotate(n=Count("pk"))
    }
    broken = rows.filter(outcome=Outcome.BROKEN.value).order_by()
    needs = broken.values_list("needs").annotate(n=Count("pk"), first=Min("number"))
    return Tally(
        outcomes=outcomes,
        needs=tuple(
            (Problem(kind), n, _first_rows(broken, kind))
            for kind, n, _first in sorted(needs, key=lambda found: found[2])
        ),
        sharing=rows.filter(shares_mailbox=True, outcome__in=[o.value for o in READY]).count(),
        filled=rows.exclude(adds={}).filter(outcome__in=FILLING).count(),
    )


def _first_rows(broken: QuerySet[RosterRow], kind: str) -> tuple[int, ...]:
    return tuple(
        broken.filter(needs=kind).order_by("number").values_list("number", flat=True)[:SAID]
    )


def done_so_far(upload: RosterUpload) -> Tally:
    """What was written of a roster, whose rows are gone by then."""
    return Tally(
        outcomes={Outcome.NEW: upload.added, Outcome.KNOWN: upload.enrolled},
        filled=upload.filled,
    )


def summary(report: Tally) -> str:
    """The roster in one line: "15 ready, 1 needs a date (row 9), 2 share a mailbox …"."""
    parts = [ngettext("%(n)d ready", "%(n)d ready", report.ready) % {"n": report.ready}]
    parts += [_needs(*found) for found in report.needs]
    if repeated := report.count(Outcome.REPEATED):
        parts.append(
            ngettext("%(n)d stands twice", "%(n)d stand twice", repeated) % {"n": repeated}
        )
    if gone := report.count(Outcome.FORGOTTEN):
        parts.append(
            ngettext("%(n)d asked to be forgotten", "%(n)d asked to be forgotten", gone)
            % {"n": gone}
        )
    if shared := report.sharing:
        parts.append(
            ngettext(
                "%(n)d shares a mailbox with someone here: kept as two people",
                "%(n)d share a mailbox: kept as %(people)s",
                shared,
            )
            % {"n": shared, "people": _("two people") if shared == 2 else _("so many people")}
        )
    return vocabulary.listed(parts)


def done(report: Tally) -> str:
    """What an import has written, in whole sentences."""
    new, known, filled = report.count(Outcome.NEW), report.count(Outcome.KNOWN), report.filled
    counted = (
        (new, ngettext("%(n)d new person was added.", "%(n)d new people were added.", new)),
        (
            known,
            ngettext(
                "%(n)d person known before was put on this course run.",
                "%(n)d people known before were put on this course run.",
                known,
            ),
        ),
        (
            filled,
            ngettext(
                "Blanks were filled for %(n)d person.",
                "Blanks were filled for %(n)d people.",
                filled,
            ),
        ),
    )
    said = [sentence % {"n": n} for n, sentence in counted if n]
    if not said:
        return _("Nothing had to be written: everyone who is ready stands on this run already.")
    return " ".join([*said, _("Nobody was mailed.")])


def _needs(problem: Problem, n: int, rows: tuple[int, ...]) -> str:
    which = ngettext("row %(rows)s", "rows %(rows)s", n) % {
        "rows": vocabulary.listed(rows) + (" …" if n > len(rows) else "")
    }
    sentence = {
        Problem.NAME: ngettext("%(n)d needs a name", "%(n)d need a name", n),
        Problem.ADDRESS: ngettext("%(n)d needs an address", "%(n)d need an address", n),
        Problem.DATE: ngettext("%(n)d needs a date", "%(n)d need a date", n),
        Problem.COUNTRY: ngettext("%(n)d needs a country", "%(n)d need a country", n),
        Problem.FORMULA: ngettext("%(n)d holds a formula", "%(n)d hold a formula", n),
        Problem.CHOICE: ngettext("%(n)d has an unknown term", "%(n)d have unknown terms", n),
        Problem.LENGTH: ngettext("%(n)d is too long", "%(n)d are too long", n),
        Problem.MERGE: ngettext(
            "%(n)d holds signs of a mail service", "%(n)d hold signs of a mail service", n
        ),
        Problem.SURPLUS: ngettext("%(n)d has too many cells", "%(n)d have too many cells", n),
        Problem.DOUBT: ngettext("%(n)d needs a decision", "%(n)d need a decision", n),
    }[problem]
    return f"{sentence % {'n': n}} ({which})"
