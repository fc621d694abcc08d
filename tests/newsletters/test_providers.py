"""What answers mean: each row of the table, from real answers over real HTTP where it can be."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from anymail.message import AnymailMessage

from newsletters import answers, providers
from newsletters.providers import Kind


@pytest.fixture
def answer(settings: Any) -> Iterator[Callable[[bytes | None], None]]:
    """A server that gives one raw answer to one call; None hangs up without a word."""
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        settings.ANYMAIL = settings.ANYMAIL | {
            "MAILGUN_API_URL": f"http://127.0.0.1:{port}/v3",
            "REQUESTS_TIMEOUT": (2, 0.3),
        }
        threads: list[threading.Thread] = []

        def serve(raw: bytes | None) -> None:
            caller, _address = server.accept()
            with caller:
                caller.recv(65536)
                if raw is not None:
                    caller.sendall(raw)
                    if b"Content-Length: 999" in raw:
                        caller.recv(1)

        def prepare(raw: bytes | None) -> None:
            threads.append(threading.Thread(target=serve, args=(raw,)))
            threads[-1].start()

        yield prepare
        for thread in threads:
            thread.join(5)


def http(status: str, body: str = "{}", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def call() -> providers.Outcome:
    return providers.hand_over(
        AnymailMessage("subject", "text", "a@news.example.org", ["amina@example.org"])
    )


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (http("200 OK", '{"id": "<1@x>", "message": "Queued. Thank you."}'), Kind.ACCEPTED),
        (http("400 Bad", '{"message": "\'to\' parameter is not a valid address"}'), Kind.RECIPIENT),
        (http("400 Bad", '{"message": "from parameter is missing"}'), Kind.CONTENT),
        (
            http("400 Bad", '{"message": "\'from\' parameter is not a valid address"}'),
            Kind.CONTENT,
        ),
        (http("413 Too large"), Kind.CONTENT),
        (http("429 Slow down"), Kind.NOT_SENT),
        (http("503 Busy"), Kind.NOT_SENT),
        (http("401 Who"), Kind.ACCOUNT),
        (http("402 Pay"), Kind.ACCOUNT),
        (http("403 No"), Kind.ACCOUNT),
        (http("404 Domain not found"), Kind.ACCOUNT),
        (http("500 Oh"), Kind.AMBIGUOUS),
        (http("502 Oh"), Kind.AMBIGUOUS),
        (http("504 Oh"), Kind.AMBIGUOUS),
        (http("200 OK", "not json"), Kind.AMBIGUOUS),
        (http("200 OK", "[]"), Kind.AMBIGUOUS),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{", Kind.AMBIGUOUS),
        (None, Kind.AMBIGUOUS),
    ],
)
def test_an_answer_means(answer: Any, raw: bytes | None, expected: Kind) -> None:
    answer(raw)

    assert call().kind == expected


def test_refused_and_unresolved_never_left(settings: Any) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_API_URL": "http://127.0.0.1:9/v3"}

    assert call().kind == Kind.NOT_SENT


def test_retry_after_is_heard(answer: Any) -> None:
    answer(http("429 Slow down", "{}", "Retry-After: 77"))

    assert call().retry_after == 77


def test_an_answer_is_kept_without_addresses(answer: Any) -> None:
    answer(http("400 Bad", '{"message": "amina.k@example.org is not a valid address"}'))

    outcome = call()

    assert "amina" not in outcome.reason
    assert "…@example.org is not a valid address" in outcome.reason


def test_an_unknown_error_is_ambiguous() -> None:
    assert answers.classify(KeyError("x"), providers.current()).kind == Kind.AMBIGUOUS


def test_a_bad_sender_is_not_the_readers_fault(settings: Any) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    message = AnymailMessage("subject", "text", "not an address", ["amina@example.org"])
    to_nobody = AnymailMessage("subject", "text", "a@news.example.org", ["not an address"])

    assert providers.hand_over(message).kind == Kind.CONTENT
    assert providers.hand_over(to_nobody).kind == Kind.RECIPIENT


def test_an_encoded_address_is_blacked_out_too(answer: Any) -> None:
    answer(http("500 Oh", "email=amina%40example.org"))

    assert "amina" not in call().reason


def test_an_endless_retry_after_is_heard_for_an_hour() -> None:
    from newsletters.pipeline import deliver

    assert deliver._wait(1, 10**12).total_seconds() == deliver.LONGEST_WAIT
