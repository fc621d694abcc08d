"""In: an approved issue. Out: its editions, batches and deliveries, drawn up once, in one go.

Runs between rendering and delivering. A crash rolls everything back to `approved`; a second
call finds nothing to do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from newsletters import providers, sources
from newsletters.models import Edition, Fragment, Issue, SiteInstance
from newsletters.pipeline import audience, compile, render
from newsletters.pipeline.compile import Selection
from newsletters.pipeline.render import Rendered
from newsletters.sources import PUBLIC, Entry, Text

logger = structlog.get_logger(__name__)

NOTHING_PUBLISHED = "nothing_published"
NOTHING_MATCHED = "nothing_matched"
IN_NO_LANGUAGE = "in_no_language"
NOTHING_FITTED = "nothing_fitted"
NOBODY_RECEIVES = "nobody_receives"
ONLY_NEWEST = "only_newest"
"""Codes of what an editor should know of an issue; `reports.reason` has their sentences."""

CHOSEN = """
DROP TABLE IF EXISTS pg_temp.newsletters_chosen;
CREATE TEMPORARY TABLE newsletters_chosen (
    languages text, discreet boolean, mask bigint, edition_id bigint
) ON COMMIT DROP
"""
NUMBERED = """
DROP TABLE IF EXISTS pg_temp.newsletters_numbered;
CREATE TEMPORARY TABLE newsletters_numbered ON COMMIT DROP AS
SELECT w.subscriber_id, c.edition_id,
    (row_number() OVER (PARTITION BY c.edition_id ORDER BY w.subscriber_id) - 1) / {limit} AS number
FROM newsletters_wanted w JOIN newsletters_chosen c USING (languages, discreet, mask)
WHERE w.excluded = ''
"""
BATCHES = """
INSERT INTO newsletters_batch
    (issue_id, edition_id, number, size, state, reason, owner, epoch, tries, next_at, key)
SELECT %s, edition_id, number, count(*), 'queued', '', '', 0, 0, now(), gen_random_uuid()
FROM newsletters_numbered GROUP BY edition_id, number ORDER BY edition_id, number
"""
DELIVERIES = """
INSERT INTO newsletters_delivery (issue_id, batch_id, subscriber_id, exception, reason)
SELECT %s, b.id, n.subscriber_id, '', ''
FROM newsletters_numbered n JOIN newsletters_batch b USING (edition_id, number)
ORDER BY b.id, n.subscriber_id
"""
NOTHING_NEW = """
UPDATE newsletters_subscription s SET caught_up_at = %s FROM newsletters_wanted w
WHERE s.id = w.subscription_id AND w.excluded IN ('nothing_new', 'not_in_their_language')
    AND s.caught_up_at < %s
"""
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
    sources.wait_for_publishers()
    with transaction.atomic():
        approved = Issue.objects.filter(pk=issue_id, state=Issue.State.APPROVED)
        if not approved.update(state=Issue.State.FREEZING):
            return None
        issue = Issue.objects.select_related("newsletter").get(pk=issue_id)
        entries = compile.draw_up(issue)
        with connection.cursor() as cursor:
            cursor.execute(CHOSEN)
            make_editions(issue, entries)
            cursor.execute(NUMBERED.format(limit=int(providers.current().batch_limit)))
            cursor.execute(BATCHES, [issue.pk])
            cursor.execute(DELIVERIES, [issue.pk])
            issue.audience = cursor.rowcount
            cursor.execute(NOTHING_NEW, [issue.cutoff_at, issue.cutoff_at])
            cursor.execute("SELECT excluded, count(*) FROM newsletters_wanted GROUP BY 1")
            counts = dict(cursor.fetchall())
        if counts.pop("", 0) != issue.audience:
            raise RuntimeError(f"Issue {issue.pk}: chosen readers and deliveries differ.")
        issue.excluded, issue.frozen_at = counts, timezone.now()
        if issue.audience:
            issue.state = Issue.State.SENDING
            issue.reason = ONLY_NEWEST if len(entries) == sources.MOST_ENTRIES else ""
        else:
            issue.state, issue.closed_at = Issue.State.DONE, timezone.now()
            issue.reason = why_nothing(entries, counts)
        issue.save(
            update_fields=["audience", "excluded", "frozen_at", "state", "closed_at", "reason"]
        )
    return issue


def freeze_or_halt(issue_id: int) -> Issue | None:
    """Freeze; whatever content or set-up makes impossible stops this issue alone, and says so."""
    try:
        return freeze(issue_id)
    except (OperationalError, SoftTimeLimitExceeded):
        raise  # the database or the worker goes away: the next tick tries again
    except Exception as error:
        logger.exception("An issue could not be drawn up", issue=issue_id)
        Issue.objects.filter(pk=issue_id, state=Issue.State.APPROVED).update(
            state=Issue.State.HALTED, reason=f"{type(error).__name__}: {error}"[:300]
        )
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


def make_editions(issue: Issue, entries: Sequence[Entry]) -> None:
    """One edition for each distinct selection, and which readers' masks lead to it."""
    made: dict[tuple[object, ...], int] = {}
    digests: dict[tuple[object, ...], str] = {}
    rows = []
    for languages, discreet, mask, selection in compile.selections(entries):
        identity = (selection.language, discreet, *selection.names)
        if identity not in made:
            shas = [_frame(issue, selection, digests)]
            shas += [_fragment(issue, selection, choice, digests) for choice in selection.choices]
            made[identity] = _edition(issue, selection, shas).pk
        rows.append((languages, discreet, mask, made[identity]))
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO newsletters_chosen VALUES (%s, %s, %s, %s)", rows)


