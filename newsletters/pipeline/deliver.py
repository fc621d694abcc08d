"""In: frozen batches. Out: calls to the mail service, each noted before it and after it.

A turn of a worker is claim → look again → Tx A → call → Tx B. The rows are the queue: a Celery
message may be lost, doubled or late and nothing that is sent changes.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from hashlib import sha256

from anymail.message import AnymailMessage
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext

from newsletters import connections, providers
from newsletters.models import Attempt, Batch, Delivery, Fragment, Issue, Newsletter
from newsletters.pipeline import alarms, budget, message, resolve
from newsletters.pipeline.budget import UsedUp
from newsletters.pipeline.killpoints import reached
from newsletters.pipeline.record import FREE, Claim, Result, close, cut, finish, unsent
from newsletters.providers import Kind, Outcome, Recipient

LOOK_EVERY = 1.0
"""Seconds between two looks whether an issue is still being sent, while its calls are made."""
CALLS_BEGIN_WITHIN = 20
"""Seconds after which no call of a handful begins: the lease and the task outlast the last one."""

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


def take_turn(owner: str) -> bool:
    """Claim one batch and bring it as far as it goes; False when nothing is waiting.

    Raises budget.UsedUp when the account's allowance is; the batch waits for the next one.
    """
    claim = claim_batch(owner)
    if claim is None:
        return False
    reached("P1")
    limit = providers.current().batch_limit
    if claim.batch.size > limit:
        cut(claim, limit)
    if claim.batch.is_second_call:
        resolve.look_back(claim)
    recipients = look_again(claim)
    messages = prepare(claim, recipients) if recipients else None
    if not recipients:
        claim.held(Batch.State.CLAIMED).update(
            state=Batch.State.CANCELLED, reason="nobody is left in it", **FREE
        )
    elif messages is not None and (attempt := begin(claim, recipients)):
        reached("P2")
        results = hand_over(claim, messages, recipients)
        reached("P4")
        finish(claim, attempt, results)
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


def prepare(claim: Claim, recipients: Sequence[Recipient]) -> list[AnymailMessage] | None:
    """The messages, made before Tx A: what cannot be made leaves no doubt, it halts the issue."""
    try:
        return message.build(claim.batch, recipients)
    except ValueError as error:
        claim.held(Batch.State.CLAIMED).update(state=Batch.State.QUEUED, **FREE)
        Issue.objects.filter(pk=claim.batch.issue_id).halt(f"{alarms.CONTENT}|{error}")
        return None


def begin(claim: Claim, recipients: Sequence[Recipient]) -> Attempt | None:
    """Tx A: from here on a crash leaves doubt. None when the batch is no longer ours to send.

    Raises UsedUp: the batch waits, no attempt is made.
    """
    now = timezone.now()
    lease = dt.timedelta(seconds=settings.RABITA_LEASE_SECONDS)
    sending = Issue.objects.filter(pk=OuterRef("issue"), state=Issue.State.SENDING)
    sending = sending.filter(not_after__gt=Now())
    ours = claim.held(Batch.State.CLAIMED)
    body = fingerprint(claim.batch, recipients)
    if not _is_the_same_call(claim.batch, body):
        ours.update(state=Batch.State.UNKNOWN, reason="it changed after a doubtful call", **FREE)
        return None
    if _was_taken_down(claim.batch):
        ours.update(
            state=unsent(Batch.State.CANCELLED), reason=gettext("a story was taken down"), **FREE
        )
        return None
    try:
        with transaction.atomic():
            submitting = {"state": Batch.State.SUBMITTING, "tries": F("tries") + 1}
            in_time = ours.filter(Exists(sending), lease_until__gt=Now())
            if in_time.update(lease_until=Now() + lease, **submitting):
                budget.take(len(recipients))
                return Attempt.objects.create(
                    batch=claim.batch,
                    epoch=claim.batch.epoch,
                    key=message.key(claim.batch),
                    body_sha256=body,
                    started_at=now,
                    deadline_at=now + lease,
                )
    except UsedUp as used_up:
        ours.update(state=Batch.State.QUEUED, next_at=used_up.until, reason=str(used_up), **FREE)
        raise
    ours.update(state=Batch.State.QUEUED, **FREE)
    return None


def hand_over(
    claim: Claim, messages: Sequence[AnymailMessage], recipients: Sequence[Recipient]
) -> list[Result]:
    """Make the calls. While there are several, none begins once the issue is paused or stopped.

    A worker that slept past its lease makes none: others may have sent it by now.
    """
    begun = time.monotonic()
    if not claim.held(Batch.State.SUBMITTING).filter(lease_until__gt=Now()).exists():
        return _results(recipients, connections.HELD_BACK)
    if len(messages) == 1:
        return _results(recipients, connections.call(messages[0]))
    sending = Issue.objects.filter(pk=claim.batch.issue_id, state=Issue.State.SENDING)
    looked, still = time.monotonic(), True

    def go_on() -> bool:
        nonlocal looked, still
        if time.monotonic() - begun > CALLS_BEGIN_WITHIN:
            return False
        if time.monotonic() - looked > LOOK_EVERY:
            looked, still = time.monotonic(), sending.exists()
        return still

    outcomes = connections.call_each(messages, go_on=go_on)
    return [
        Result((recipient.delivery_id,), outcome)
        for recipient, outcome in zip(recipients, outcomes, strict=True)
    ]


def fingerprint(batch: Batch, recipients: Sequence[Recipient]) -> str:
    """Of everything that leaves: the same one means the same bytes to the same people."""
    whole = sha256(batch.edition.sha256.encode())
    for recipient in recipients:
        whole.update(f"\n{recipient.delivery_id} {recipient.address}".encode())
    return whole.hexdigest()


def _was_taken_down(batch: Batch) -> bool:
    """Also what was being handed over then and came back, or is sent again."""
    edition = batch.edition
    if batch.issue.kind != Newsletter.Kind.DIGEST:
        return False
    told = Fragment.objects.filter(issue=edition.issue_id, language=edition.language)
    return told.filter(entry__in=edition.selection).exclude(withdrawn_at=None).exists()


def _is_the_same_call(batch: Batch, body: str) -> bool:
    """A key makes a second call harmless only while it lives and says what the first one said.

    Where everyone has a call and a key of their own, the service itself compares what they say.
    """
    provider = providers.current()
    if not (batch.is_second_call and provider.idempotent_for):
        return True
    calls = Attempt.objects.filter(batch=batch)
    too_old = timezone.now() - provider.idempotent_for
    if calls.filter(key=message.key(batch), started_at__lte=too_old).exists():
        return False
    return not provider.merges or not calls.exclude(body_sha256=body).exists()


def _results(recipients: Sequence[Recipient], outcome: Outcome) -> list[Result]:
    """One result for all; two where the service took the call and refused some of its people."""
    out = [one.delivery_id for one in recipients if one.address in outcome.refused]
    taken = tuple(one.delivery_id for one in recipients if one.address not in outcome.refused)
    no = Outcome(Kind.RECIPIENT, reason="the mail service refused the address")
    return ([Result(taken, outcome)] if taken else []) + [Result((pk,), no) for pk in out]
