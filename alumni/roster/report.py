"""What an import would do or did, row by row and in one line."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alumni.models import CourseRun, Enrolment, Profile
from alumni.roster.cells import Entrant, Problem


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


@dataclass
class Line:
    """One row of the report."""

    row: int
    outcome: Outcome
    entrant: Entrant
    problems: tuple[tuple[Problem, str], ...] = ()
    notes: tuple[str, ...] = ()
    profile: Profile | None = None
    enrolment: Enrolment | None = None
    fills: dict[str, object] = field(default_factory=dict)
    fills_enrolment: dict[str, object] = field(default_factory=dict)
    shares_mailbox: bool = False

    @property
    def is_ready(self) -> bool:
        """Whether importing it leaves a person in the run."""
        return self.outcome not in {Outcome.BROKEN, Outcome.REPEATED, Outcome.FORGOTTEN}


@dataclass(frozen=True)
class Report:
    """What an import would do, or did, row by row."""

    run: CourseRun
    lines: tuple[Line, ...]
    unused: tuple[str, ...] = ()

    @property
    def ready(self) -> list[Line]:
        """The rows that can be imported."""
        return [line for line in self.lines if line.is_ready]

    def count(self, outcome: Outcome) -> int:
        """How many rows came out so."""
        return sum(line.outcome is outcome for line in self.lines)


def summary(report: Report) -> str:
    """The report in one line: "15 ready, 1 needs a date (row 9), 2 share a mailbox …"."""
    parts = [ngettext("%(n)d ready", "%(n)d ready", len(report.ready)) % {"n": len(report.ready)}]
    by_problem: dict[Problem, list[int]] = defaultdict(list)
    for line in report.lines:
        if line.problems:
            by_problem[line.problems[0][0]].append(line.row)
    parts += [_needs(problem, rows) for problem, rows in by_problem.items()]
    if repeated := report.count(Outcome.REPEATED):
        parts.append(
            ngettext("%(n)d stands twice", "%(n)d stand twice", repeated) % {"n": repeated}
        )
    if gone := report.count(Outcome.FORGOTTEN):
        parts.append(
            ngettext("%(n)d asked to be forgotten", "%(n)d asked to be forgotten", gone)
            % {"n": gone}
        )
    if shared := sum(line.shares_mailbox for line in report.lines):
        parts.append(
            ngettext(
                "%(n)d shares a mailbox with someone here: kept as two people",
                "%(n)d share a mailbox: kept as %(people)s",
                shared,
            )
            % {"n": shared, "people": _("two people") if shared == 2 else _("so many people")}
        )
    return ", ".join(parts)


def done(report: Report) -> str:
    """What an import has written, in whole sentences."""
    if not report.ready:
        return _("Nothing was written: no row is ready.")
    new, known = report.count(Outcome.NEW), report.count(Outcome.KNOWN)
    filled = sum(bool(line.fills or line.fills_enrolment) for line in report.ready)
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


def _needs(problem: Problem, rows: list[int]) -> str:
    which = ngettext("row %(rows)s", "rows %(rows)s", len(rows)) % {
        "rows": ", ".join(map(str, rows[:10])) + (" …" if len(rows) > 10 else "")
    }
    n = len(rows)
    sentence = {
        Problem.NAME: ngettext("%(n)d needs a name", "%(n)d need a name", n),
        Problem.ADDRESS: ngettext("%(n)d needs an address", "%(n)d need an address", n),
        Problem.DATE: ngettext("%(n)d needs a date", "%(n)d need a date", n),
        Problem.COUNTRY: ngettext("%(n)d needs a country", "%(n)d need a country", n),
        Problem.FORMULA: ngettext("%(n)d holds a formula", "%(n)d hold a formula", n),
        Problem.CHOICE: ngettext("%(n)d has an unknown term", "%(n)d have unknown terms", n),
        Problem.LENGTH: ngettext("%(n)d is too long", "%(n)d are too long", n),
        Problem.DOUBT: ngettext("%(n)d needs a decision", "%(n)d need a decision", n),
    }[problem]
    return f"{sentence % {'n': n}} ({which})"
