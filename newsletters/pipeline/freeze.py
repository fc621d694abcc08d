"""In: an approved issue. Out: its editions, batches and deliveries, drawn up once, in one go.

Runs between rendering and delivering. A crash rolls everything back to `approved`; a second
call finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from newsletters import providers, publishing
from newsletters.models import Issue, Newsletter, SiteInstance, Subscriber
from newsletters.pipeline import (
    audience,
    compile,
    editions,
    fit,
    follow,
    owed,
    preflight,
    sealing,
    written,
)
from newsletters.sources import Entry

logger = structlog.get_logger(__name__)

NOTHING_PUBLISHED = "nothing_published"
NOTHING_MATCHED = "nothing_matched"
IN_NO_LANGUAGE = "in_no_language"
NOTHING_FITTED = "nothing_fitted"
NOBODY_RECEIVES = "nobody_receives"
NOT_ALL = "not_all"
"""Codes of what an editor should know of an issue; `reports.reason` has their sentences."""

ROOM = "SET LOCAL work_mem = '64MB'"
"""For sorting a million rows in memory; PostgreSQL's 4 MB make it half as slow again."""
NUMBERED = """
DROP TABLE IF EXISTS pg_temp.newsletters_numbered;
CREATE TEMPORARY TABLE newsletters_numbered ON COMMIT DROP AS
SELECT w.subscriber_id, c.edition_id, {plain} AS plain_text, c.first_number
    + (row_number() OVER (PARTITION BY c.edition_id, {plain} ORDER BY w.subscriber_id) - 1)
    / {limit} + CASE WHEN {plain} THEN 1000000 ELSE 0 END AS number
FROM newsletters_wanted w
JOIN newsletters_chosen c USING (languages, discreet, mask, elsewhere, reasons) {join}
WHERE w.excluded = ''
"""
PLAIN = {
    "plain": "p.id IS NOT NULL",
    "join": "LEFT JOIN newsletters_subscriber p ON p.id = w.subscriber_id AND p.plain_text",
}
"""Those who want the text alone have batches of their own, with numbers far behind the others."""
DESIGNED = {"plain": "false", "join": ""}
"""Where nobody does, nobody is asked: that costs a third more."""
BATCHES = """
INSERT INTO newsletters_batch
    (issue_id, edition_id, number, size, state, reason, owner, epoch, tries, looks,
     is_second_call, plain_text, next_at, key)
SELECT %s, edition_id, number, count(*), 'queued', '', '', 0, 0, 0, false, plain_text, now(),
    gen_random_uuid()
FROM newsletters_numbered GROUP BY edition_id, number, plain_text ORDER BY edition_id, number
"""
# Not ordered: `numbered` stands in the batches' order already, and sorting costs a quarter more.
DELIVERIES = """
INSERT INTO newsletters_delivery (issue_id, batch_id, subscriber_id, exception, reason)
SELECT %s, b.id, n.subscriber_id, '', ''
FROM newsletters_numbered n JOIN newsletters_batch b USING (edition_id, number)
"""
NOTHING_NEW = f"""
UPDATE newsletters_subscription sub SET caught_up_at = %(cutoff)s, owed = {owed.THEN}
FROM newsletters_wanted w
WHERE sub.id = w.subscription_id AND w.excluded IN ('nothing_new', 'not_in_their_language')
    AND sub.caught_up_at < %(cutoff)s
"""  # noqa: S608  (nothing of it comes from anybody)
"""Also for who cannot read what is new: a later translation has a later time of its own."""


def may_send() -> bool:
    """Whether this database belongs to this deployment; a restored or cloned one keeps silent."""
    return SiteInstance.objects.filter(name=settings.SITE_INSTANCE).exists()


