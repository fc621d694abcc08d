"""In: a proposed mailing and its editions. Out: its seal; at freezing, the sealed editions chosen.

What was approved is what leaves: the editions were rendered when it was proposed, and nothing is
rendered anew. A list that has changed by more than a tenth since then stops the mailing.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import connection

from newsletters.models import Edition, Issue
from newsletters.pipeline import editions, written

MOVED, BROKEN = "list_moved", "seal_broken"
VOID, TAKEN_DOWN, STOPPED, AGAIN = "void", "taken_down", "stopped_by", "proposed_again"
"""Codes of the sentences in `reports.reason`."""
MOST_MOVED = 10
"""Per cent by which the list may change between proposing and drawing it up."""


class NotAsApproved(Exception):
    """Why it does not leave; the message is the code of the sentence with its figures."""


def seal(issue: Issue) -> str:
    """SHA-256 over everything that was agreed to: mails, audience, window, people seen."""
    made = issue.editions.order_by("language", "discreet")
    agreed: dict[str, Any] = {
        "editions": [[one.language, one.discreet, one.sha256] for one in made],
        "newsletter": issue.newsletter_id,
        "criteria": issue.criteria,
        "fallback": issue.fallback,
        "not_before": issue.not_before and issue.not_before.isoformat(),
        "not_after": issue.not_after.isoformat(),
        "seen": issue.seen,
    }
    if issue.follows_id:
        agreed["corrects"] = issue.follows_id
    return hashlib.sha256(json.dumps(agreed, sort_keys=True).encode()).hexdigest()


def holds(issue: Issue) -> bool:
    """Whether all of it is still as it was sealed, the bytes of the mails included."""
    made: list[Edition] = list(issue.editions.all())
    intact = all(editions.sha256_of(one) == one.sha256 for one in made)
    return intact and seal(issue) == issue.seal


def draw_up(issue: Issue) -> None:
    """Settle who gets the sealed editions; inside a transaction. Raises NotAsApproved."""
    if not holds(issue):
        raise NotAsApproved(f"{BROKEN}|")
    languages = issue.editions.values_list("language", flat=True).distinct()
    written.settle(issue, languages.order_by("language"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM newsletters_wanted WHERE excluded = ''")
        (people,) = cursor.fetchone()
    if abs(people - issue.seen) * 100 > issue.seen * MOST_MOVED:
        raise NotAsApproved(f"{MOVED}|{issue.seen}|{people}")
    editions.choose_sealed(issue)
