"""In: frozen batches. Out: every person of the audience in one counted state, nobody twice.

A turn of a worker is claim → look again → Tx A → call → Tx B. The rows are the queue: a Celery
message may be lost, doubled or late and nothing that is sent changes.
"""

from __future__ import annotations

import datetime as dt
import random
import uuid
from dataclasses import dataclass
from typing import Any

from anymail.message import AnymailMessage
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from newsletters import providers
from newsletters.models import Attempt, Batch, Delivery, Edition, Issue
from newsletters.pipeline import freeze, render
from newsletters.pipeline.killpoints import reached
from newsletters.providers import Kind, Outcome, Recipient

MOST_TRIES = 8
FIRST_WAIT, LONGEST_WAIT = 30, 3600  # seconds

CLAIM = """
UPDATE newsletters_batch SET state = 'claimed', owner = %s, epoch = epoch + 1,
    lease_until = statement_timestamp() + make_interval(secs => %s)
WHERE id = (
    SELECT b.id FROM newsletters_batch b JOIN newsletters_issue i ON i.id = b.issue_id
    WHERE b.state = 'queued' AND b.next_at <= statement_timestamp() AND i.state = 'sending'
        AND i.not_after > statement_timestamp()
        AND EXISTS (SELECT 1 FROM newsletters_siteinstance WHERE name = %s)
    ORDER BY b.next_at, b.id LIMIT 1 FOR UPDATE OF b SKIP LOCKED
) RETURNING id
"""

RECIPIENTS = """
SELECT d.id, s.address, sub.key, s.key, CASE
    WHEN s.id IS NULL OR p.id IS NOT NULL OR s.discreet AND NOT e.discreet THEN 'suppressed'
    WHEN sub.state IS DISTINCT FROM 'confirmed' THEN 'left' ELSE '' END
FROM newsletters_delivery d
JOIN newsletters_batch b ON b.id = d.batch_id
JOIN newsletters_edition e ON e.id = b.edition_id
LEFT JOIN newsletters_subscriber s ON s.id = d.subscriber_id
LEFT JOIN newsletters_subscription sub ON sub.subscriber_id = s.id AND sub.newsletter_id = %s
LEFT JOIN newsletters_suppression p ON p.address = s.address
WHERE d.batch_id = %s AND d.exception = '' ORDER BY d.id
"""
FREE: dict[str, Any] = {"owner": "", "lease_until": None}
"""What a batch that nobody holds has in its columns."""


@dataclass(frozen=True)
class Claim:
    """A batch held by this worker until its lease ends; an older epoch writes nothing."""

    batch: Batch
    owner: str

    def held(self, *states: str) -> QuerySet[Batch]:
        """The batch's row if it is still ours, for one conditional UPDATE."""
        return Batch.objects.filter(
            pk=self.batch.pk, owner=self.owner, epoch=self.batch.epoch, state__in=states
        )


def take_turn(owner: str) -> bool:
    """Claim one batch and bring it as far as it goes; False when nothing is waiting."""
    claim = claim_batch(owner)
    if claim is None:
        return False
    reached("P1")
    recipients = look_again(claim)
    message = prepare(claim, recipients) if recipients else None
    if not recipients:
        claim.held(Batch.State.CLAIMED).update(
            state=Batch.State.CANCELLED, reason="nobody is left in it", **FREE
        )
    elif message is not None and (attempt := begin(claim, recipients)):
        reached("P2")
        outcome = providers.hand_over(message)
        reached("P4")
        finish(claim, attempt, outcome)
        reached("P6")
    close(claim.batch.issue)
    return True


