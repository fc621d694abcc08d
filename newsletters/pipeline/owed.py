"""In: an issue that had no room for everything. Out: the windows its readers are still owed.

`caught_up_at` says up to when a reader was told everything, but for what became mailable within
`owed`. An issue tells all that came after its `told_from`, and of what is owed all that came up to
its `owed_until`.
"""

from __future__ import annotations

from typing import Any

from newsletters.models import Issue

THEN = """CASE WHEN sub.owed IS NULL AND %(told_from)s::timestamptz IS NULL THEN NULL ELSE NULLIF(
        COALESCE(sub.owed, '{}') - tstzmultirange(tstzrange(
            NULL, COALESCE(%(owed_until)s::timestamptz, '-infinity'), '(]'))
        + CASE WHEN sub.caught_up_at < %(told_from)s::timestamptz THEN tstzmultirange(tstzrange(
            sub.caught_up_at, %(told_from)s::timestamptz, '(]')) ELSE '{}' END,
        '{}') END"""
"""What a reader of the issue is owed after it; `sub` is the subscription as it was before."""


def of(issue: Issue) -> dict[str, Any]:
    """The parameters of THEN."""
    return {"told_from": issue.told_from, "owed_until": issue.owed_until}
