"""Real workers send an issue to its end while something is done to them."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import redis
from celery.exceptions import OperationalError as Deaf
from django.db import OperationalError, connection

from config.celery import app
from config.local.steps import tail
from newsletters import tallies
from newsletters.models import Issue
from tests.proof import people
from tests.proof.figures import say
from tests.proof.judge import Verdict, judge
from tests.proof.world import World

PATIENCE = 150
"""Seconds without any progress after which a run is given up."""


class Stuck(Exception):
    """Nothing moves any more; the message has the worker's last words."""


def send(
    world: World, issue: Issue, *, workers: int, meanwhile: Callable[[float], None]
) -> Verdict:
    """Ring until the issue is closed, calling `meanwhile` with the share that is done."""
    since, share, moved, moved_at = world.calls(), -1.0, (-1.0, 0), time.monotonic()
    rung_at = said_at = 0.0
    while not is_closed(issue):
        now, before = time.monotonic(), moved
        world.employ(workers)
        with suppress(OperationalError):  # while the database is away
            share = done(issue)
            moved = share, Issue.objects.values_list("caught_up_to", flat=True).get(pk=issue.pk)
            people.hurry()
        if now - rung_at > 1:
            rung_at = now
            ring("sweep")
        if moved > before:
            moved_at = now
        elif now - moved_at > PATIENCE:
            raise Stuck(f"Nothing moves at {share:.0%}.\n{tail(world.log('worker'), 30)}")
        if now - said_at > 10:
            said_at = now
            say(f"  {share:.0%} of {issue.audience:,}")
        meanwhile(share)
        time.sleep(0.1)
    return judge(issue, world.ledger, since, issue.audience)


def done(issue: Issue) -> float:
    """The share of the audience about whom nothing is left to do; the sum must close meanwhile."""
    tally = tallies.tally(issue)
    if not tally.closes:
        raise Stuck(f"The sum does not close: {tally}")
    return (tally.settled - tally.uncertain) / max(1, tally.audience)


def is_closed(issue: Issue) -> bool:
    with suppress(OperationalError):
        return Issue.objects.filter(pk=issue.pk).exclude(closed_at=None).exists()
    connection.close()
    return False


def ring(*tasks: str) -> None:
    """Bells as beat rings them; a broker that is away loses them."""
    for task in tasks:
        with suppress(Deaf, redis.RedisError, OSError):
            app.send_task(f"newsletters.tasks.{task}")
