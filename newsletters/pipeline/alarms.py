"""In: an answer of the mail service. Out: nothing, or an issue that stopped for a person to look.

An account that is refused stops it at once; content and answers that fail, when they fail too
often. A stop is one conditional UPDATE with a reason that an editor can read.
"""

from __future__ import annotations

from django.db import connection
from django.db.models.functions import Coalesce

from newsletters.models import Attempt, Issue
from newsletters.providers import Kind, Outcome

ACCOUNT, CONTENT, SILENCE = "account", "content", "silence"
WITHDRAWN, COMPLAINTS = "withdrawn", "complaints"
"""Codes of why it stopped; `reports.reason` has their sentences. The service's words follow."""

FIRST_PEOPLE, MOST_AMONG_FIRST = 20, 3
MOST_PERCENT = 1
"""Content: so many refused among the first, or so many per cent with as many people."""
IN_A_ROW, LAST_CALLS, WORST_PERCENT = 10, 100, 20
"""Calls without an answer or certainly not sent: so many in a row, or more of the last."""

REFUSED_FOR_CONTENT = """
SELECT coalesce(sum(CASE WHEN a.fates = '{}' THEN b.size
        ELSE (SELECT count(*) FROM jsonb_each_text(a.fates) f WHERE f.value = 'content') END), 0)
FROM newsletters_attempt a JOIN newsletters_batch b ON b.id = a.batch_id
WHERE b.issue_id = %s AND a.finished_at >= %s
    AND (a.fates = '{}' AND a.outcome = 'content' AND b.state = 'failed'
        OR a.fates @@ '$.* == "content"')
"""
SETTLED = """
SELECT coalesce(sum(size), 0) FROM newsletters_batch
WHERE issue_id = %s AND state NOT IN ('queued', 'claimed', 'submitting')
"""


def look(issue: Issue, outcome: Outcome) -> None:
    """Stop the issue if this answer, with those before it, says that going on is no use."""
    code = ""
    if outcome.kind == Kind.ACCOUNT:
        code = ACCOUNT
    elif outcome.kind == Kind.CONTENT and _content_fails(issue):
        code = CONTENT
    elif outcome.kind in {Kind.NOT_SENT, Kind.AMBIGUOUS} and _service_fails(issue):
        code = SILENCE
    if code:
        Issue.objects.filter(pk=issue.pk).halt(f"{code}|{outcome.reason}")


def _content_fails(issue: Issue) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(REFUSED_FOR_CONTENT, [issue.pk, issue.resumed_at or issue.created_at])
        (refused,) = cursor.fetchone()
        cursor.execute(SETTLED, [issue.pk])
        (settled,) = cursor.fetchone()
    early = settled <= FIRST_PEOPLE
    return refused >= MOST_AMONG_FIRST and (
        early or refused * 100 >= MOST_PERCENT * max(1, issue.audience)
    )


def _service_fails(issue: Issue) -> bool:
    """What a person has let go on after begins with a clean sheet."""
    latest = (
        Attempt.objects.filter(batch__issue=issue.pk)
        .exclude(finished_at=None)
        .filter(finished_at__gt=Coalesce("batch__issue__resumed_at", "batch__issue__created_at"))
        .order_by("-finished_at")
        .values_list("outcome", flat=True)[:LAST_CALLS]
    )
    failed = [outcome in {Kind.NOT_SENT, Kind.AMBIGUOUS} for outcome in latest]
    in_a_row = len(failed) >= IN_A_ROW and all(failed[:IN_A_ROW])
    return in_a_row or (
        len(failed) == LAST_CALLS and sum(failed) * 100 > WORST_PERCENT * LAST_CALLS
    )
