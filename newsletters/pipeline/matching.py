"""In: an issue, its entries and the readers considered. Out: `newsletters_wanted`, a row a reader.

One statement for all: the bits of what is new, of what is told beside it, and by which interest.
Why somebody gets nothing stands in the same row.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from newsletters.models import Issue
from newsletters.pipeline import gather
from newsletters.pipeline.audience import permitted
from newsletters.sources import EVERYTHING, PUBLIC, Entry

MOST_REASONS = 12
"""An entry that more interests lead to is for nearly everyone, and says no reason."""
FEW, STRAYS = 3, 2
"""Whoever has fewer than so many of the own is told of so many from elsewhere."""

WANT = """
CREATE TEMPORARY TABLE newsletters_wanted ON COMMIT DROP AS
WITH told AS MATERIALIZED (
    SELECT * FROM unnest(
        %s::text[], %s::text[], %s::int[], %s::timestamptz[], %s::boolean[], %s::text[], %s::int[],
        %s::boolean[]
    ) AS t(languages, interest, bit, since, is_readable, audience, reason, strays)
),{noticed}
one_by_one AS (
    SELECT c.id, t.bit, min(t.reason) FILTER (WHERE t.is_readable) AS reason
    FROM newsletters_considered c
    JOIN told t ON t.languages = c.languages
        AND t.interest = ANY (c.interests)
        AND (t.since > GREATEST(c.caught_up_at, %s::timestamptz){owed})
    WHERE c.excluded = '' AND (t.audience = 'public'{audiences}){not_noticed}
    GROUP BY c.id, t.bit
),
matching AS (
    SELECT id, bit_or(1::bigint << bit) FILTER (WHERE reason IS NOT NULL) AS mask,
        string_agg(reason::text, ',' ORDER BY bit) FILTER (WHERE reason IS NOT NULL) AS reasons
    FROM one_by_one GROUP BY id
),
few AS (
    SELECT DISTINCT c.languages, c.caught_up_at, m.mask FROM matching m
    JOIN newsletters_considered c USING (id) WHERE bit_count(m.mask::bit(64)) < %s
),
elsewhere AS MATERIALIZED (
    SELECT f.*, (
        SELECT bit_or(1::bigint << s.bit) FROM (
            SELECT t.bit FROM told t
            WHERE t.languages = f.languages AND t.strays AND t.is_readable
                AND t.since > GREATEST(f.caught_up_at, %s::timestamptz)
                AND (f.mask >> t.bit) & 1 = 0
            ORDER BY t.since DESC, t.bit LIMIT %s
        ) s
    ) AS bits FROM few f
),
silent(languages, bits) AS (SELECT * FROM unnest(%s::text[], %s::bigint[]))
SELECT c.id AS subscription_id, c.subscriber_id, c.languages, c.discreet,
    COALESCE(m.mask, 0) AS mask,
    COALESCE(e.bits, CASE WHEN c.excluded = '' AND m.mask IS NULL THEN s.bits END, 0) AS elsewhere,
    COALESCE(m.reasons, '') AS reasons,
    CASE WHEN c.excluded <> '' THEN c.excluded
        WHEN m.mask IS NULL AND s.bits IS NOT NULL THEN ''
        WHEN m.id IS NULL THEN 'nothing_new'
        WHEN m.mask IS NULL THEN 'not_in_their_language'
        ELSE '' END AS excluded
FROM newsletters_considered c LEFT JOIN matching m USING (id)
LEFT JOIN elsewhere e
    ON e.languages = c.languages AND e.caught_up_at = c.caught_up_at AND e.mask = m.mask
