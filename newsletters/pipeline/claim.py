"""In: the queue. Out: a batch that this worker holds, and who of it may still be written to."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from newsletters import providers
from newsletters.models import Batch, Delivery, Edition, Issue
from newsletters.pipeline.audience import no_longer_theirs
from newsletters.providers import Recipient

CLAIM = """
UPDATE newsletters_batch b SET state = 'claimed', owner = %s, epoch = epoch + 1,
    lease_until = statement_timestamp() + make_interval(secs => %s)
FROM newsletters_edition e
WHERE e.id = b.edition_id AND b.id = (
    SELECT b.id FROM newsletters_batch b JOIN newsletters_issue i ON i.id = b.issue_id
    WHERE b.state = 'queued' AND b.next_at <= statement_timestamp() AND i.state = 'sending'
        AND i.not_after > statement_timestamp()
        AND EXISTS (SELECT 1 FROM newsletters_siteinstance WHERE name = %s)
    ORDER BY b.next_at, b.id LIMIT 1 FOR UPDATE OF b SKIP LOCKED
) RETURNING b.*, e.issue_id AS made_for, e.language, e.discreet, e.selection, e.pieces,
    e.only_for, e.subject, e.preheader, e.sha256
"""
EDITION = {
    name: name
    for name in (
        *("language", "discreet", "selection", "pieces", "only_for"),
        *("subject", "preheader", "sha256"),
    )
} | {"issue_id": "made_for"}
"""What a call needs of its edition, which may have been made for the issue that this follows."""

RECIPIENTS = """
SELECT d.id, s.address, sub.key, s.key, CASE
    WHEN s.id IS NULL OR p.id IS NOT NULL OR h.id IS NOT NULL OR s.discreet AND NOT %s
        THEN 'suppressed'
    WHEN sub.state IS DISTINCT FROM 'confirmed' THEN 'left' ELSE '' END
FROM newsletters_delivery d
LEFT JOIN newsletters_subscriber s ON s.id = d.subscriber_id
LEFT JOIN newsletters_subscription sub ON sub.subscriber_id = s.id AND sub.newsletter_id = %s
LEFT JOIN newsletters_suppression p ON p.address = s.address
LEFT JOIN newsletters_suppression h ON h.address_hash = s.address_hash
WHERE d.batch_id = %s AND d.exception = '' ORDER BY d.id
"""
NOT_THEIRS = Delivery.Exception.NOT_THEIRS


@dataclass(frozen=True)
class Claim:
    """A batch held until its lease ends; an older epoch writes nothing."""

    batch: Batch
    owner: str

    def held(self, *states: str) -> QuerySet[Batch]:
        """The batch's row if it is still ours, for one conditional UPDATE."""
        return Batch.objects.filter(
            pk=self.batch.pk, owner=self.owner, epoch=self.batch.epoch, state__in=states
        )


def claim_batch(owner: str) -> Claim | None:
    """Hold the next waiting batch of an issue that is being sent, by the database's clock."""
    who = [owner, settings.RABITA_LEASE_SECONDS, settings.SITE_INSTANCE]
    for batch in Batch.objects.raw(CLAIM, who):
        batch.issue = _issue(batch.issue_id, int(time.monotonic()))
        fields = {name: getattr(batch, column) for name, column in EDITION.items()}
        # Of a raw row JSON comes as it is stored.
        fields["only_for"] = json.loads(fields["only_for"])
        batch.edition = Edition(pk=batch.edition_id, **fields)
        return Claim(batch, owner)
    return None


def in_doubt(batch: Batch) -> bool:
    """Whether its first call may have been taken: where only the key makes a second harmless."""
    return batch.is_second_call and providers.current().idempotent_for is not None


def look_again(claim: Claim) -> list[Recipient]:
    """Who of the batch may still be written to; the others become exceptions with a reason.

    Of the others nobody knows whether a first call in doubt reached them.
    """
    with connection.cursor() as cursor:
        batch = claim.batch
        cursor.execute(RECIPIENTS, [batch.edition.discreet, batch.issue.newsletter_id, batch.pk])
        rows = cursor.fetchall()
    waiting = Delivery.objects.filter(batch=batch, exception="")
    out = dict.fromkeys(no_longer_theirs(batch.edition.only_for, waiting), NOT_THEIRS)
    out |= {pk: exception for pk, *_reader, exception in rows if exception}
    if in_doubt(batch):
        out = dict.fromkeys(out, Delivery.Exception.UNKNOWN)
    for exception in set(out.values()):
        ours = waiting.filter(batch__owner=claim.owner, batch__epoch=batch.epoch)
        ours.filter(pk__in=[pk for pk in out if out[pk] == exception]).update(exception=exception)
    return [Recipient(*row) for *row, _exception in rows if row[0] not in out]


@lru_cache(maxsize=4)
def _issue(pk: int, _second: int) -> Issue:
    """What its batches need of an issue, its newsletter and wordings, not older than a second.

    Its state is not to be read here: the claim and Tx A ask the row.
    """
    issues = Issue.objects.select_related("newsletter").prefetch_related("newsletter__wordings")
    return issues.get(pk=pk)
