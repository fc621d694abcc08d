"""Thin edges to Celery. Every task may run twice, late or never: the rows say what is to do."""

from __future__ import annotations

import socket
import time
import uuid

from celery import shared_task
from django.utils import timezone

from newsletters import letters, schedule
from newsletters.models import Batch, Issue, Pulse, Subscription
from newsletters.pipeline import deliver, freeze

TURNS_LAST = 45
"""Seconds after which a worker lets others have a turn and rings again."""
MOST_BELLS = 4


@shared_task
def send_due() -> None:
    """The tick: open what is due, draw up what is approved, ring for what waits."""
    _beat("tick")
    schedule.open_due()
    for issue_id in Issue.objects.filter(state=Issue.State.APPROVED).values_list("pk", flat=True):
        freeze.freeze(issue_id)
    ring_for_waiting()


@shared_task
def sweep() -> None:
    """Free dead leases, then ring for everything that waits without a claim."""
    _beat("sweep")
    deliver.sweep()
    ring_for_waiting()


@shared_task
def deliver_batches() -> None:
    """Take turns until nothing waits or the time for one task is over."""
    owner = f"{socket.gethostname()}:{uuid.uuid4().hex[:8]}"
    end = time.monotonic() + TURNS_LAST
    while deliver.take_turn(owner):
        if time.monotonic() > end:
            deliver_batches.delay()
            return


@shared_task
def send_letter(letter_id: int) -> None:
    """One transactional mail."""
    letters.hand_over(letter_id)


@shared_task
def forget_unconfirmed() -> None:
    """Delete what nobody confirmed within seven days."""
    Subscription.objects.forget_unconfirmed(timezone.now())


def ring_for_waiting() -> None:
    """A bell for each letter, and a few for batches, whatever their number."""
    for letter_id in letters.due():
        send_letter.delay(letter_id)
    waiting = Batch.objects.filter(
        state=Batch.State.QUEUED, next_at__lte=timezone.now(), issue__state=Issue.State.SENDING
    )[:MOST_BELLS]
    for _batch in waiting.values_list("pk"):
        deliver_batches.delay()


def _beat(name: str) -> None:
    Pulse.objects.update_or_create(name=name, defaults={"at": timezone.now()})
