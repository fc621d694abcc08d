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
from django.db.models import Min, QuerySet

from newsletters import sources
from newsletters.models import Issue
from newsletters.pipeline.audience import considered, permitted
from newsletters.sources import Entry, Text

FAR_DEADLINE = dt.date.max

SELECT_READERS = """
CREATE TEMPORARY TABLE newsletters_wanted ON COMMIT DROP AS
WITH considered AS ({considered}),
told AS (
    SELECT * FROM unnest(%s::text[], %s::text[], %s::int[], %s::timestamptz[], %s::text[])
    AS t(languages, interest, bit, mailable_at, audience)
),
wanted AS (
    SELECT c.id, bit_or(1::bigint << t.bit) AS mask
    FROM considered c
    JOIN told t ON t.languages = array_to_string(c.languages, ' ')
        AND t.interest = ANY (c.interests)
        AND t.mailable_at > c.caught_up_at
    WHERE c.excluded = '' AND (t.audience = 'public'{audiences})
    GROUP BY c.id
)
SELECT c.id AS subscription_id, c.subscriber_id, array_to_string(c.languages, ' ') AS languages,
    c.discreet, COALESCE(w.mask, 0) AS mask,
    CASE WHEN c.excluded <> '' THEN c.excluded WHEN w.mask IS NULL THEN 'nothing_new' ELSE '' END
        AS excluded
FROM considered c LEFT JOIN wanted w USING (id)
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


def new_entries(issue: Issue) -> list[Entry]:
    """What became mailable since the reader longest behind was told, up to the issue's cutoff.

    Texts that go live after the cutoff are left for the next issue.
    """
    sources.wait_for_publishers()
    since = considered(issue).order_by().aggregate(since=Min("caught_up_at"))["since"]
    if since is None:
        return []
    entries = [
        replace(entry, texts=texts)
        for entry in sources.content().entries(since, issue.cutoff_at)
        if (texts := tuple(t for t in entry.texts if t.mailable_at <= issue.cutoff_at))
    ]
    return sorted(entries, key=_reading_order)[: sources.MOST_ENTRIES]


def select_readers(issue: Issue, entries: Sequence[Entry]) -> None:
    """Settle in one statement who gets which entries; call inside a transaction.

    The rows stand in `newsletters_wanted` until it ends: everyone considered, with the reason
    of those left out, so that candidates = chosen + excluded holds by construction.
    """
    told = [
        (languages, interest, bit, at, entry.audience)
        for languages in _language_lists(issue)
        for bit, entry in enumerate(entries)
        if (at := _mailable_at(entry, languages.split())) is not None
        for interest in entry.interests | {sources.EVERYTHING}
    ]
    considered_sql, params = considered(issue).order_by().query.sql_with_params()
    audiences, audience_params = _audience_sql(entries)
    columns: list[Any] = [list(column) for column in zip(*told, strict=True)] or [[]] * 5
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.newsletters_wanted")
        cursor.execute(
            SELECT_READERS.format(considered=considered_sql, audiences=audiences),
            [*params, *columns, *audience_params],
        )


def selections(entries: Sequence[Entry]) -> Iterator[tuple[str, bool, int, Selection]]:
    """The distinct (languages, discreet, mask) of chosen readers, each with its selection."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT languages, discreet, mask FROM newsletters_wanted"
            " WHERE excluded = '' ORDER BY languages, discreet, mask"
        )
        rows = cursor.fetchall()
    for languages, discreet, mask in rows:
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


def _language_lists(issue: Issue) -> list[str]:
    reached: QuerySet[Any, Any] = considered(issue)
    rows = reached.filter(excluded="").order_by().values_list("languages", flat=True).distinct()
    return sorted({" ".join(languages) for languages in rows})


def _mailable_at(entry: Entry, languages: list[str]) -> dt.datetime | None:
    """When the entry first existed in a language of this reader, or None."""
    return min(
        (text.mailable_at for text in entry.texts if text.language in languages), default=None
    )


def _audience_sql(entries: Sequence[Entry]) -> tuple[str, list[Any]]:
    sql, params = "", list[Any]()
    for audience in sorted({entry.audience for entry in entries} - {sources.PUBLIC}):
        readers, reader_params = permitted(audience)
        sql += f" OR (t.audience = %s AND c.subscriber_id IN ({readers}))"
        params += [audience, *reader_params]
    return sql, params
