"""In: messages. Out: what became of each call. Connections stay open, and every call ends in time.

A worker process keeps a few connections to the mail service, each with a thread of its own: so
several single calls are in flight, and none outlasts its wall limit, however slowly the service
drips its answer. Nothing here touches the database.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue

from anymail.exceptions import AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from newsletters import answers, providers
from newsletters.providers import Kind, Outcome

IDLE = 10.0
"""Seconds after which an unused connection is opened anew: the service may have hung up."""
LAST = frozenset({Kind.ACCOUNT, Kind.QUOTA, Kind.NOT_SENT})
"""After such an answer the other calls of a batch would get the same one."""
HELD_BACK = Outcome(Kind.HELD_BACK)


class Connection:
    """One connection, kept open, and the thread that waits for its answers."""

    def __init__(self) -> None:
        self._backend: BaseEmailBackend | None = None
        self._jobs: SimpleQueue[tuple[EmailMessage, Answers] | None] = SimpleQueue()
        self.used_at = time.monotonic()
        threading.Thread(target=self._serve, name="mail", daemon=True).start()

    def call(self, message: EmailMessage, answers: Answers) -> None:
        """Begin the call; there is always an answer, and never an error."""
        self._jobs.put((message, answers))

    def end(self) -> None:
        """No further call. One that is under way runs out by itself and is not waited for."""
        self._jobs.put(None)

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            message, answers = job
            outcome = self._send(message)
            self.used_at = time.monotonic()
            answers.put((self, outcome))
        self._close()

    def _send(self, message: EmailMessage) -> Outcome:
        try:
            if time.monotonic() - self.used_at > IDLE:
                self._close()
            self._backend = self._backend or get_connection()
            self._backend.open()
            if session := getattr(self._backend, "session", None):
                session.max_redirects = 0  # requests would ask there with GET, keys and all
            sent = self._backend.send_messages([message])
        except Exception as error:  # every failure of a call is classified, none escapes
            if not isinstance(error, AnymailRecipientsRefused):
                self._close()
            return answers.classify(error, providers.current())
        if not sent:
            return Outcome(Kind.CONTENT, reason="The mail has no recipient.")
        return answers.read(message, providers.current())

    def _close(self) -> None:
        with suppress(Exception):
            if self._backend is not None:
                self._backend.close()
        self._backend = None


Answers = SimpleQueue[tuple[Connection, Outcome]]


class Connections:
    """The open connections of one process to one account."""

    def __init__(self) -> None:
        self._idle: list[Connection] = []

    def take(self) -> Connection:
        return self._idle.pop() if self._idle else Connection()

    def give_back(self, connection: Connection) -> None:
        self._idle.append(connection)

    def end(self) -> None:
        while self._idle:
            self._idle.pop().end()


def call(message: EmailMessage) -> Outcome:
    """One call. Raises nothing that the service caused."""
    return call_each([message])[0]


def call_each(
    messages: Sequence[EmailMessage], *, go_on: Callable[[], bool] = lambda: True
) -> list[Outcome]:
    """A call for each message, several in flight; what became of each, in the same order.

    No call begins once `go_on` has said no or an answer was one of LAST: those are HELD_BACK.
    """
    outcomes = [HELD_BACK] * len(messages)
    connections, waiting = _connections(), list(enumerate(messages))[::-1]
    flying: dict[Connection, tuple[int, float]] = {}
    answered: Answers = SimpleQueue()
    while waiting or flying:
        while waiting and len(flying) < settings.RABITA_CONNECTIONS:
            if not go_on():
                waiting.clear()
                break
            place, message = waiting.pop()
            connection = connections.take()
            flying[connection] = place, time.monotonic() + settings.RABITA_CALL_SECONDS
            connection.call(message, answered)
        if not flying:
            break
        patience = min(deadline for _place, deadline in flying.values()) - time.monotonic()
        try:
            connection, outcome = answered.get(timeout=max(0, patience))
        except Empty:
            for connection in [c for c, (_p, end) in flying.items() if end <= time.monotonic()]:
                place, _deadline = flying.pop(connection)
                late = f"no whole answer within {settings.RABITA_CALL_SECONDS} seconds"
                outcomes[place] = Outcome(Kind.AMBIGUOUS, reason=late)
                connection.end()
            continue
        if connection not in flying:
            continue  # too late
        place, _deadline = flying.pop(connection)
        outcomes[place] = outcome
        connections.give_back(connection)
        if outcome.kind in LAST:
            waiting.clear()
    return outcomes


_open: dict[tuple[object, ...], Connections] = {}


def _connections() -> Connections:
    """Those of this process and these settings; a child never uses its parent's."""
    account = (os.getpid(), settings.EMAIL_BACKEND, repr(settings.ANYMAIL), settings.EMAIL_HOST,
               settings.EMAIL_PORT)  # fmt: skip
    if account not in _open:
        for others in list(_open):
            if others[0] == account[0]:
                _open.pop(others).end()
            else:
                _open.pop(others)
        _open[account] = Connections()
    return _open[account]
