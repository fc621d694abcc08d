"""In: a mailing that left. Out: what became of it, in figures that point at nobody.

Nothing of a single person comes out of the database: it counts. Nobody's opening or clicking is
known here, so none is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from newsletters.interests import followable
from newsletters.models import Issue, Subscription, Suppression
from newsletters.small_cells import LEAST_PUBLIC, partition, table
from newsletters.sources import EVERYTHING

LATEST = 6
"""Mailings that are shown beside one another."""
COUNTRY = "country:"
"""How the code of a country begins that can be followed."""

WENT: dict[str, Promise] = {
    "arrived": _("Arrived"),
    "returned": _("Came back"),
    "no_mailbox": _("No such mailbox"),
    "open": _("Nothing heard"),
}
"""Where a mail went that was handed over; each is in one of them."""
DID: dict[str, Promise] = {
    "complained": _("Marked as spam"),
    "left": _("Left"),
    "stayed": _("Neither"),
}
"""What its reader did, as far as we ask; each is in one of them, who did both in the first."""

# As `tallies.tally` counts the accepted. Whoever left has left this mailing if it was the last
# of its newsletter before; and a mail that came back later has not arrived.
COUNTS = """
SELECT d.issue_id, e.language,
    CASE WHEN d.bounced_at IS NOT NULL THEN CASE WHEN EXISTS (
            SELECT FROM newsletters_subscriber r JOIN newsletters_suppression p
                ON p.address = r.address
            WHERE r.id = d.subscriber_id AND p.reason = %(no_mailbox)s
        ) THEN 'no_mailbox' ELSE 'returned' END
        WHEN d.delivered_at IS NOT NULL THEN 'arrived' ELSE 'open' END AS went,
    CASE WHEN d.complained_at IS NOT NULL THEN 'complained'
        WHEN s.id IS NOT NULL AND NOT EXISTS (
            SELECT FROM newsletters_issue later JOIN newsletters_delivery l
                ON l.issue_id = later.id AND l.subscriber_id = d.subscriber_id
            WHERE later.newsletter_id = m.newsletter_id
                AND later.frozen_at > m.frozen_at AND later.frozen_at < s.left_at
        ) THEN 'left' ELSE 'stayed' END AS did,
    count(*)
FROM newsletters_delivery d
JOIN newsletters_issue m ON m.id = d.issue_id
JOIN newsletters_batch b ON b.id = d.batch_id
JOIN newsletters_edition e ON e.id = b.edition_id
LEFT JOIN newsletters_subscription s ON s.subscriber_id = d.subscriber_id
    AND s.newsletter_id = m.newsletter_id AND s.state = %(left)s AND s.left_at >= m.frozen_at
WHERE d.issue_id = ANY (%(issues)s)
    AND (d.exception = 'accepted' OR d.exception = '' AND b.state = 'accepted')
GROUP BY 1, 2, 3, 4
"""
FOLLOWED = """
SELECT f.code, count(*)
FROM newsletters_issue i
JOIN newsletters_delivery d ON d.issue_id = i.id
JOIN newsletters_batch b ON b.id = d.batch_id
JOIN newsletters_subscription s ON s.subscriber_id = d.subscriber_id
    AND s.newsletter_id = i.newsletter_id
CROSS JOIN LATERAL (SELECT DISTINCT code FROM unnest(s.interests) AS code) f
WHERE i.id = %(issue)s AND (d.exception = 'accepted' OR d.exception = '' AND b.state = 'accepted')
    AND (f.code = %(everything)s OR starts_with(f.code, %(country)s))
GROUP BY f.code
"""


@dataclass(frozen=True)
class Row:
    """A language, or all of them; None stands for what is hidden."""

    label: str
    people: int | None
    cells: tuple[int | None, ...]
    heads: tuple[str, ...]

    @property
    def named(self) -> list[tuple[str, int | None]]:
        """Its cells, each with the head of its column."""
        return list(zip(self.heads, self.cells, strict=True))


@dataclass(frozen=True)
class Split:
    """People of a mailing in columns that add up, by language."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    sums: Row


@dataclass(frozen=True)
class Share:
    """A part of those to whom a mailing was handed over, in per cent; None where hidden."""

    percent: float | None

    @property
    def is_known(self) -> bool:
        return self.percent is not None


@dataclass(frozen=True)
class Beside:
    """A mailing among the latest of its newsletter."""

    issue: Issue
    people: int | None
    arrived: Share
    left: Share


@dataclass(frozen=True)
class Figures:
    """What became of a mailing."""

    is_empty: bool
    """Nothing was handed over yet."""
    people: int | None
    went: Split
    did: Split
    follow: tuple[tuple[str, int], ...]
    """Countries by name with those who follow them, and everything; the small ones are left out."""
    follow_hides: bool
    beside: tuple[Beside, ...]
    """The latest of the newsletter up to this one, oldest first; empty where it is the only one."""

    @property
    def hides(self) -> bool:
        """Whether a figure on the page is hidden."""
        splits = [row for split in (self.went, self.did) for row in (*split.rows, split.sums)]
        return any(None in (row.people, *row.cells) for row in splits)


