"""Thin edges to Celery. Every task may run twice, late or never: the rows say what is to do."""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Callable

from celery import shared_task
from django.utils import timezone

from newsletters import announcements, letters, notices, plans, schedule
from newsletters.models import Batch, Frequency, Issue, Pulse, ReaderTable, Report, Subscription
from newsletters.pipeline import budget, deliver, freeze, resolve, track

TURNS_LAST = 20
"""Seconds after which a worker lets others have a turn and rings again."""
PATIENCE = 5
"""Seconds that a worker waits for the account's next allowance; longer waits are the sweep's."""
MOST_BELLS = 4


@shared_task
def send_due() -> None:
    """The tick: open what is due, draw up what is approved, ring for what waits."""
    _beat("tick")
    plans.open_due()
    _open(schedule.open_due)
    ring_for_waiting()
    _open(notices.open_due)
    ring_for_waiting()
    announcements.post_due()


@shared_task
def sweep() -> None:
    """Free dead leases, then ring for everything that waits without a claim."""
    _beat("sweep")
    resolve.sweep()
    ring_for_waiting()
    if resolve.doubtful():
        resolve_doubts.delay()


@shared_task
def deliver_batches() -> None:
    """Take turns until nothing waits or the time for one task is over."""
    owner, end = _owner(), deliver.ticks() + TURNS_LAST
    try:
        while deliver.take_turn(owner, until=end):
            if deliver.ticks() > end:
                deliver_batches.delay()
                return
    except budget.UsedUp as used_up:
        if used_up.seconds <= PATIENCE:
            # A rate for each second: waiting here is nearer to it than a bell would be.
            time.sleep(max(0, used_up.seconds))
            deliver_batches.delay()
        return
    if schedule.due(timezone.now()):
        # What just closed may have been what the next rhythm waited for.
        send_due.delay()


@shared_task
def resolve_doubts() -> None:
    """Look into doubtful batches, one after the other, until none is due."""
    owner, end = _owner(), time.monotonic() + TURNS_LAST
    while resolve.resolve_next(owner) and time.monotonic() < end:
        pass
    ring_for_waiting()


@shared_task
def apply_reports() -> None:
    """What the mail service reported, until nothing waits or the time for one task is over."""
    end = time.monotonic() + TURNS_LAST
    while track.apply_reports():
        if time.monotonic() > end:
            apply_reports.delay()
            return


@shared_task
def send_letter(letter_id: int) -> None:
    """One transactional mail."""
    letters.hand_over(letter_id)


@shared_task
def forget_unconfirmed() -> None:
    """Delete what nobody confirmed within seven days, reports that count no more, old tables."""
    Subscription.objects.forget_unconfirmed(timezone.now())
    track.forget_reports(timezone.now())
    ReaderTable.objects.filter(expires_at__lte=timezone.now()).delete()


def ring_for_waiting() -> None:
    """A bell for each letter, one for reports, and a few for batches, whatever their number."""
    for letter_id in letters.due():
        send_letter.delay(letter_id)
    if Report.objects.filter(applied_at=None).exists():
        apply_reports.delay()
    waiting = Batch.objects.filter(
        state=Batch.State.QUEUED, next_at__lte=timezone.now(), issue__state=Issue.State.SENDING
    )[:MOST_BELLS]
    for _batch in waiting.values_list("pk"):
        deliver_batches.delay()


def _open(what_is_due: Callable[[], list[Issue]]) -> None:
    for _rhythm in Frequency:
        what_is_due()
        approved = Issue.objects.to_draw_up(timezone.now()).values_list("pk", flat=True)
        frozen = [freeze.freeze_or_halt(issue_id) for issue_id in approved]
        # One digest of a newsletter at a time: an empty one makes room for the next at once.
        if not any(issue and issue.state == Issue.State.DONE for issue in frozen):
            break


def _owner() -> str:
    return f"{socket.gethostname()}:{uuid.uuid4().hex[:8]}"


def _beat(name: str) -> None:
    Pulse.objects.update_or_create(name=name, defaults={"at": timezone.now()})
