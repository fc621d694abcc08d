"""In: an issue and what was published. Out: who gets which entries, as rows of one statement.

A reader's selection is a bit mask over the issue's entries. Readers with the same languages see
the same texts, so new-ness and language are settled per list of languages, not per reader.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from newsletters import sources
from newsletters.models import Issue
from newsletters.pipeline.audience import consider, permitted
from newsletters.sources import Entry, Text

FAR_DEADLINE = dt.date.max

WANT = """
CREATE TEMPORARY TABLE newsletters_wanted ON COMMIT DROP AS
WITH told AS (
    SELECT * FROM unnest(
        %s::text[], %s::text[], %s::int[], %s::timestamptz[], %s::boolean[], %s::text[]
    ) AS t(languages, interest, bit, since, is_readable, audience)
),
matching AS (
    SELECT c.id, bit_or(1::bigint << t.bit) FILTER (WHERE t.is_readable) AS mask
    FROM newsletters_considered c
    JOIN told t ON t.languages = c.languages
        AND t.interest = ANY (c.interests)
        AND t.since > c.caught_up_at
    WHERE c.excluded = '' AND (t.audience = 'public'{audiences})
    GROUP BY c.id
)
SELECT c.id AS subscription_id, c.subscriber_id, c.languages, c.discreet,
    COALESCE(m.mask, 0) AS mask,
    CASE WHEN c.excluded <> '' THEN c.excluded
        WHEN m.id IS NULL THEN 'nothing_new'
        WHEN m.mask IS NULL THEN 'not_in_their_language'
        ELSE '' END AS excluded
FROM newsletters_considered c LEFT JOIN matching m USING (id)
"""


@dataclass(frozen=True)
class Selection:
    """What some readers get: one frame language, entries in order, each in one language."""

    language: str
    discreet: bool
    choices: tuple[tuple[Entry, Text], ...]

    @property
    def names(self) -> list[str]:
        """`<entry key>@<language>`, in order."""
        return [f"{entry.key}@{text.language}" for entry, text in self.choices]


def draw_up(issue: Issue) -> list[Entry]:
    """Settle who gets which of the entries; call inside a transaction. Returns the entries.

    Everyone considered is read once, in one statement: who changes a language or a rhythm
    meanwhile is in this issue as he or she was, or in the next. The result stands in
    `newsletters_wanted` until the transaction ends, with the reason of those left out, so that
    candidates = chosen + excluded holds by construction.
    """
    consider(issue)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT languages, min(caught_up_at) FROM newsletters_considered"
            " WHERE excluded = '' GROUP BY languages ORDER BY languages"
        )
        told_until = dict(cursor.fetchall())
    entries = _new_entries(issue, min(told_until.values(), default=issue.cutoff_at))
    told = [
        (languages, interest, bit, since, is_readable, entry.audience)
        for languages in told_until
        for bit, entry in enumerate(entries)
        for since, is_readable in [_new_since(entry, languages.split())]
        for interest in entry.interests | {sources.EVERYTHING}
    ]
    audiences, audience_params = _audience_sql(entries)
    columns: list[Any] = [list(column) for column in zip(*told, strict=True)] or [[]] * 6
    with connection.cursor() as cursor:
        cursor.execute(WANT.format(audiences=audiences), [*columns, *audience_params])
    return entries


def readers() -> list[tuple[str, bool, int]]:
    """The distinct (languages, discreet, mask) of chosen readers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT languages, discreet, mask FROM newsletters_wanted"
            " WHERE excluded = '' ORDER BY languages, discreet, mask"
        )
        return cursor.fetchall()


def selections(entries: Sequence[Entry]) -> Iterator[tuple[str, bool, int, Selection]]:
    """Each of those with its selection."""
    for languages, discreet, mask in readers():
        order = languages.split()
        choices = tuple(
            (entry, text)
            for bit, entry in enumerate(entries)
            if mask >> bit & 1 and (text := entry.text_for(order)) is not None
        )
        yield languages, discreet, mask, Selection(order[0], discreet, choices)


def _reading_order(entry: Entry) -> tuple[int, dt.date, float, str]:
    """Stories before calls; newest stories and nearest deadlines first."""
    if entry.kind == "story":
        return (0, FAR_DEADLINE, -entry.first_mailable_at.timestamp(), entry.key)
    return (
        1,
        entry.deadline or FAR_DEADLINE,
        -entry.first_mailable_at.timestamp(),
        entry.key,
    )


def _new_entries(issue: Issue, since: dt.datetime) -> list[Entry]:
    """What became mailable after `since`, up to the cutoff; later texts are the next issue's."""
    entries = [
        replace(entry, texts=texts)
        for entry in sources.content().entries(since, issue.cutoff_at)
        if (texts := tuple(t for t in entry.texts if t.mailable_at <= issue.cutoff_at))
    ]
    newest = sorted(entries, key=lambda entry: entry.first_mailable_at, reverse=True)
    return sorted(newest[: sources.MOST_ENTRIES], key=_reading_order)


def _new_since(entry: Entry, languages: list[str]) -> tuple[dt.datetime, bool]:
    """When the entry first existed in a language of this reader; else at all, not to be read."""
    readable = [text.mailable_at for text in entry.texts if text.language in languages]
    return (min(readable), True) if readable else (entry.first_mailable_at, False)


def _audience_sql(entries: Sequence[Entry]) -> tuple[str, list[Any]]:
    sql, params = "", list[Any]()
    for audience in sorted({entry.audience for entry in entries} - {sources.PUBLIC}):
        readers, reader_params = permitted(audience)
        sql += f" OR (t.audience = %s AND c.subscriber_id IN ({readers}))"
        params += [audience, *reader_params]
    return sql, params