Counts = dict[str, dict[tuple[str, str], int]]
"""Language → (where it went, what the reader did) → people."""


def of(issue: Issue, language: str) -> Figures:
    """Figures of a mailing, in words of the language; four queries, whatever it was sent to."""
    latest = _latest(issue)
    counts = _counts(latest)
    mine = counts[issue.pk]
    went, did = _split(mine, WENT, 0), _split(mine, DID, 1)
    follow, follow_hides = _follow(issue, language)
    beside = [_beside(one, counts[one.pk]) for one in latest if counts[one.pk]]
    return Figures(
        is_empty=not mine,
        people=went.sums.people,
        went=went,
        did=did,
        follow=follow,
        follow_hides=follow_hides,
        beside=tuple(beside) if len(beside) > 1 else (),
    )


def _latest(issue: Issue) -> list[Issue]:
    """This one and those before it, of the same newsletter and rhythm; what follows one is none."""
    alike = Issue.objects.filter(
        newsletter=issue.newsletter_id,
        frequency=issue.frequency,
        step=issue.step_id,
        follows=None,
        pk__lt=issue.pk,
        audience__gt=0,
    ).select_related("newsletter")
    before = alike.prefetch_related("newsletter__wordings").order_by("-pk")[: LATEST - 1]
    return [*reversed(before), issue]


def _counts(issues: Sequence[Issue]) -> dict[int, Counts]:
    found: dict[int, Counts] = {issue.pk: defaultdict(dict) for issue in issues}
    values: dict[str, Any] = {
        "issues": list(found),
        "no_mailbox": Suppression.Reason.BOUNCE,
        "left": Subscription.State.LEFT,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, values)
        for issue, language, went, did, people in cursor.fetchall():
            found[issue][language][went, did] = people
    return found


def _split(counts: Counts, heads: dict[str, Promise], axis: int) -> Split:
    """One table of a mailing. Two of them share their languages and people, and nothing else.

    Languages with few people are one row, so that everybody may know how many are in each row;
    what is in a row can then be moved about without touching the other table.
    """
    rows = {
        language: [sum(n for key, n in cells.items() if key[axis] == head) for head in heads]
        for language, cells in counts.items()
    }
    people = {language: sum(row) for language, row in rows.items()}
    whole = sum(people.values())
    names = tuple(str(label) for label in heads.values())
    if whole < LEAST_PUBLIC:
        nothing = (None,) * len(names)
        return Split(names, (), Row(gettext("All"), None, nothing, names))
    shown = partition(people, LEAST_PUBLIC)
    apart = sorted((key for key in shown if shown[key] is not None), key=lambda key: -people[key])
    small = [key for key in shown if shown[key] is None]
    labels = [_name(key) for key in apart]
    cells = [rows[key] for key in apart]
    if small:
        labels.append(gettext("Other languages"))
        cells.append([sum(column) for column in zip(*(rows[key] for key in small), strict=True)])
    told = table(cells, LEAST_PUBLIC)
    split = [
        Row(label, sum(true), shown_cells, names)
        for label, true, shown_cells in zip(labels, cells, told.cells, strict=True)
    ]
    return Split(
        names, tuple(split) if len(split) > 1 else (), Row(gettext("All"), whole, told.sums, names)
    )


def _follow(issue: Issue, language: str) -> tuple[tuple[tuple[str, int], ...], bool]:
    """Who got it, by the countries that they follow now: nobody's own country is known here.

    Readers may follow several; hidden as if each followed one, for that may be so.
    """
    with connection.cursor() as cursor:
        cursor.execute(FOLLOWED, {"issue": issue.pk, "everything": EVERYTHING, "country": COUNTRY})
        counts: dict[str, int] = dict(cursor.fetchall())
    shown = partition(counts, LEAST_PUBLIC)
    named = [(one.label, shown.get(one.code)) for one in followable(counts, language)]
    if EVERYTHING in counts:
        named.append((gettext("Everything"), shown[EVERYTHING]))
    if set(counts) <= {EVERYTHING}:
        return (), False
    told = [(label, people) for label, people in named if people is not None]
    return tuple(sorted(told, key=lambda row: -row[1])), None in shown.values()


def _beside(issue: Issue, counts: Counts) -> Beside:
    """Of an earlier one nothing is told that its own page hides."""
    went, did = _split(counts, WENT, 0).sums, _split(counts, DID, 1).sums
    arrived = went.cells[list(WENT).index("arrived")]
    left = did.cells[list(DID).index("left")]
    return Beside(issue, went.people, _share(arrived, went.people), _share(left, did.people))


def _share(part: int | None, people: int | None) -> Share:
    return Share(None if part is None or not people else 100 * part / people)


def _name(language: str) -> str:
    return str(get_language_info(language)["name_local"])
