"""In: what editors wrote, and the editions made of it. Out: nothing, or why it cannot leave.

A mail service fills in what stands between its marks, and would do so in an editor's words. What
is rendered holds no such mark; this is where that is proved before a list stands. An editor who
wrote one in a mailing's subject or text meant it to be filled in: that mailing waits for a mend.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import connection

from newsletters import providers
from newsletters.models import Issue
from newsletters.pipeline import headers
from newsletters.sources import Written

MERGES = "merges"
"""Code of the sentence in `reports.reason`; the words that cannot leave follow."""
SHOWN = 80

EDITIONS = """
SELECT DISTINCT e.language, e.discreet, e.issue_id
FROM newsletters_edition e JOIN newsletters_chosen c ON c.edition_id = e.id
"""
FROZEN = """
SELECT w.words FROM (
    SELECT e.subject FROM newsletters_edition e JOIN newsletters_chosen c ON c.edition_id = e.id
    UNION ALL
    SELECT e.preheader FROM newsletters_edition e JOIN newsletters_chosen c ON c.edition_id = e.id
    UNION ALL
    SELECT f.text FROM newsletters_fragment f WHERE f.issue_id = ANY (%(issues)s)
    UNION ALL
    SELECT f.html FROM newsletters_fragment f WHERE f.issue_id = ANY (%(issues)s)
) w (words) JOIN unnest(%(openers)s::text[]) o (opener) ON strpos(lower(w.words), o.opener) > 0
LIMIT 1
"""


class Refused(Exception):
    """The mail service would fill in these words, so they cannot leave."""


def read(manuscripts: Iterable[Written]) -> None:
    """What editors wrote for a mailing, as they wrote it. Raises Refused."""
    for manuscript in manuscripts:
        _refuse(manuscript.said)


def look(issue: Issue) -> None:
    """All that readers of the chosen editions would get; inside the transaction that draws up.

    Raises Refused.
    """
    openers = list(providers.current().openers)
    if not openers:
        return
    newsletter = issue.newsletter
    with connection.cursor() as cursor:
        cursor.execute(EDITIONS)
        editions = cursor.fetchall()
        issues = list({issue_id for _language, _discreet, issue_id in editions})
        cursor.execute(FROZEN, {"issues": issues, "openers": openers})
        for (words,) in cursor.fetchall():
            _refuse(words.splitlines())
    for language, discreet, _issue in editions:
        named = {"newsletter": newsletter, "language": language, "discreet": discreet}
        of_list = headers.list_headers(**named, unsubscribe_url=settings.SITE_URL)
        _refuse([headers.sender(**named), newsletter.reply_to, *of_list.values()])


def _refuse(lines: Sequence[str]) -> None:
    openers = providers.current().openers
    for line in lines:
        for opener in openers:
            place = line.lower().find(opener)
            if place >= 0:
                start = max(0, place - SHOWN // 2)
                raise Refused(line[start : start + SHOWN].strip())
