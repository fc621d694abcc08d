"""No line of any log holds an address or a token."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

from config.logs import LineFormatter


def line(*args: object, error: BaseException | None = None) -> str:
    record = logging.LogRecord(
        "django.request",
        logging.ERROR,
        "file.py",
        1,
        str(args[0]),
        args[1:],
        (type(error), error, None) if error else None,
    )
    return LineFormatter().format(record)


@pytest.mark.parametrize(
    "said",
    [
        "Not Found: /n/p/abcDEF-123_456789012345/",
        "Not Found: /n/u/abcDEF-123_456789012345/",
        "GET /en/accounts/password/reset/key/7-abcdefghijk/",
        "GET /en/members/abcDEF-123_456789012345/",
        "POST /ar/members/invitation/abcDEF-123_456789012345/",
        "GET /en/members/slip/?code=abcdef-123456789012345",
        "POST /fr/members/answer/abcDEF:1tT-123_456789012345/",
        "GET /en/reports/abcDEF-123_456789012345/report.csv",
        "GET /n/go/abcDEF-123_456789012345/answer:winter:3-months:used/",
        "GET /x/?key=abcDEF-123_456789012345",
        "GET /en/members/messages/abcDEF-123_45678901234/report/",
        "GET /en/members/me/changes/abcDEF-123_45678901234/",
        "GET /en/accounts/login/?next=%2Fen%2Fmembers%2Fmessages%2FabcDEF-123_45678901234%2F",
    ],
)
def test_a_token_is_blacked_out(said: str) -> None:
    assert "abcdef" not in line(said).lower()


@pytest.mark.parametrize(
    "said", ["to amina.k+x@example.org", "email=amina%40example.org", "<a@b.co>"]
)
def test_an_address_is_blacked_out(said: str) -> None:
    said = line(said)

    assert "amina" not in said
    assert "a@b" not in said


def test_a_traceback_is_blacked_out() -> None:
    assert "amina" not in line("broken", error=ValueError("amina@example.org"))


def test_arguments_and_events_are_blacked_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert "amina" not in line("%s", "amina@example.org")
    event = {"event": "request_finished", "request": "GET /n/p/abcDEF-123_456789012345/"}
    record = logging.makeLogRecord({"msg": event, "name": "x", "levelname": "INFO"})
    record._logger, record._name = structlog.get_logger(), "info"

    said = LineFormatter().format(record)

    assert json.loads(said)["request"] == "GET /n/p/…/"
