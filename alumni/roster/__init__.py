"""A course run's roster: from a file as people send it to people and enrolments, seen by staff.

Reading order: files (bytes → rows) → cells (a row → a person, or what is to be mended) →
plan (whom a row means, what would change; writes nothing) → carry (writes it); report is what
plan and carry answer.
"""

from alumni.roster.carry import carry_out
from alumni.roster.files import UnreadableRoster, read
from alumni.roster.plan import plan
from alumni.roster.report import Line, Outcome, Report, done, summary

__all__ = [
    "Line",
    "Outcome",
    "Report",
    "UnreadableRoster",
    "carry_out",
    "done",
    "plan",
    "read",
    "summary",
]