def claim_batch(owner: str) -> Claim | None:
    """Hold the next waiting batch of an issue that is being sent, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [owner, settings.RABITA_LEASE_SECONDS, settings.SITE_INSTANCE])
        row = cursor.fetchone()
    if row is None:
        return None
    batch = Batch.objects.select_related("edition", "issue__newsletter").get(pk=row[0])
    return Claim(batch, owner)


def look_again(claim: Claim) -> list[Recipient]:
    """Who of the batch may still be written to; the others become exceptions with a reason."""
    with connection.cursor() as cursor:
        cursor.execute(RECIPIENTS, [claim.batch.issue.newsletter_id, claim.batch.pk])
        rows = cursor.fetchall()
    for exception in (Delivery.Exception.SUPPRESSED, Delivery.Exception.LEFT):
        if out := [row[0] for row in rows if row[4] == exception]:
            ours = Delivery.objects.filter(
                batch__owner=claim.owner, batch__epoch=claim.batch.epoch, exception=""
            )
            ours.filter(pk__in=out).update(exception=exception)
    return [Recipient(*row[:4]) for row in rows if not row[4]]


def begin(claim: Claim, recipients: list[Recipient]) -> Attempt | None:
    """Tx A: from here on a crash leaves doubt. None when the batch is no longer ours to send."""
    now = timezone.now()
    lease = dt.timedelta(seconds=settings.RABITA_LEASE_SECONDS)
    sending = Issue.objects.filter(pk=OuterRef("issue"), state=Issue.State.SENDING)
    with transaction.atomic():
        ours = claim.held(Batch.State.CLAIMED).filter(Exists(sending))
        submitting = {"state": Batch.State.SUBMITTING, "tries": F("tries") + 1}
        if not ours.update(lease_until=Now() + lease, **submitting):
            claim.held(Batch.State.CLAIMED).update(state=Batch.State.QUEUED, **FREE)
            return None
        return Attempt.objects.create(
            batch=claim.batch,
            epoch=claim.batch.epoch,
            key=f"{claim.batch.key}",
            body_sha256=claim.batch.edition.sha256,
            started_at=now,
            deadline_at=now + lease,
        )


def prepare(claim: Claim, recipients: list[Recipient]) -> AnymailMessage | None:
    """The message, made before Tx A: what cannot be made leaves no doubt, it halts the issue."""
    try:
        return build(claim.batch, recipients)
    except ValueError as error:
        claim.held(Batch.State.CLAIMED).update(state=Batch.State.QUEUED, **FREE)
        halt(claim.batch.issue, str(error))
        return None


def build(batch: Batch, recipients: list[Recipient]) -> AnymailMessage:
    """One body for the whole batch; only opaque tokens differ from person to person."""
    provider = providers.current()
    newsletter, edition = batch.issue.newsletter, batch.edition
    mail = freeze.mail(edition)
    unsubscribe, preferences = provider.placeholder("u"), provider.placeholder("p")
    html, text = (
        body.replace(render.UNSUBSCRIBE, unsubscribe).replace(render.PREFERENCES, preferences)
        for body in (mail.html, mail.text)
    )
    message = AnymailMessage(
        subject=edition.subject,
        body=text,
        from_email=render.sender(
            newsletter=newsletter, language=edition.language, discreet=edition.discreet
        ),
        to=[recipient.address for recipient in recipients],
        reply_to=[newsletter.reply_to],
        headers=render.list_headers(
            newsletter=newsletter,
            language=edition.language,
            discreet=edition.discreet,
            unsubscribe_url=f"{settings.SITE_URL}/n/u/{unsubscribe}/",
        ),
    )
    message.attach_alternative(html, "text/html")
    message.merge_data = {
        recipient.address: {"u": recipient.unsubscribe, "p": recipient.preferences}
        for recipient in recipients
    }
    message.metadata = {"batch": str(batch.key)}
    message.merge_metadata = {
        recipient.address: {"delivery": str(recipient.delivery_id)} for recipient in recipients
    }
    message.tags = [str(batch.key)]
    return message


def finish(claim: Claim, attempt: Attempt, outcome: Outcome) -> None:
    """Tx B: what the answer means for the batch. A holder that lost it only adds to the record."""
    now = timezone.now()
    with transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(
            finished_at=now,
            outcome=outcome.kind,
            status=outcome.status,
            answer=outcome.reason[:2048],
        )
        ours = claim.held(Batch.State.SUBMITTING)
        batch, reason = claim.batch, {"reason": outcome.reason[:300], **FREE}
        if outcome.kind == Kind.ACCEPTED:
            ours.update(state=Batch.State.ACCEPTED, **FREE)
        elif outcome.kind in {Kind.NOT_SENT, Kind.QUOTA}:
            batch.refresh_from_db(fields=["tries"])
            next_at = now + _wait(batch.tries, outcome.retry_after)
            again = batch.tries < MOST_TRIES and next_at < batch.issue.not_after
            state = Batch.State.QUEUED if again else Batch.State.FAILED
            ours.update(state=state, next_at=next_at, **reason)
        elif outcome.kind == Kind.RECIPIENT:
            if ours.update(state=Batch.State.FAILED, **reason) and batch.size > 1:
                _halve(batch)
        elif outcome.kind in {Kind.ACCOUNT, Kind.CONTENT}:
            if ours.update(state=Batch.State.QUEUED, **reason):
                halt(batch.issue, outcome.reason)
        else:
            ours.update(state=Batch.State.UNCERTAIN, **reason)
        reached("P5")


def halt(issue: Issue, reason: str) -> None:
    """Stop an issue for a person to look at; nothing of it is lost."""
    Issue.objects.filter(pk=issue.pk, state=Issue.State.SENDING).update(
        state=Issue.State.HALTED, reason=reason[:300]
    )


def sweep() -> None:
    """Free what a dead worker held: before the call it goes back, during it, it is uncertain."""
    dead = Batch.objects.filter(lease_until__lt=Now())
    dead.filter(state=Batch.State.CLAIMED).update(state=Batch.State.QUEUED, **FREE)
    dead.filter(state=Batch.State.SUBMITTING).update(
        state=Batch.State.UNCERTAIN,
        reason="the worker stopped between hand-over and record",
        **FREE,
    )
    late = Batch.objects.filter(state=Batch.State.QUEUED, issue__not_after__lt=Now())
    late.exclude(issue__state=Issue.State.CANCELLED).update(
        state=Batch.State.EXPIRED, reason="not sent in time"
    )
    for issue in Issue.objects.filter(state__in=CLOSABLE, closed_at=None):
        close(issue)


CLOSABLE = (Issue.State.SENDING, Issue.State.CANCELLED)


def close(issue: Issue) -> bool:
    """Close an issue without open batches, and move its readers' `caught_up_at` in one UPDATE.

    Of a cancelled one, what still waits is cancelled, also what came back to the queue meanwhile.
    """
    open_batches = Batch.objects.filter(issue=OuterRef("pk"), state__in=Batch.OPEN)
    with transaction.atomic():
        Batch.objects.filter(
            issue=issue.pk, issue__state=Issue.State.CANCELLED, state=Batch.State.QUEUED
        ).update(state=Batch.State.CANCELLED)
        closed = (
            Issue.objects.filter(pk=issue.pk, state__in=CLOSABLE, closed_at=None)
            .exclude(Exists(open_batches))
            .update(
                state=Case(
                    When(state=Issue.State.SENDING, then=Value(Issue.State.DONE)),
                    default=F("state"),
                ),
                closed_at=Now(),
            )
        )
        if closed:
            with connection.cursor() as cursor:
                cursor.execute(CAUGHT_UP, [issue.cutoff_at, issue.newsletter_id, issue.pk])
    return bool(closed)


CAUGHT_UP = """
UPDATE newsletters_subscription sub SET caught_up_at = GREATEST(caught_up_at, %s)
FROM newsletters_delivery d JOIN newsletters_batch b ON b.id = d.batch_id
WHERE sub.newsletter_id = %s AND sub.subscriber_id = d.subscriber_id AND d.issue_id = %s
    AND (d.exception IN ('accepted', 'unknown')
        OR (d.exception = '' AND b.state IN ('accepted', 'uncertain', 'unknown')))
"""


def _halve(batch: Batch) -> None:
    """Nothing of a refused call was accepted: both halves go back to the queue as new batches."""
    # Two workers may halve batches of one edition at once: its numbers are given out one by one.
    Edition.objects.select_for_update().get(pk=batch.edition_id)
    people = list(
        Delivery.objects.filter(batch=batch, exception="")
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    middle = len(people) // 2
    for half in filter(None, (people[:middle], people[middle:])):
        last = Batch.objects.filter(edition=batch.edition).order_by("-number").first()
        part = Batch.objects.create(
            issue=batch.issue,
            edition=batch.edition,
            number=last.number + 1 if last else 0,
            size=len(half),
            key=uuid.uuid4(),
        )
        Delivery.objects.filter(pk__in=half).update(batch=part)
    Batch.objects.filter(pk=batch.pk).update(size=F("size") - len(people))


def _wait(tries: int, asked: int) -> dt.timedelta:
    """Doubling waits with jitter, never shorter than the service asked for."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** max(0, tries - 1))
    asked = min(asked, LONGEST_WAIT)
    jitter = random.uniform(longest / 2, longest)  # noqa: S311  (spreads load, guards nothing)
    return dt.timedelta(seconds=max(asked, jitter))