def freeze(issue_id: int) -> Issue | None:
    """Draw up the list of an approved issue; None when it is not approved (any more).

    Safe to run again and beside itself. Raises nothing for an empty audience: the issue closes
    and says why.
    """
    if not may_send():
        return None
    # Before the transaction: publishers wait for nothing that this one holds.
    publishing.wait_for_publishers()
    with transaction.atomic():
        approved = Issue.objects.to_draw_up(timezone.now()).filter(pk=issue_id)
        if not approved.update(state=Issue.State.FREEZING):
            return None
        # Every edition asks for the newsletter's words.
        issues = Issue.objects.select_related("newsletter")
        issue = issues.prefetch_related("newsletter__wordings").get(pk=issue_id)
        with connection.cursor() as cursor:
            cursor.execute(ROOM)
            entries = _draw_up(issue)
            preflight.look(issue)
            if issue.why not in audience.SAME_MAIL:
                fit.look(issue, entries)
            forms = PLAIN if Subscriber.objects.filter(plain_text=True).exists() else DESIGNED
            limit = int(providers.current().batch_limit)
            cursor.execute(NUMBERED.format(limit=limit, **forms))
            cursor.execute(BATCHES, [issue.pk])
            cursor.execute(DELIVERIES, [issue.pk])
            issue.audience = cursor.rowcount
            if _tells_all_that_is_new(issue):
                cursor.execute(NOTHING_NEW, {"cutoff": issue.cutoff_at, **owed.of(issue)})
            cursor.execute("SELECT excluded, count(*) FROM newsletters_wanted GROUP BY 1")
            counts = dict(cursor.fetchall())
        if counts.pop("", 0) != issue.audience:
            raise RuntimeError(f"Issue {issue.pk}: chosen readers and deliveries differ.")
        issue.excluded, issue.frozen_at = counts, timezone.now()
        if issue.audience:
            issue.state = Issue.State.SENDING
            issue.reason = NOT_ALL if issue.told_from else ""
        else:
            issue.state, issue.closed_at = Issue.State.DONE, timezone.now()
            issue.reason = why_nothing(entries, counts)
        issue.save(
            update_fields=[
                *("audience", "excluded", "told_from", "owed_until", "frozen_at"),
                *("state", "closed_at", "reason"),
            ]
        )
    return issue


def freeze_or_halt(issue_id: int) -> Issue | None:
    """Freeze; whatever content or set-up makes impossible stops this issue alone, and says so."""
    try:
        return freeze(issue_id)
    except (OperationalError, SoftTimeLimitExceeded):
        raise  # the database or the worker goes away: the next tick tries again
    except preflight.Refused as refused:
        _halt(issue_id, f"{preflight.MERGES}|{refused}")
    except sealing.NotAsApproved as why:
        _halt(issue_id, str(why))
    except fit.Unfit as unfit:
        _halt(issue_id, f"{fit.UNFIT}|{unfit}")
    except Exception as error:
        logger.exception("An issue could not be drawn up", issue=issue_id)
        _halt(issue_id, f"{type(error).__name__}: {error}")
    return None


def why_nothing(entries: Sequence[Entry], excluded: dict[str, int]) -> str:
    """The code of the sentence that an editor reads when a mailing went to nobody."""
    untold = excluded.keys() & {audience.NOTHING_NEW, audience.NOT_IN_THEIR_LANGUAGE}
    if not untold:
        return NOBODY_RECEIVES
    if not entries:
        return NOTHING_PUBLISHED
    if len(untold) == 2:
        return NOTHING_FITTED
    return NOTHING_MATCHED if audience.NOTHING_NEW in untold else IN_NO_LANGUAGE


def _halt(issue_id: int, reason: str) -> None:
    Issue.objects.filter(pk=issue_id, state=Issue.State.APPROVED).update(
        state=Issue.State.HALTED, reason=reason[:300]
    )


def _tells_all_that_is_new(issue: Issue) -> bool:
    """Whether a reader left out of it has missed nothing up to its cutoff."""
    return issue.kind == Newsletter.Kind.DIGEST and not issue.follows_id and not issue.is_notice


def _draw_up(issue: Issue) -> Sequence[Entry]:
    """Settle who gets which edition, and make those; what stands in it of a digest."""
    if issue.why in audience.SAME_MAIL:
        follow.draw_up(issue)
        return ()
    if issue.seal:
        sealing.draw_up(issue)
        return ()
    if issue.kind == Newsletter.Kind.WRITTEN:
        manuscripts = written.draw_up(issue)
        preflight.read(manuscripts)
        editions.make_written(issue, manuscripts)
        return ()
    drawn = compile.draw_up(issue)
    editions.make(issue, drawn)
    return drawn.entries[: drawn.new]
