"""In: a rhythm that is due soon. Out: what would leave now, to how many, as some readers read it.

Drawn up as the real one is, in a transaction that is taken back: nothing is kept of it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from newsletters.models import Cadence, Issue, Newsletter, Subscription
from newsletters.pipeline import compile, editions, render
from newsletters.pipeline.compile import Drawn, Key

SHOWN = 3
DEAD = "only-a-preview"
"""Stands in links where a reader's own key would."""

# The first reader of each language before the second of any; those with reasons first.
SOME = """
SELECT subscription_id, languages, discreet, mask, elsewhere, reasons FROM (
    SELECT w.*, row_number() OVER (
        PARTITION BY split_part(languages, ' ', 1)
        ORDER BY mask <> 0 DESC, trim(reasons, ',0') = '', length(reasons) DESC, subscription_id
    ) AS turn
    FROM newsletters_wanted w WHERE excluded = ''
) s ORDER BY turn, languages, subscription_id LIMIT %s OFFSET %s
"""


@dataclass(frozen=True)
class Reading:
    """The mail as one reader would get it; nothing says who it is."""

    languages: tuple[str, ...]
    interests: tuple[str, ...]
    subject: str
    html: str
    entries: int


@dataclass(frozen=True)
class Preview:
    """What would leave now."""

    people: int
    readings: tuple[Reading, ...]


def would_leave(
    row: Cadence, *, skip: int = 0, shown: int = SHOWN, now: dt.datetime | None = None
) -> Preview:
    """Count everyone who would get a mail now, and render it for some of them, after `skip`."""
    issue = Issue(
        newsletter=row.newsletter,
        kind=Newsletter.Kind.DIGEST,
        frequency=row.frequency,
        cutoff_at=now or timezone.now(),
    )
    with transaction.atomic():
        drawn = compile.draw_up(issue)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM newsletters_wanted WHERE excluded = ''")
            people = cursor.fetchone()[0]
            cursor.execute(SOME, [shown, skip])
            rows = cursor.fetchall()
        transaction.set_rollback(True)
    interests = dict(
        Subscription.objects.filter(pk__in=[pk for pk, *_key in rows]).values_list(
            "pk", "interests"
        )
    )
    return Preview(
        people,
        tuple(_reading(issue, drawn, Key(*key), interests.get(pk, [])) for pk, *key in rows),
    )


def _reading(issue: Issue, drawn: Drawn, key: Key, interests: list[str]) -> Reading:
    selection = compile.selection(drawn, key)
    subject, mail = editions.as_read(issue, selection)
    html = mail.html.replace(render.UNSUBSCRIBE, DEAD).replace(render.PREFERENCES, DEAD)
    return Reading(
        languages=tuple(key.languages.split()),
        interests=tuple(interests),
        subject=subject,
        html=html,
        entries=len(selection.choices),
    )
