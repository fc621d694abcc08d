"""In: frozen batches. Out: calls to the mail service, each noted before it and after it.

A turn of a worker is claim → look again → Tx A → call → Tx B. The rows are the queue: a Celery
message may be lost, doubled or late and nothing that is sent changes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext

from newsletters import connections, providers
from newsletters.models import Attempt, Batch, Fragment, Issue
from newsletters.pipeline import alarms, budget, message, resolve
from newsletters.pipeline.budget import UsedUp
from newsletters.pipeline.claim import Claim, claim_batch, look_again
from newsletters.pipeline.closing import close, close_done
from newsletters.pipeline.killpoints import reached
from newsletters.pipeline.record import FREE, Result, cut, finish, unsent
from newsletters.providers import Kind, Outcome, Recipient

DATABASE_RETURNS = (0, 1, 2, 4, 8)
"""Seconds to wait before each further try to write an answer down; a restart takes a few."""
FRESH = 10
"""Seconds from claim to Tx A; later, somebody may have left since the worker looked again."""
LOOK_EVERY = 1.0
"""Seconds between two looks whether an issue is still being sent, while its calls are made."""

BEGIN = """
WITH ours AS (
    UPDATE newsletters_batch b SET state = 'submitting', tries = tries + 1,
        lease_until = statement_timestamp() + make_interval(secs => %(lease)s)
    WHERE id = %(batch)s AND owner = %(owner)s AND epoch = %(epoch)s AND state = 'claimed'
        AND lease_until > statement_timestamp()
            + make_interval(secs => greatest(0, %(lease)s - %(fresh)s))
        AND EXISTS (
            SELECT FROM newsletters_issue WHERE id = b.issue_id AND state = 'sending'
                AND not_after > statement_timestamp()
        )
        AND NOT EXISTS (
            SELECT FROM newsletters_fragment WHERE issue_id = %(made_for)s
                AND language = %(language)s AND entry = ANY(%(entries)s)
                AND withdrawn_at IS NOT NULL
        )
    RETURNING id, epoch
)
INSERT INTO newsletters_attempt
    (batch_id, epoch, account, key, body_sha256, started_at, deadline_at, outcome, answer, fates)
SELECT id, epoch, %(account)s, %(key)s, %(body)s, statement_timestamp(),
    statement_timestamp() + make_interval(secs => %(lease)s), '', '', '{}' FROM ours RETURNING id
"""


def ticks() -> float:
    """Seconds that also pass while the process or the whole machine stands still."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def take_turn(owner: str, *, until: float = math.inf) -> bool:
    """Claim one batch and bring it as far as it goes; False when nothing is waiting.

    Of several calls none begins after `until` (by `ticks`): a slow service must not outlast lease
    and task. Those people go back to the queue. Raises budget.UsedUp when the
    account's allowance is; the batch waits for the next one.
    """
    claim = claim_batch(owner)
    if claim is None:
        close_done()
        return False
    reached("P1")
    limit = providers.current().batch_limit
    if claim.batch.size > limit:
        cut(claim, limit)
    if claim.batch.is_second_call:
        resolve.look_back(claim)
    recipients = look_again(claim)
    messages = prepare(claim, recipients) if recipients else None
    last = True
    if not recipients:
        claim.held(Batch.State.CLAIMED).update(
            state=Batch.State.CANCELLED, reason="nobody is left in it", **FREE
        )
    elif messages is not None:
        lease_ends = ticks() + settings.RABITA_LEASE_SECONDS
        if attempt := begin(claim, recipients):
            reached("P2")
            results = hand_over(claim, messages, recipients, until=min(until, lease_ends))
            reached("P4")
            last = _note(claim, attempt, results)
            reached("P6")
    if last:
        close(claim.batch.issue)
    return True


