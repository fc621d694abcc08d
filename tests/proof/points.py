"""At each point of a turn a worker dies, or stands still and wakes up; or its clock is off."""

from __future__ import annotations

import datetime as dt
import os
import signal
import time
from collections.abc import Iterator

import time_machine
from django.test import override_settings
from django.utils import timezone

from newsletters.models import Batch
from newsletters.pipeline import deliver
from tests.proof import forks, people
from tests.proof.figures import Figure, Size
from tests.proof.judge import batches_in_order, clean, judge
from tests.proof.world import World

A_CALL = 3
OFF = dt.timedelta(hours=5)
MOST_ASLEEP = 48
"""Each keeps a connection to the database."""


def killed(world: World, size: Size) -> Iterator[Figure]:
    """Each batch loses its first worker; then a healthy one comes."""
    batches, since = len(forks.POINTS) * size.times, world.calls()
    issue = people.in_batches(batches, A_CALL)
    for number in range(batches):
        forks.die_at(forks.POINTS[number % 6], number // 6)
    forks.run(lambda: forks.recover(issue))
    verdict = judge(issue, world.ledger, since, batches * A_CALL)
    right = batches_in_order(issue)
    yield Figure(
        f"P1–P6 × {size.times}",
        f"{right:,} of {batches:,}: {verdict}",
        f"{batches:,} of {batches:,}",
        right == batches and verdict.is_clean,
    )


def stopped(world: World, size: Size) -> Iterator[Figure]:
    """Workers stand still beyond their lease, others finish their work, then the first wake up."""
    times = min(size.times, MOST_ASLEEP // len(forks.POINTS))
    batches, since = len(forks.POINTS) * times, world.calls()
    issue = people.in_batches(batches, A_CALL)
    asleep: list[int] = []
    try:
        with override_settings(RABITA_LEASE_SECONDS=3):
            for number in range(batches):
                asleep.append(_stopped_at(forks.POINTS[number % 6]))
        while Batch.objects.filter(lease_until__gt=timezone.now()).exists():
            time.sleep(0.1)
        # At P5 they stand still inside a transaction, which holds the row.
        forks.run(lambda: forks.recover(issue, dead=False, but=times))
        for pid in asleep:
            os.kill(pid, signal.SIGCONT)
        while asleep:
            forks.ended(asleep.pop())
    finally:
        for pid in asleep:
            os.kill(pid, signal.SIGKILL)
    forks.run(lambda: forks.recover(issue))
    verdict = judge(issue, world.ledger, since, batches * A_CALL)
    yield clean(f"SIGSTOP beyond the lease, SIGCONT: {batches} workers", verdict)


def clocks(world: World, size: Size) -> Iterator[Figure]:
    """A machine whose clock is hours fast or slow sends, dies and recovers.

    While the service's record lags behind, a look would find nothing: it must come too early
    for nobody's clock.
    """
    for words, off in (("fast", OFF), ("slow", -OFF)):
        batches, since = max(4, size.times // 10), world.calls()
        issue = people.in_batches(batches, A_CALL)
        with time_machine.travel(dt.datetime.now(dt.UTC) + off):
            for number in range(batches // 2):
                forks.die_at("P4", number)
            people.hurry(dead=True)
            world.mail.turn(lag={"seconds": 600})
            forks.run(forks.one_round)
            world.mail.normal()
            forks.run(lambda issue=issue: forks.recover(issue))
        verdict = judge(issue, world.ledger, since, batches * A_CALL)
        yield clean(f"a worker's clock 5 hours {words}", verdict)


def _stopped_at(point: str) -> int:
    """A child that stands still at this point of its turn; its process id."""

    def halting() -> None:
        forks.arm(point, 0, signal.SIGSTOP)
        deliver.take_turn("stopped")

    pid = forks.forked(halting)
    if not os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1]):
        raise forks.Failed(f"A child ended instead of stopping at {point}.")
    return pid