def mail(edition: Edition) -> Rendered:
    """What every reader of the edition gets, tokens still to be put in: concatenation only."""
    pieces = _pieces(edition.issue_id, edition.language, edition.discreet)
    return render.compose(
        frame=pieces[""],
        fragments=[pieces[name] for name in edition.selection],
        preheader=edition.preheader,
    )


@lru_cache(maxsize=16)
def _pieces(issue_id: int, language: str, discreet: bool) -> dict[str, Rendered]:
    """Frame and cards of an issue in one language. They are frozen, so a worker may keep them."""
    rows = Fragment.objects.filter(
        Q(entry="", discreet=discreet) | ~Q(entry=""), issue=issue_id, language=language
    ).values_list("entry", "html", "text")
    return {entry: Rendered(html=html, text=text) for entry, html, text in rows}


def _frame(issue: Issue, selection: Selection, made: dict[tuple[object, ...], str]) -> str:
    key = (selection.language, selection.discreet, "")
    if key not in made:
        address = (
            f"{settings.SITE_URL}/{selection.language}"
            f"/newsletters/{issue.newsletter.slug}/{issue.key}/"
        )
        rendered = render.frame(
            newsletter=issue.newsletter,
            language=selection.language,
            discreet=selection.discreet,
            archive_url=address,
        )
        made[key] = _store(issue, selection, "", rendered, discreet=selection.discreet)
    return made[key]


def _fragment(
    issue: Issue,
    selection: Selection,
    choice: tuple[Entry, Text],
    made: dict[tuple[object, ...], str],
) -> str:
    entry, text = choice
    name = f"{entry.key}@{text.language}"
    key = (selection.language, name)
    if key not in made:
        rendered = render.fragment(entry=entry, text=text, language=selection.language)
        made[key] = _store(
            issue,
            selection,
            name,
            rendered,
            is_public=entry.audience == PUBLIC,
            title=text.title[:300],
            url=text.url[:500],
        )
    return made[key]


def _store(
    issue: Issue, selection: Selection, entry: str, rendered: Rendered, **facts: object
) -> str:
    sha256 = _digest([rendered.html, rendered.text])
    Fragment.objects.create(
        issue=issue,
        language=selection.language,
        entry=entry,
        html=rendered.html,
        text=rendered.text,
        sha256=sha256,
        **facts,
    )
    return sha256


def _edition(issue: Issue, selection: Selection, shas: Iterable[str]) -> Edition:
    words: dict[str, Any] = {
        "newsletter": issue.newsletter,
        "texts": [text for _entry, text in selection.choices],
        "language": selection.language,
        "discreet": selection.discreet,
    }
    subject, preheader = render.subject(**words), render.preheader(**words)
    return Edition.objects.create(
        issue=issue,
        language=selection.language,
        discreet=selection.discreet,
        selection=selection.names,
        subject=subject,
        preheader=preheader,
        sha256=_digest([selection.language, subject, preheader, *shas]),
    )


def _digest(pieces: Iterable[str]) -> str:
    """SHA-256 over the pieces with their lengths, so that no two divisions look alike."""
    whole = hashlib.sha256()
    for piece in pieces:
        encoded = piece.encode()
        whole.update(b"%d:" % len(encoded))
        whole.update(encoded)
    return whole.hexdigest()
