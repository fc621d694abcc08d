"""What Celery stands on goes away and comes back; its messages are lost, tripled and shuffled."""

from __future__ import annotations

import json
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Sequence

import redis
from django.utils import timezone

from config.local import processes
from newsletters import schedule
from newsletters.models import Issue, Pulse
from tests.proof import people
from tests.proof.figures import Figure, Size
from tests.proof.judge import clean, judge
from tests.proof.sending import Stuck, is_closed, ring, send
from tests.proof.world import World

A_CALL = 25
SHARES = (0.15, 0.4, 0.65)
BELLS = ("send_due", "sweep", "deliver_batches", "resolve_doubts", "apply_reports")
PATIENCE = 90
LARGE = 10_000

TRIPLED = "every message tripled and shuffled"
TROUBLES: dict[str, Callable[[World], object]] = {
    "broker killed": World.restart_broker,
    "database killed": World.restart_database,
    "SIGTERM": World.dismiss_one,
}


def restarts(world: World, size: Size) -> Iterator[Figure]:
    """Each trouble three times in a run of its own, or where time is short all in one run."""
    if size.crowd < LARGE:
        yield _run(world, size, [*TROUBLES, TRIPLED])
        return
    for name in TROUBLES:
        yield _run(world, size, [name] * len(SHARES))
    yield _run(world, size, [TRIPLED])


def beats(world: World, size: Size) -> Iterator[Figure]:
    """A rhythm is due and two beats find it, one of which is killed: one issue, one mail."""
    newsletter, since = people.readers(size.crowd), world.calls()
    schedule.ensure_cadences(newsletter)
    newsletter.cadences.filter(frequency="weekly").update(next_at=timezone.now())
    world.employ(2)
    beating = [_beat(world, number) for number in range(2)]
    try:
        _until(lambda: Issue.objects.filter(newsletter=newsletter).first())
        processes.stop(beating[0], by=signal.SIGKILL)
        issue = Issue.objects.get(newsletter=newsletter)
        _until(lambda: is_closed(issue))
        beating[0] = _beat(world, 0)
        ticked_at = Pulse.objects.get(name="tick").at
        _until(lambda: Pulse.objects.get(name="tick").at > ticked_at)
    finally:
        for beat in beating:
            processes.stop(beat)
    issues = Issue.objects.count()
    verdict = judge(issue, world.ledger, since, size.crowd)
    yield Figure(
        "two beats, one killed",
        f"{issues} issue, {verdict}",
        "1 issue, 0 lost, 0 doubled, 0 unknown",
        issues == 1 and verdict.is_clean,
    )


def _run(world: World, size: Size, names: Sequence[str]) -> Figure:
    issue, known = people.begun(size.crowd, A_CALL), set[str]()
    waiting = list(zip(SHARES, names, strict=False))
    world.mail.turn(delay={"seconds": 0.1})

    def trouble(share: float) -> None:
        if TRIPLED in names:
            _multiply(world, known)
        if waiting and share >= waiting[0][0]:
            TROUBLES.get(waiting.pop(0)[1], lambda world: None)(world)

    verdict = send(world, issue, workers=2, meanwhile=trouble)
    return clean(", ".join(dict.fromkeys(names)), verdict)


def _multiply(world: World, known: set[str]) -> None:
    """Three of every message that waits in the broker, in any order; and all bells thrice."""
    ring(*world.chance.sample(BELLS * 3, len(BELLS) * 3))
    with redis.Redis(unix_socket_path=str(world.valkey.socket)) as broker:
        waiting = []
        for message in map(json.loads, broker.lrange("celery", 0, -1)):
            about = message["properties"]
            copies = 1 if about["delivery_tag"] in known else 3
            for _copy in range(copies):
                about["delivery_tag"] = str(uuid.uuid4())
                known.add(about["delivery_tag"])
                waiting.append(json.dumps(message))
        world.chance.shuffle(waiting)
        broker.delete("celery")
        if waiting:
            broker.rpush("celery", *waiting)


def _beat(world: World, number: int) -> subprocess.Popen[bytes]:
    schedule_file = str(world.folder / f"beat-{number}")
    return world.start_celery("beat", "--schedule", schedule_file, "--pidfile", "")


def _until(happened: Callable[[], object]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > give_up:
            raise Stuck(f"Not within {PATIENCE} s.")
        time.sleep(0.1)
