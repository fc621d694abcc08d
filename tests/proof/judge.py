"""In: the stand-in's ledger and the database. Out: who is lost, doubled or unknown, by name.

Over HTTP a mail is joined by the delivery's id and the address, over SMTP by the address.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from localmail.judge import rows
from newsletters import tallies
from newsletters.models import Issue
from tests.proof.figures import Figure

TOLD = """
DROP TABLE IF EXISTS proof_told, proof_fates;
CREATE TEMPORARY TABLE proof_told (address text, delivery bigint)
"""
FATES = """
CREATE TEMPORARY TABLE proof_fates AS
SELECT d.id, d.batch_id, s.address, coalesce(nullif(d.exception, ''), b.state) AS fate,
    coalesce(t.mails, 0) AS mails
FROM newsletters_delivery d
JOIN newsletters_batch b ON b.id = d.batch_id
JOIN newsletters_subscriber s ON s.id = d.subscriber_id
LEFT JOIN (
    SELECT address, delivery, count(*) AS mails FROM proof_told GROUP BY address, delivery
) t ON t.address = s.address AND coalesce(t.delivery, d.id) = d.id
WHERE d.issue_id = %s
"""
ACCUSED = {
    "lost": "SELECT address FROM proof_fates WHERE mails = 0"
    " AND fate NOT IN ('suppressed', 'left', 'unknown')",
    "doubled": "SELECT address FROM proof_fates WHERE mails > 1",
    "unknown": "SELECT address FROM proof_fates WHERE fate = 'unknown'",
    "struck_twice": "SELECT address FROM proof_fates f WHERE fate = 'unknown' AND 1 < (SELECT"
    " count(*) FROM newsletters_attempt a WHERE a.batch_id = f.batch_id AND finished_at IS NULL)",
    "untold": "SELECT address FROM proof_fates"
    " WHERE mails > 0 AND fate NOT IN ('accepted', 'unknown')",
    "strangers": "SELECT t.address FROM proof_told t LEFT JOIN proof_fates f"
    " ON f.address = t.address AND coalesce(t.delivery, f.id) = f.id WHERE f.id IS NULL",
}
IN_ORDER = """
SELECT count(*) FROM newsletters_batch b WHERE b.issue_id = %s AND NOT EXISTS (
    SELECT 1 FROM newsletters_delivery d JOIN proof_fates f USING (id)
    WHERE d.batch_id = b.id AND (f.mails <> 1 OR f.fate <> 'accepted'))
"""
WRONG_SIZES = """
SELECT count(*) FROM newsletters_batch b WHERE b.issue_id = %s
AND b.size <> (SELECT count(*) FROM newsletters_delivery d WHERE d.batch_id = b.id)
"""


@dataclass(frozen=True)
class Verdict:
    """People by address, and whether the sum closes."""

    lost: list[str]
    """Got nothing, and nothing here says so."""
    doubled: list[str]
    unknown: list[str]
    struck_twice: list[str]
    """Of them, whose worker died in the first call and again in the second, the last there is."""
    untold: list[str]
    """Got it, and the database says that they did not."""
    strangers: list[str]
    """Got it and are not of this audience, or with another's delivery."""
    closes: bool

    @property
    def holds(self) -> bool:
        """Nobody is lost, doubled or counted wrongly. Unknown is for each run to judge."""
        return self.closes and not (self.lost or self.doubled or self.untold or self.strangers)

    @property
    def is_clean(self) -> bool:
        """And nobody is unknown, but for who had to be: see `struck_twice`."""
        return self.holds and set(self.unknown) == set(self.struck_twice)

    def __str__(self) -> str:
        words = f"{len(self.lost):,} lost, {len(self.doubled):,} doubled, "
        words += f"{len(self.unknown):,} unknown"
        if self.struck_twice:
            words += f" ({len(self.struck_twice):,} struck twice)"
        if self.untold or self.strangers:
            words += f", {len(self.untold):,} untold, {len(self.strangers):,} strangers"
        return words if self.closes else f"{words}, the sum does not close"


def judge(issue: Issue, ledger: Path, since: int, people: int) -> Verdict:
    """The verdict on an issue to so many people, whose calls stand after line `since`."""
    issue.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute(TOLD)
        with cursor.copy("COPY proof_told FROM STDIN") as copy:
            for row in rows(ledger):
                if row.call > since:
                    copy.write_row((row.recipient, row.variables.get("delivery")))
        cursor.execute(FATES, [issue.pk])
        named = {}
        for name, accused in ACCUSED.items():
            cursor.execute(accused)
            named[name] = [address for (address,) in cursor.fetchall()]
        closes = _closes(issue, people)
    return Verdict(**named, closes=closes)


def clean(name: str, verdict: Verdict) -> Figure:
    """The figure of a run after which everybody must have got it once, and be known to have."""
    return Figure(name, str(verdict), "0 lost, 0 doubled, 0 unknown", verdict.is_clean)


def batches_in_order(issue: Issue) -> int:
    """After a verdict: the batches of which everyone got exactly one mail and counts as told."""
    with connection.cursor() as cursor:
        cursor.execute(IN_ORDER, [issue.pk])
        return int(cursor.fetchone()[0])


def _closes(issue: Issue, people: int) -> bool:
    """The rows, the batches' sizes and the progress page all count the same audience."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT fate, count(*) FROM proof_fates GROUP BY fate")
        counted = dict(cursor.fetchall())
        cursor.execute(WRONG_SIZES, [issue.pk])
        (wrong,) = cursor.fetchone()
    shown = tallies.tally(issue).parts
    # Nothing is in flight any more, which the page would count under that name.
    same = {name: count for name, count in shown.items() if count} == counted
    return same and not wrong and people == issue.audience == sum(shown.values())
