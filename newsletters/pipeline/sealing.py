"""In: a proposed mailing and its editions. Out: its seal; at freezing, the sealed editions chosen.

What was approved is what leaves: the editions were rendered when it was proposed, and nothing is
rendered anew. A list that has changed by more than a tenth since then stops the mailing.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.conf import settings
from django.db import connection

from newsletters.models import Edition, Issue
from newsletters.pipeline import editions, headers, written

MOVED, BROKEN, SENDER = "list_moved", "seal_broken", "sender_changed"
VOID, TAKEN_DOWN, STOPPED, AGAIN = "void", "taken_down", "stopped_by", "proposed_again"
"""Codes of the sentences in `reports.reason`."""
HALF = 32
MOST_MOVED = 10
"""Per cent by which the list may change between proposing and drawing it up."""


class NotAsApproved(Exception):
    """Why it does not leave; the message is the code of the sentence with its figures."""


def seal(issue: Issue) -> str:
    """Two halves of 128 bits each: what was agreed to, and the heads of its mails.

    Apart, so that whoever has to propose it again is told which of them is another now.
    """
    return _agreed(issue) + _heads(issue)


def _agreed(issue: Issue) -> str:
    """Mails, audience, window, people seen."""
    made = issue.editions.order_by("language", "discreet")
    agreed: dict[str, Any] = {
        # A seal without heads, as there were, is never one of these.
        "has_heads": True,
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
    return _half(agreed)


def _heads(issue: Issue) -> str:
    """From, Reply-To and what mail programs are told of the list, of every edition."""
    newsletter, heads = issue.newsletter, []
    for one in issue.editions.order_by("language", "discreet"):
        named: dict[str, Any] = {
            "newsletter": newsletter,
            "language": one.language,
            "discreet": one.discreet,
        }
        listed = headers.list_headers(**named, unsubscribe_url=settings.SITE_URL)
        heads.append([headers.sender(**named), newsletter.reply_to, *listed.items()])
    return _half(heads)


def _half(facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:HALF]


def broken(issue: Issue) -> str:
    """BROKEN or SENDER where something is not as it was sealed, the bytes included, else empty."""
    made: list[Edition] = list(issue.editions.all())
    intact = all(editions.sha256_of(one) == one.sha256 for one in made)
    if not intact or _agreed(issue) != issue.seal[:HALF]:
        return BROKEN
    return SENDER if _heads(issue) != issue.seal[HALF:] else ""


def draw_up(issue: Issue) -> None:
    """Settle who gets the sealed editions; inside a transaction. Raises NotAsApproved."""
    if code := broken(issue):
        raise NotAsApproved(f"{code}|")
    languages = issue.editions.values_list("language", flat=True).distinct()
    written.settle(issue, languages.order_by("language"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM newsletters_wanted WHERE excluded = ''")
        (people,) = cursor.fetchone()
    if abs(people - issue.seen) * 100 > issue.seen * MOST_MOVED:
        raise NotAsApproved(f"{MOVED}|{issue.seen}|{people}")
    editions.choose_sealed(issue)