def prepare(claim: Claim, recipients: Sequence[Recipient]) -> Sequence[EmailMessage] | None:
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
    batch = claim.batch
    attempt = Attempt(
        batch=batch,
        epoch=batch.epoch,
        account=providers.account(),
        key=message.key(batch),
        body_sha256=message.fingerprint(batch, recipients),
    )
    if not message.is_the_same_call(batch, attempt.body_sha256):
        claim.held(Batch.State.CLAIMED).update(
            state=Batch.State.UNKNOWN, reason="it changed after a doubtful call", **FREE
        )
        return None
    values: dict[str, Any] = {
        "made_for": batch.edition.issue_id,
        "language": batch.edition.language,
        "entries": batch.edition.selection,
        "batch": batch.pk,
        "owner": claim.owner,
        "epoch": batch.epoch,
        "lease": settings.RABITA_LEASE_SECONDS,
        "fresh": FRESH,
        "account": attempt.account,
        "key": attempt.key,
        "body": attempt.body_sha256,
    }
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(BEGIN, values)
            if row := cursor.fetchone():
                budget.take(len(recipients))
                (attempt.pk,) = row
                return attempt
    except UsedUp as used_up:
        claim.held(Batch.State.CLAIMED).update(
            state=Batch.State.QUEUED, next_at=used_up.until, reason=str(used_up), **FREE
        )
        raise
    back: dict[str, Any] = {"state": Batch.State.QUEUED}
    if _was_taken_down(batch):
        back = {
            "state": unsent(Batch.State.CANCELLED),
            "reason": gettext("a story was taken down"),
        }
    claim.held(Batch.State.CLAIMED).update(**back, **FREE)
    return None


def hand_over(
    claim: Claim,
    messages: Sequence[EmailMessage],
    recipients: Sequence[Recipient],
    *,
    until: float,
) -> list[Result]:
    """Make the calls; none begins after `until` (by `ticks`), when others may have taken over.

    While there are several, none begins once the issue is paused or stopped, a story of it was
    taken down, or the database is away: whose answers came must be written down.
    """
    if len(messages) == 1:
        outcome = connections.call(messages[0]) if ticks() <= until else connections.HELD_BACK
        return _results(recipients, outcome)
    looked, still = time.monotonic(), True

    def go_on() -> bool:
        nonlocal looked, still
        if time.monotonic() - looked > LOOK_EVERY:
            looked, still = time.monotonic(), _still_leaves(claim.batch)
        return still and ticks() <= until

    outcomes = connections.call_each(messages, go_on=go_on)
    return [
        Result((recipient.delivery_id,), outcome)
        for recipient, outcome in zip(recipients, outcomes, strict=True)
    ]


def _still_leaves(batch: Batch) -> bool:
    """Whether the next call may be made; no while nobody can say."""
    sending = Issue.objects.filter(pk=batch.issue_id, state=Issue.State.SENDING)
    try:
        return sending.exists() and not _was_taken_down(batch)
    except OperationalError:
        return False


def _note(claim: Claim, attempt: Attempt, results: Sequence[Result]) -> bool:
    """Tx B, begun again while the database is away: only this process knows the answer."""
    for seconds in DATABASE_RETURNS:
        try:
            return finish(claim, attempt, results)
        except OperationalError:
            connection.close()
            time.sleep(seconds)
    return finish(claim, attempt, results)


def _was_taken_down(batch: Batch) -> bool:
    """Also what was being handed over then and came back, or is sent again."""
    edition = batch.edition
    told = Fragment.objects.filter(issue=edition.issue_id, language=edition.language)
    return told.filter(entry__in=edition.selection).exclude(withdrawn_at=None).exists()


def _results(recipients: Sequence[Recipient], outcome: Outcome) -> list[Result]:
    """One result for all; others where the service took the call and refused some of its people."""
    out = {one.delivery_id for one in recipients if one.address in outcome.refused}
    taken = tuple(one.delivery_id for one in recipients if one.delivery_id not in out)
    no = Outcome(Kind.RECIPIENT, reason="the mail service refused the address")
    return ([Result(taken, outcome)] if taken else []) + [Result((pk,), no) for pk in sorted(out)]
