"""Where each mail is a call of its own: what becomes of the others when one goes wrong or is slow.

A real mail server; a connection at a time, so that the mails come in order.
"""

from __future__ import annotations

import datetime as dt
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from newsletters import connections, issues, tallies, tasks
from newsletters.models import Attempt, Batch, Delivery, Issue
from newsletters.pipeline import deliver, freeze, resolve
from newsletters.providers import PROVIDERS
from tests.factories.newsletters import (
    LONG_AGO,
    IssueFactory,
    SubscriberFactory,
    SubscriptionFactory,
    own_this_database,
)
from tests.newsletters import services
from tests.newsletters.fake_source import publish
from tests.newsletters.test_interleavings import _nobody
from tests.newsletters.test_smtp import DROP, GOOD, Server

pytestmark = pytest.mark.django_db(transaction=True)

READERS = 5
SLOW = 0.15


class Listening(Server):
    """Tells what it got to a function that says what it answers, for each recipient and mail."""

    def __init__(self) -> None:
        self.says: Callable[[int, str], str | None] = lambda number, step: None
        super().__init__()

    def reply(self, caller: socket.socket, step: str) -> bool:
        self.script = GOOD | {"EHLO": "250 mail.example.org"}
        number = len(self.mails) - (step == "dot")
        if (words := self.says(number, step)) is not None:
            self.script |= {step: words}
        return super().reply(caller, step)


@pytest.fixture
def server(settings: Any, monkeypatch: Any) -> Iterator[Listening]:
    services.choose("smtp", settings, monkeypatch)
    here = Listening()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", here.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    settings.RABITA_CONNECTIONS = 1
    yield here
    for kept in connections._open.values():
        kept.end()
    connections._open.clear()
    here.over.set()
    here.listener.shutdown(socket.SHUT_RDWR)
    here.listener.close()
    here.thread.join(5)


@pytest.fixture
def frozen(server: Listening) -> Issue:
    """Five readers in one batch."""
    own_this_database()
    issue = IssueFactory()
    publish("kenya", at=issue.cutoff_at - dt.timedelta(hours=1))
    for number in range(READERS):
        reader = SubscriberFactory(address=f"reader-{number}@example.org")
        SubscriptionFactory(newsletter=issue.newsletter, subscriber=reader)
    freeze.freeze(issue.pk)
    assert Batch.objects.get().size == READERS
    return issue


def parts(issue: Issue) -> dict[str, int]:
    issue.refresh_from_db()
    tally = tallies.tally(issue)
    assert tally.closes
    return {name: count for name, count in tally.parts.items() if count}


def got(server: Server) -> list[str]:
    """Whom the mails say that they are for."""
    lines = [line for mail in server.mails for line in mail.decode().splitlines()]
    return [line.removeprefix("To: ") for line in lines if line.startswith("To: ")]


def test_a_crash_leaves_a_handful_in_doubt_at_most() -> None:
    one_by_one = [provider for provider in PROVIDERS.values() if not provider.merges]

    assert {provider.name for provider in one_by_one} >= {"smtp", "postmark", "amazon_ses"}
    assert max(provider.batch_limit for provider in one_by_one) <= 20


def test_the_attempt_is_on_record_before_the_first_byte_leaves(
    server: Listening, frozen: Issue
) -> None:
    """Seen from another connection: a call within a transaction would leave no trace of a crash."""
    seen: list[object] = []

    def says(number: int, step: str) -> None:
        if step == "banner":
            seen.extend(Batch.objects.values_list("state", flat=True))
            seen.extend(Attempt.objects.values_list("outcome", "finished_at"))
            connection.close()

    server.says = says
    deliver.take_turn("w")

    assert seen == ["submitting", ("", None)]


def test_the_others_of_a_handful_leave_when_one_is_refused_or_in_doubt(
    server: Listening, frozen: Issue
) -> None:
    """Django's `send_messages` with all five would have stopped at the first of these."""
    server.says = lambda number, step: {
        (1, "dot"): "550 5.1.1 no such user",
        (2, "dot"): DROP,
    }.get((number, step))

    deliver.take_turn("w")

    assert len(server.mails) == READERS
    assert parts(frozen) == {"accepted": 3, "failed": 1, "uncertain": 1}
    failed = Delivery.objects.exclude(exception="").get()
    assert (failed.exception, failed.reason) == ("failed", "5.1.1 no such user")
    assert len(set(got(server))) == READERS


