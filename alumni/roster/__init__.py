"""A course run's roster: from a file as people send it to people and enrolments, seen by staff.

Reading order: files (bytes → rows, by newsletters.spreadsheets) → hold (rows wait in the
database) → survey (lot by lot: cells, a row → a person, or what is to be mended; plan, what
importing it would do, by matches, whom a row means, and duplicates, what rows say of one another)
→ carry (writes it); report says all of it.
"""

from alumni.roster.carry import carry_out, confirm
from alumni.roster.files import read
from alumni.roster.hold import discard, forget_old, hold, mend, name_columns
from alumni.roster.plan import plan
from alumni.roster.report import READY, Line, Outcome, Tally, done, done_so_far, summary, tally
from alumni.roster.survey import columns_of, survey
from newsletters.spreadsheets.refusal import UnreadableTable as UnreadableRoster

__all__ = [
    "READY",
    "Line",
    "Outcome",
    "Tally",
    "UnreadableRoster",
    "carry_out",
    "columns_of",
    "confirm",
    "discard",
    "done",
    "done_so_far",
    "forget_old",
    "hold",
    "mend",
    "name_columns",
    "plan",
    "read",
    "summary",
    "survey",
    "tally",
]
