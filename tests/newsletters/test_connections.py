"""Calls to a mail service: kept open, several in flight, none without an end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from anymail.message import AnymailMessage

from newsletters import connections
from newsletters.providers import Kind

TAKEN = b'{"id": "<1@x>", "message": "Queued. Thank you."}'
OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(TAKEN), TAKEN)
WRONG_KEY = b"HTTP/1.1 401 Who\r\nContent-Length: 2\r\n\r\n{}"


class Service:
    """Answers each call on each connection by a function of the call's number."""

    def __init__(self, server: socket.socket, answer: Callable[[int], bytes]) -> None:
        self.server, self.answer = server, answer
        self.connections, self.calls, self.flying, self.most_flying = 0, 0, 0, 0
        self.lock = threading.Lock()
        self.gate: threading.Barrier | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _address = self.server.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with caller, suppress(OSError):
            while head := caller.recv(65536):
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                got = len(head.partition(b"\r\n\r\n")[2])
                while got < length:
                    got += len(caller.recv(65536))
                with self.lock:
                    self.calls += 1
                    number = self.calls
                    self.flying += 1
                    self.most_flying = max(self.most_flying, self.flying)
                if self.gate:
                    self.gate.wait(5)
                answer = self.answer(number)
                with self.lock:
                    self.flying -= 1
                if answer == b"drip":
                    for byte in OK:
                        caller.sendall(bytes([byte]))
                        time.sleep(0.05)
                else:
                    caller.sendall(answer)


@pytest.fixture
def service(settings: Any) -> Iterator[Callable[[Callable[[int], bytes]], Service]]:
    settings.EMAIL_BACKEND = "newsletters.mailgun.EmailBackend"
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_API_URL": f"http://127.0.0.1:{port}/v3"}
        yield lambda answer: Service(server, answer)
        connections._open.clear()


def mails(count: int) -> list[AnymailMessage]:
    return [
        AnymailMessage("subject", "text", "a@news.example.org", [f"reader-{number}@example.org"])
        for number in range(count)
    ]


def test_calls_one_after_the_other_share_a_connection(service: Any) -> None:
    running = service(lambda _number: OK)

    outcomes = [connections.call(mail) for mail in mails(5)]

    assert {outcome.kind for outcome in outcomes} == {Kind.ACCEPTED}
    assert (running.calls, running.connections) == (5, 1)


def test_several_single_calls_are_in_flight(service: Any, settings: Any) -> None:
    running = service(lambda _number: OK)
    running.gate = threading.Barrier(4)

    outcomes = connections.call_each(mails(8))

    assert [outcome.kind for outcome in outcomes] == [Kind.ACCEPTED] * 8
    assert (running.most_flying, running.connections) == (4, 4)


def test_an_answer_that_drips_is_given_up_in_time(service: Any, settings: Any) -> None:
    settings.RABITA_CALL_SECONDS = 0.3
    service(lambda number: b"drip" if number == 1 else OK)
    (mail, next_mail) = mails(2)

    begun = time.monotonic()
    late = connections.call(mail)

    assert time.monotonic() - begun < 1.5
    assert (late.kind, "within 0.3 seconds" in late.reason) == (Kind.AMBIGUOUS, True)
    assert connections.call(next_mail).kind == Kind.ACCEPTED


def test_an_answer_after_its_time_disturbs_no_later_call(service: Any, settings: Any) -> None:
    """The first call's answer comes while the last one of the same mailing is under way."""
    settings.RABITA_CONNECTIONS, settings.RABITA_CALL_SECONDS = 1, 0.3
    given_up, answered = threading.Event(), threading.Event()

    def answer(number: int) -> bytes:
        if number == 1:
            given_up.wait(5)
        elif number == 2:
            given_up.set()
            answered.wait(0.2)
        return OK

    service(answer)

    outcomes = connections.call_each(mails(3))

    kinds = [outcome.kind for outcome in outcomes]
    assert kinds == [Kind.AMBIGUOUS, Kind.ACCEPTED, Kind.ACCEPTED]
    settings.RABITA_CONNECTIONS = 2  # and the connection that was given up is not among them
    assert {outcome.kind for outcome in connections.call_each(mails(2))} == {Kind.ACCEPTED}


def test_after_a_refused_account_no_further_call_is_made(service: Any, settings: Any) -> None:
    settings.RABITA_CONNECTIONS = 1
    running = service(lambda number: WRONG_KEY if number == 3 else OK)

    outcomes = connections.call_each(mails(10))

    kinds = [outcome.kind for outcome in outcomes]
    assert kinds == [Kind.ACCEPTED] * 2 + [Kind.ACCOUNT] + [Kind.HELD_BACK] * 7
    assert running.calls == 3


def test_no_call_begins_once_it_may_not_go_on(service: Any, settings: Any) -> None:
    settings.RABITA_CONNECTIONS = 1
    running = service(lambda _number: OK)

    outcomes = connections.call_each(mails(10), go_on=lambda: running.calls < 4)

    assert [outcome.kind for outcome in outcomes].count(Kind.HELD_BACK) == 6
    assert running.calls == 4


def test_a_connection_the_service_hung_up_is_opened_anew(service: Any, monkeypatch: Any) -> None:
    running = service(lambda _number: OK)
    first, second = mails(2)
    connections.call(first)
    monkeypatch.setattr(connections, "IDLE", -1.0)

    assert connections.call(second).kind == Kind.ACCEPTED
    assert running.connections == 2


def test_a_call_that_is_sent_elsewhere_is_not_made_there(service: Any) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /v3/there\r\nContent-Length: 0\r\n\r\n"
    running = service(lambda number: moved if number == 1 else OK)
    (mail,) = mails(1)

    assert connections.call(mail).kind == Kind.AMBIGUOUS
    assert running.calls == 1
