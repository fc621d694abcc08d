"""In: an issue and what was published. Out: who gets which entries, as rows of one statement.

A reader's selection is a bit mask over the issue's entries. Readers with the same languages see
the same texts, so new-ness and language are settled per list of languages, not per reader. Why an
entry is told is the number of one interest that both have.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection

from newsletters import sources
from newsletters.models import Issue
from newsletters.pipeline import gather
from newsletters.pipeline.audience import consider, permitted
from newsletters.sources import EVERYTHING, PUBLIC, Entry, Text

FULL = 7
"""So many entries stand in a mail in full; the others as titles."""
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
        AND t.since > c.caught_up_at
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
                AND t.since > f.caught_up_at AND (f.mask >> t.bit) & 1 = 0
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
LEFT JOIN silent s ON s.languages = c.languages AND c.heard <= %s
"""
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


class Key(NamedTuple):
    """What readers of one selection have in common, as `newsletters_wanted` has it."""

    languages: str
    discreet: bool
    mask: int
    elsewhere: int
    reasons: str


@dataclass(frozen=True)
class Drawn:
    """What an issue is about; a bit of a mask is a place in `entries`."""

    entries: list[Entry]
    interests: list[str] = field(default_factory=list)
    """What `reasons` count: the first says nothing."""
    new: int = 0
    """The first so many are what is new; what follows is for those who heard nothing for long."""


@dataclass(frozen=True)
class Selection:
    """What some readers get: one frame language, entries in order, each in one language."""

    language: str
    discreet: bool
    choices: tuple[tuple[Entry, Text], ...]
    reasons: tuple[str, ...] = ()
    """For each choice the interest by which it is told; empty: the reader follows everything."""
    elsewhere: tuple[tuple[Entry, Text], ...] = ()
    """Beside the choices; without any, what is shown to whoever heard nothing for long."""

    @property
    def names(self) -> list[str]:
        """`<entry key>@<language>` of all that is told, in order."""
        told = [*self.choices, *self.elsewhere]
        return [f"{entry.key}@{text.language}" for entry, text in told]


def draw_up(issue: Issue, *, in_parts: bool = False) -> Drawn:
    """Settle who gets which of the entries; call inside a transaction.

    In parts: where more is new than one mailing can tell, the cutoff moves back so far that this
    one tells the oldest, and nobody misses them. Else the newest are drawn up.

    Everyone considered is read once, in one statement: who changes a language or a rhythm
    meanwhile is in this issue as he or she was, or in the next. The result stands in
    `newsletters_wanted` until the transaction ends, with the reason of those left out, so that
    candidates = chosen + excluded holds by construction.
    """
    consider(issue)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT languages, min(caught_up_at), min(heard) FROM newsletters_considered"
            " WHERE excluded = '' GROUP BY languages ORDER BY languages"
        )
        rows = cursor.fetchall()
    told_until = {languages: since for languages, since, _heard in rows}
    is_part = False
    if issue.is_notice:
        new = gather.the_call(issue)
    else:
        since = max(
            min(told_until.values(), default=issue.cutoff_at),
            issue.cutoff_at - gather.LOOKS_BACK,
        )
        if in_parts:
            until, issue.cutoff_at = issue.cutoff_at, gather.first_part(since, issue.cutoff_at)
            is_part = issue.cutoff_at < until
        new = gather.new_entries(issue, since)
    silent_since = issue.cutoff_at - gather.SILENCE
    # Silence is judged by the last part.
    silent = [
        languages
        for languages, _s, heard in rows
        if heard and heard <= silent_since and not is_part
    ]
    entries, shown = _shown_to_the_silent(issue, new, silent)
    interests = _interests(new)
    drawn = Drawn(entries, interests, len(new))
    _want(issue, drawn, list(told_until), shown, silent_since)
    return drawn


def readers() -> list[Key]:
    """The distinct keys of chosen readers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT languages, discreet, mask, elsewhere, reasons FROM newsletters_wanted"
            " WHERE excluded = '' ORDER BY languages, discreet, mask, elsewhere, reasons"
        )
        return [Key(*row) for row in cursor.fetchall()]


def selections(drawn: Drawn) -> Iterator[tuple[Key, Selection]]:
    """Each of those with its selection."""
    for key in readers():
        yield key, selection(drawn, key)


def selection(drawn: Drawn, key: Key) -> Selection:
    """What readers of one key get."""
    order = key.languages.split()
    numbers = [int(number) for number in key.reasons.split(",") if number]
    return Selection(
        language=order[0],
        discreet=key.discreet,
        choices=_chosen(drawn, key.mask, order),
        reasons=tuple(drawn.interests[number] for number in numbers),
        elsewhere=_chosen(drawn, key.elsewhere, order),
    )


def _chosen(drawn: Drawn, mask: int, order: Sequence[str]) -> tuple[tuple[Entry, Text], ...]:
    return tuple(
        (entry, text)
        for bit, entry in enumerate(drawn.entries)
        if mask >> bit & 1 and (text := entry.text_for(order)) is not None
    )


def _interests(entries: Sequence[Entry]) -> list[str]:
    """What entries are told by, the most frequent first: few reasons make few editions."""
    carried = Counter(one for entry in entries for one in _reasons(entry))
    return ["", *sorted(carried, key=lambda one: (-carried[one], one))]


def _reasons(entry: Entry) -> frozenset[str]:
    """By which interests it is told; what only some may read says no reason either."""
    named = entry.interests - {EVERYTHING}
    return named if len(named) <= MOST_REASONS and entry.audience == PUBLIC else frozenset()


def _shown_to_the_silent(
    issue: Issue, new: list[Entry], silent: Sequence[str]
) -> tuple[list[Entry], dict[str, int]]:
    """The entries with those that silent readers are shown, and which, by languages."""
    if not silent or issue.is_notice:
        return new, {}
    recent = gather.not_over(gather.recent(issue), issue.newsletter, issue.cutoff_at)
    by_key, entries = {entry.key: entry for entry in recent}, list(new)
    places = {entry.key: place for place, entry in enumerate(entries)}
    shown = {}
    for languages in silent:
        keys = gather.newest_for(languages.split(), recent, issue.cutoff_at - gather.SILENCE)
        for key in keys:
            if key not in places and len(entries) < sources.MOST_ENTRIES:
                places[key] = len(entries)
                entries.append(by_key[key])
        if mask := sum(1 << places[key] for key in keys if key in places):
            shown[languages] = mask
    return entries, shown


def _want(
    issue: Issue,
    drawn: Drawn,
    all_languages: Sequence[str],
    shown: dict[str, int],
    silent_since: dt.datetime,
) -> None:
    numbers = {interest: number for number, interest in enumerate(drawn.interests)}
    new = drawn.entries[: drawn.new]
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
    )
    silent = [list(shown), list(shown.values())]
    params = [*columns, *noticed, *audience_params, FEW, STRAYS, *silent, silent_since]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


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