def test_fates_that_were_noted_too_late_count_one_by_one(server: Listening, frozen: Issue) -> None:
    """The lease ends during the calls; what each came to stands in the attempt alone."""

    def says(number: int, step: str) -> str | None:
        if (number, step) == (2, "dot"):
            Batch.objects.update(lease_until=LONG_AGO)
            resolve.sweep()
            connection.close()
        return {(1, "dot"): "550 5.1.1 no such user", (3, "dot"): DROP}.get((number, step))

    server.says = says
    deliver.take_turn("slow")
    assert parts(frozen) == {"uncertain": READERS}

    Batch.objects.update(next_at=LONG_AGO)
    assert resolve.resolve_next("resolver")

    assert parts(frozen) == {"accepted": 3, "failed": 1, "uncertain": 1}
    assert len(server.mails) == READERS


def test_a_pause_is_heard_between_the_calls_of_a_handful(
    server: Listening, frozen: Issue, monkeypatch: Any
) -> None:
    assert deliver.LOOK_EVERY <= 2
    monkeypatch.setattr(deliver, "LOOK_EVERY", 0)

    def says(number: int, step: str) -> None:
        if (number, step) == (1, "dot"):
            assert issues.pause(frozen, by=_nobody())
            connection.close()

    server.says = says
    deliver.take_turn("w")
    assert len(server.mails) == 2
    assert parts(frozen) == {"accepted": 2, "queued": 3}

    server.says = lambda number, step: None
    issues.resume(frozen, by=_nobody())
    while deliver.take_turn("w"):
        pass

    assert sorted(got(server)) == [f"reader-{number}@example.org" for number in range(READERS)]


def test_what_is_taken_down_meanwhile_is_heard_between_the_calls_of_a_handful(
    server: Listening, frozen: Issue, monkeypatch: Any
) -> None:
    monkeypatch.setattr(deliver, "LOOK_EVERY", 0)

    def says(number: int, step: str) -> None:
        if (number, step) == (1, "dot"):
            issues.withdraw("kenya", ["en"])
            connection.close()

    server.says = says
    while deliver.take_turn("w"):
        pass

    assert len(server.mails) == 2
    assert parts(frozen) == {"accepted": 2, "cancelled": 3}
    assert frozen.state == Issue.State.DONE


def test_a_database_that_goes_away_between_the_calls_costs_no_answer(
    server: Listening, frozen: Issue, monkeypatch: Any
) -> None:
    monkeypatch.setattr(deliver, "LOOK_EVERY", 0)
    pids = [connection.cursor().connection.info.backend_pid]

    def says(number: int, step: str) -> None:
        if (number, step) == (1, "dot"):
            connection.cursor().execute("SELECT pg_terminate_backend(%s)", pids)
            connection.close()

    server.says = says
    deliver.take_turn("w")

    assert len(server.mails) == 2
    assert parts(frozen) == {"accepted": 2, "queued": 3}


def test_a_slow_server_s_calls_end_with_the_turn(
    server: Listening, frozen: Issue, monkeypatch: Any
) -> None:
    """Twenty calls of half a minute each would outlast lease and task: the rest goes back."""
    monkeypatch.setattr(tasks, "TURNS_LAST", 2 * SLOW)
    rung: list[str] = []
    monkeypatch.setattr(tasks.deliver_batches, "delay", lambda: rung.append("deliver"))

    def says(number: int, step: str) -> None:
        if step == "dot":
            server.over.wait(SLOW)

    server.says = says
    tasks.deliver_batches()
    first = len(server.mails)
    assert 1 <= first < READERS
    assert parts(frozen) == {"accepted": first, "queued": READERS - first}
    assert set(Batch.objects.values_list("tries", flat=True)) == {0, 1}
    assert rung == ["deliver"]

    while deliver.take_turn("w"):
        pass
    assert sorted(got(server)) == [f"reader-{number}@example.org" for number in range(READERS)]


def test_what_is_over_time_makes_no_call_at_all(server: Listening, frozen: Issue) -> None:
    assert deliver.take_turn("w", until=time.monotonic() - 1)

    assert server.mails == []
    assert parts(frozen) == {"queued": READERS}
    assert Attempt.objects.get().outcome == "held_back"