LEFT JOIN silent s ON s.languages = c.languages AND c.heard <= %s AND c.owed IS NULL
"""
OWED = " OR (t.since <= %s::timestamptz AND c.owed @> t.since)"
NOTICED = """
noticed AS MATERIALIZED (
    SELECT DISTINCT d.subscriber_id, k.bit FROM unnest(%s::text[], %s::int[]) AS k(key, bit)
    JOIN newsletters_issue i ON i.reference = k.key AND i.kind = 'digest' AND i.newsletter_id = %s
    JOIN newsletters_delivery d ON d.issue_id = i.id
    JOIN newsletters_batch b ON b.id = d.batch_id
    WHERE COALESCE(NULLIF(d.exception, ''), b.state) IN ('accepted', 'unknown', 'uncertain')
),"""
NOT_NOTICED = """
        AND NOT EXISTS (
            SELECT 1 FROM noticed n WHERE n.subscriber_id = c.subscriber_id AND n.bit = t.bit
        )"""
"""`caught_up_at` knows nothing of a call that was told alone: the ledger does."""


def told_by(entries: Sequence[Entry]) -> list[str]:
    """The interests that entries are told by, the most frequent first: few make few editions.

    Before them all stands the empty one, which says nothing.
    """
    carried = Counter(one for entry in entries for one in _reasons(entry))
    return ["", *sorted(carried, key=lambda one: (-carried[one], one))]


def match(
    issue: Issue,
    new: Sequence[Entry],
    *,
    interests: Sequence[str],
    all_languages: Iterable[str],
    shown: dict[str, int],
    silent_since: dt.datetime,
) -> None:
    """Make the rows, after `consider` in one transaction; they stand until it ends.

    `interests`: as `told_by` counts them. `all_languages`: those of the readers considered, each
    best first. `shown`: by languages, the bits for whoever heard nothing since `silent_since`.
    """
    numbers = {interest: number for number, interest in enumerate(interests)}
    told = [
        (
            languages,
            interest,
            bit,
            since,
            is_readable,
            entry.audience,
            numbers[interest] if interest in _reasons(entry) else 0,
            interest == EVERYTHING and gather.is_for_anyone(entry) and not issue.is_notice,
        )
        for languages in all_languages
        for bit, entry in enumerate(new)
        for since, is_readable in [_new_since(entry, languages.split())]
        for interest in entry.interests | {EVERYTHING}
    ]
    columns: list[Any] = [list(column) for column in zip(*told, strict=True)] or [[]] * 8
    audiences, audience_params = _audience_sql(new)
    calls = [(entry.key, bit) for bit, entry in enumerate(new) if entry.deadline]
    noticed: list[Any] = []
    if calls:
        noticed = [*map(list, zip(*calls, strict=True)), issue.newsletter_id]
    sql = WANT.format(
        audiences=audiences,
        noticed=NOTICED if calls else "",
        not_noticed=NOT_NOTICED if calls else "",
        owed=OWED if issue.owed_until else "",
    )
    silent = [list(shown), list(shown.values())]
    told_from = issue.told_from or "-infinity"
    owed_until = [issue.owed_until] if issue.owed_until else []
    params = [
        *(*columns, *noticed, told_from, *owed_until, *audience_params),
        *(FEW, told_from, STRAYS, *silent, silent_since),
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def _reasons(entry: Entry) -> frozenset[str]:
    """By which interests it is told; what only some may read says no reason either."""
    named = entry.interests - {EVERYTHING}
    return named if len(named) <= MOST_REASONS and entry.audience == PUBLIC else frozenset()


def _new_since(entry: Entry, languages: list[str]) -> tuple[dt.datetime, bool]:
    """When the entry first existed in a language of this reader; else at all, not to be read."""
    readable = [text.mailable_at for text in entry.texts if text.language in languages]
    return (min(readable), True) if readable else (entry.first_mailable_at, False)


def _audience_sql(entries: Sequence[Entry]) -> tuple[str, list[Any]]:
    sql, params = "", list[Any]()
    for audience in sorted({entry.audience for entry in entries} - {PUBLIC}):
        readers, reader_params = permitted(audience)
        sql += f" OR (t.audience = %s AND c.subscriber_id IN ({readers}))"
        params += [audience, *reader_params]
    return sql, params
