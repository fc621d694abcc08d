"""What answers mean: each row of the tables, from real answers over real HTTP where it can be."""

from __future__ import annotations

import datetime as dt
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from socket import gaierror
from typing import Any

import pytest
import requests
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from anymail.message import AnymailMessage, AnymailRecipientStatus
from django.core.mail import BadHeaderError
from django.utils import timezone
from urllib3.exceptions import NameResolutionError, NewConnectionError

from newsletters import answers, connections, providers
from newsletters.models import Attempt
from newsletters.pipeline import record
from newsletters.providers import PROVIDERS, Kind, Outcome
from newsletters.refusals import TABLES
from tests.factories.newsletters import BatchFactory
from tests.newsletters import services

pytestmark = pytest.mark.filterwarnings("ignore:django-anymail has dropped official support")
Answer = Callable[..., None]


@pytest.fixture
def answer(settings: Any, monkeypatch: Any) -> Iterator[Answer]:
    """A server that gives one raw answer to one call; None hangs up without a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        threads: list[threading.Thread] = []

        def serve(raw: bytes | None) -> None:
            caller, _address = server.accept()
            with caller:
                caller.recv(65536)
                if raw is not None:
                    caller.sendall(raw)
                    if b"Content-Length: 999" in raw:
                        caller.recv(1)

        def prepare(raw: bytes | None, name: str = "mailgun") -> None:
            services.choose(name, settings, monkeypatch)
            settings.ANYMAIL = settings.ANYMAIL | {
                f"{name.upper()}_API_URL": f"http://127.0.0.1:{server.getsockname()[1]}/v3",
                "REQUESTS_TIMEOUT": (2, 0.3),
            }
            threads.append(threading.Thread(target=serve, args=(raw,)))
            threads[-1].start()

        yield prepare
        for thread in threads:
            thread.join(5)


def http(status: str, body: Any = "{}", *headers: str) -> bytes:
    body = body if isinstance(body, str) else json.dumps(body)
    kind = "application/json" if body[:1] in {"{", "["} else "text/html"
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body)}",
        f"Content-Type: {kind}",
        "Connection: close",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def message(*to: str) -> AnymailMessage:
    return AnymailMessage(
        "subject", "text", "a@news.example.org", list(to) or ["amina@example.org"]
    )


def call(*to: str) -> Outcome:
    return connections.call(message(*to))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("400 Bad", r'{"message": "odd \u0000 value \ud800"}'),
        ("200 OK", r'{"id": "<1\u0000\ud800@x>", "message": "Queued. Thank you."}'),
    ],
)
@pytest.mark.django_db
def test_words_that_no_database_keeps_do_not_cost_the_answer(
    answer: Answer, status: str, body: str
) -> None:
    answer(http(status, body))

    outcome = call()

    attempt = Attempt(batch=BatchFactory(), epoch=1, key="k", deadline_at=timezone.now())
    attempt.answer = outcome.reason
    attempt.save()
    attempt.refresh_from_db()
    assert outcome.kind in {Kind.CONTENT, Kind.ACCEPTED}
    assert attempt.answer == outcome.reason


def test_a_page_without_end_does_not_hold_the_worker(answer: Answer) -> None:
    answer(http("502 Oh", "a" * 50_000))
    begun = time.monotonic()

    assert call().kind == Kind.AMBIGUOUS
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (http("200 OK", '{"id": "<1@x>", "message": "Queued. Thank you."}'), Kind.ACCEPTED),
        (http("400 Bad", '{"message": "\'to\' parameter is not a valid address"}'), Kind.RECIPIENT),
        (http("400 Bad", {"message": "to parameter is not a valid address. x"}), Kind.RECIPIENT),
        (http("400 Bad", '{"message": "from parameter is missing"}'), Kind.CONTENT),
        (http("400 Bad", {"message": "'from' parameter is not a valid address"}), Kind.CONTENT),
        (http("400 Bad", {"message": "reply-to parameter is not a valid address"}), Kind.CONTENT),
        (http("413 Too large"), Kind.CONTENT),
        (http("420 Policy", {"message": "no"}), Kind.QUOTA),
        (http("429 Slow", {"message": "limit exceeded, try again after a while"}), Kind.QUOTA),
        (http("429 Slow down"), Kind.NOT_SENT),
        (http("503 Busy"), Kind.NOT_SENT),
        (http("401 Who"), Kind.ACCOUNT),
        (http("402 Pay"), Kind.ACCOUNT),
        (http("403 No"), Kind.ACCOUNT),
        (http("404 Domain not found"), Kind.ACCOUNT),
        (http("200 OK", "<html>Mailgun Magnificent API"), Kind.ACCOUNT),
        (http("302 Elsewhere"), Kind.AMBIGUOUS),
        (http("409 Conflict"), Kind.AMBIGUOUS),
        (http("500 Oh"), Kind.AMBIGUOUS),
        (http("502 Oh"), Kind.AMBIGUOUS),
        (http("504 Oh"), Kind.AMBIGUOUS),
        (http("200 OK", "not json"), Kind.AMBIGUOUS),
        (http("200 OK", "[]"), Kind.AMBIGUOUS),
        (http("200 OK", '{"id": "<1@x>", "message": "Perhaps"}'), Kind.AMBIGUOUS),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{", Kind.AMBIGUOUS),
        (b"no HTTP at all\r\n\r\n", Kind.AMBIGUOUS),
        (None, Kind.AMBIGUOUS),
    ],
)
def test_an_answer_of_mailgun_means(answer: Answer, raw: bytes | None, expected: Kind) -> None:
    answer(raw)

    assert call().kind == expected


MAILJET_ERROR = {"Status": "error", "Errors": [{"ErrorCode": "mj-0013"}]}
MANDRILL_ONE = {"email": "amina@example.org", "_id": "1"}


@pytest.mark.parametrize(
    ("name", "status", "body", "expected"),
    [
        ("brevo", "201 Made", {"messageId": "<1@x>"}, Kind.ACCEPTED),
        ("brevo", "400 Bad", {"code": "duplicate_parameter", "message": "x"}, Kind.ACCEPTED),
        ("brevo", "402 Pay", {"code": "not_enough_credits"}, Kind.QUOTA),
        ("brevo", "402 Pay", {}, Kind.QUOTA),
        ("brevo", "400 Bad", {"code": "not_enough_credits"}, Kind.QUOTA),
        ("brevo", "400 Bad", {"message": "email is not valid in to"}, Kind.RECIPIENT),
        ("brevo", "400 Bad", {"message": "email is not valid in sender"}, Kind.CONTENT),
        ("brevo", "401 Who", {"code": "unauthorized"}, Kind.ACCOUNT),
        ("brevo", "429 Slow", {}, Kind.NOT_SENT),
        ("brevo", "503 Busy", {}, Kind.AMBIGUOUS),
        (
            "mailjet",
            "200 OK",
            {
                "Messages": [
                    {
                        "Status": "success",
                        "To": [{"Email": "amina@example.org", "MessageID": 1}],
                    }
                ]
            },
            Kind.ACCEPTED,
        ),
        (
            "mailjet",
            "400 Bad",
            {
                "Messages": [
                    {
                        "Status": "error",
                        "Errors": [{"ErrorCode": "mj-0013", "ErrorRelatedTo": ["To[0].Email"]}],
                    }
                ]
            },
            Kind.RECIPIENT,
        ),
        ("mailjet", "400 Bad", {"Messages": [MAILJET_ERROR]}, Kind.CONTENT),
        ("mailjet", "401 Who", {"Messages": [MAILJET_ERROR]}, Kind.ACCOUNT),
        ("mailjet", "403 No", {"Messages": [MAILJET_ERROR]}, Kind.ACCOUNT),
        ("mailjet", "429 Slow", {"Messages": [MAILJET_ERROR]}, Kind.NOT_SENT),
        ("mailjet", "401 Who", {"ErrorCode": "mj-0002", "StatusCode": 401}, Kind.ACCOUNT),
        ("mailjet", "400 Bad", {"ErrorCode": "mj-0031", "StatusCode": 400}, Kind.CONTENT),
        ("mailjet", "429 Slow", "<html>", Kind.NOT_SENT),
        ("mailjet", "500 Oh", {}, Kind.AMBIGUOUS),
        ("mailtrap", "200 OK", {"success": True, "message_ids": ["1"]}, Kind.ACCEPTED),
        ("mailtrap", "400 Bad", {"errors": ["'to' address is invalid"]}, Kind.RECIPIENT),
        ("mailtrap", "400 Bad", {"errors": ["'subject' is required"]}, Kind.CONTENT),
        ("mailtrap", "503 Busy", {}, Kind.AMBIGUOUS),
        (
            "sparkpost",
            "200 OK",
            {
                "results": {
                    "total_accepted_recipients": 1,
                    "total_rejected_recipients": 0,
                    "id": "1",
                }
            },
            Kind.ACCEPTED,
        ),
        (
            "sparkpost",
            "200 OK",
            {
                "results": {
                    "total_accepted_recipients": 0,
                    "total_rejected_recipients": 1,
                    "id": "1",
                }
            },
            Kind.RECIPIENT,
        ),
        ("sparkpost", "420 Limit", {}, Kind.QUOTA),
        ("sparkpost", "400 Bad", {"errors": [{"code": 5002, "message": "x"}]}, Kind.RECIPIENT),
        ("sparkpost", "422 Bad", {"errors": [{"code": 1300}]}, Kind.CONTENT),
        ("sparkpost", "503 Busy", {}, Kind.AMBIGUOUS),
        ("sendgrid", "202 Taken", "", Kind.ACCEPTED),
        (
            "sendgrid",
            "401 Who",
            {"errors": [{"message": "Maximum credits exceeded", "field": None}]},
            Kind.QUOTA,
        ),
        ("sendgrid", "401 Who", {"errors": [{"message": "bad key"}]}, Kind.ACCOUNT),
        (
            "sendgrid",
            "400 Bad",
            {"errors": [{"message": "no address", "field": "personalizations.0.to.0.email"}]},
            Kind.RECIPIENT,
        ),
        ("sendgrid", "400 Bad", {"errors": [{"field": "from.email"}]}, Kind.CONTENT),
        ("sendgrid", "503 Busy", {}, Kind.NOT_SENT),
        (
            "postmark",
            "200 OK",
            {"ErrorCode": 0, "Message": "OK", "MessageID": "1", "To": "amina@example.org"},
            Kind.ACCEPTED,
        ),
        (
            "postmark",
            "422 No",
            {
                "ErrorCode": 406,
                "Message": "Found inactive addresses: amina@example.org. Inactive recipients are",
            },
            Kind.RECIPIENT,
        ),
        (
            "postmark",
            "422 No",
            {"ErrorCode": 300, "Message": "Invalid 'To' address: 'amina@example.org'."},
            Kind.RECIPIENT,
        ),
        ("postmark", "422 No", {"ErrorCode": 300, "Message": "Invalid 'From'"}, Kind.CONTENT),
        ("postmark", "422 No", {"ErrorCode": 405, "Message": "credits"}, Kind.QUOTA),
        ("postmark", "422 No", {"ErrorCode": 412, "Message": "pending"}, Kind.ACCOUNT),
        ("postmark", "422 No", {"ErrorCode": 4055, "Message": "x"}, Kind.CONTENT),
        ("postmark", "401 Who", {"ErrorCode": 10, "Message": "token"}, Kind.ACCOUNT),
        ("postmark", "429 Slow", {"ErrorCode": 429, "Message": "x"}, Kind.NOT_SENT),
        ("postmark", "503 Busy", {"ErrorCode": 100, "Message": "Maintenance"}, Kind.NOT_SENT),
        ("postmark", "503 Busy", "<html>", Kind.AMBIGUOUS),
        ("postmark", "200 OK", {"Message": "OK", "MessageID": "1"}, Kind.AMBIGUOUS),
        ("resend", "200 OK", {"id": "1"}, Kind.ACCEPTED),
        ("resend", "429 Slow", {"name": "daily_quota_exceeded"}, Kind.QUOTA),
        ("resend", "429 Slow", {"name": "monthly_quota_exceeded"}, Kind.QUOTA),
        ("resend", "429 Slow", {"name": "rate_limit_exceeded"}, Kind.NOT_SENT),
        ("resend", "409 Twice", {"name": "concurrent_idempotent_requests"}, Kind.AMBIGUOUS),
        ("resend", "409 Twice", {"name": "invalid_idempotent_request"}, Kind.AMBIGUOUS),
        ("resend", "400 Bad", {"name": "validation_error", "message": "x"}, Kind.CONTENT),
        ("resend", "400 Bad", {"message": "API key is invalid"}, Kind.ACCOUNT),
        ("resend", "451 No", {"name": "security_error"}, Kind.ACCOUNT),
        ("resend", "422 Bad", {"message": "Invalid `to` field. x"}, Kind.RECIPIENT),
        ("resend", "422 Bad", {"message": "Invalid `from` field. x"}, Kind.CONTENT),
        ("resend", "503 Busy", {}, Kind.AMBIGUOUS),
        (
            "postal",
            "200 OK",
            {"status": "success", "data": {"messages": {"amina@example.org": {"id": 1}}}},
            Kind.ACCEPTED,
        ),
        (
            "postal",
            "200 OK",
            {"status": "error", "data": {"code": "InvalidServerAPIKey"}},
            Kind.ACCOUNT,
        ),
        (
            "postal",
            "200 OK",
            {"status": "error", "data": {"code": "UnauthenticatedFromAddress"}},
            Kind.ACCOUNT,
        ),
        ("postal", "200 OK", {"status": "parameter-error", "data": {}}, Kind.CONTENT),
        ("postal", "200 OK", {"status": "perhaps"}, Kind.AMBIGUOUS),
        ("postal", "200 OK", {"status": "success", "data": {"messages": {}}}, Kind.AMBIGUOUS),
        (
            "scaleway",
            "200 OK",
            {"emails": [{"mail_rcpt": "amina@example.org", "id": "1", "status": "new"}]},
            Kind.ACCEPTED,
        ),
        (
            "scaleway",
            "200 OK",
            {"emails": [{"mail_rcpt": "amina@example.org", "id": "1", "status": "odd"}]},
            Kind.AMBIGUOUS,
        ),
        ("scaleway", "200 OK", {"emails": []}, Kind.AMBIGUOUS),
        ("scaleway", "403 No", {"type": "quotas_exceeded"}, Kind.QUOTA),
        ("scaleway", "403 No", {"type": "permissions_denied"}, Kind.ACCOUNT),
        ("scaleway", "400 Bad", {"details": [{"argument_name": "to"}]}, Kind.RECIPIENT),
        ("mailersend", "202 Taken", "", Kind.ACCEPTED),
        (
            "mailersend",
            "202 Taken",
            {
                "warnings": [
                    {
                        "type": "ALL_SUPPRESSED",
                        "recipients": [{"email": "amina@example.org", "reasons": ["x"]}],
                    }
                ]
            },
            Kind.RECIPIENT,
        ),
        ("mailersend", "429 Slow", {"message": "… daily quota limit. #MS42901"}, Kind.QUOTA),
        ("mailersend", "429 Slow", {"message": "10 requests/min. #MS42903"}, Kind.NOT_SENT),
        ("mailersend", "422 Bad", {"errors": {"to.0.email": ["must be"]}}, Kind.RECIPIENT),
        ("mailersend", "422 Bad", {"errors": {"reply_to.0.email": ["x"]}}, Kind.CONTENT),
        ("mailersend", "422 Bad", {"message": "domain must be verified"}, Kind.ACCOUNT),
        ("mandrill", "200 OK", [MANDRILL_ONE | {"status": "queued"}], Kind.ACCEPTED),
        (
            "mandrill",
            "200 OK",
            [MANDRILL_ONE | {"status": "rejected", "reject_reason": "hard-bounce"}],
            Kind.RECIPIENT,
        ),
        (
            "mandrill",
            "200 OK",
            [MANDRILL_ONE | {"status": "rejected", "reject_reason": "unsigned"}],
            Kind.ACCOUNT,
        ),
        (
            "mandrill",
            "200 OK",
            [MANDRILL_ONE | {"status": "rejected", "reject_reason": "test-mode-limit"}],
            Kind.QUOTA,
        ),
        ("mandrill", "200 OK", [MANDRILL_ONE | {"status": "invalid"}], Kind.RECIPIENT),
        ("mandrill", "200 OK", [MANDRILL_ONE | {"status": "odd"}], Kind.AMBIGUOUS),
        ("mandrill", "200 OK", [], Kind.AMBIGUOUS),
        ("mandrill", "500 Oh", {"status": "error", "name": "Invalid_Key"}, Kind.ACCOUNT),
        ("mandrill", "500 Oh", {"status": "error", "name": "PaymentRequired"}, Kind.ACCOUNT),
        ("mandrill", "500 Oh", {"status": "error", "name": "ValidationError"}, Kind.CONTENT),
        ("mandrill", "500 Oh", {"status": "error", "name": "GeneralError"}, Kind.AMBIGUOUS),
        (
            "unisender_go",
            "200 OK",
            {"status": "success", "job_id": "1", "emails": ["amina@example.org"]},
            Kind.ACCEPTED,
        ),
        (
            "unisender_go",
            "200 OK",
            {"job_id": "1", "emails": [], "failed_emails": {"amina@example.org": "invalid"}},
            Kind.RECIPIENT,
        ),
        ("unisender_go", "400 Bad", {"code": 1, "message": "x"}, Kind.CONTENT),
        ("unisender_go", "503 Busy", {}, Kind.NOT_SENT),
        ("unisender_go", "500 Oh", {}, Kind.AMBIGUOUS),
    ],
)
def test_an_answer_of_the_others_means(
    answer: Answer, name: str, status: str, body: Any, expected: Kind
) -> None:
    answer(http(status, body, *(["X-Message-Id: 1"] if body == "" else [])), name)

    assert call().kind == expected


@pytest.mark.parametrize(
    ("status", "code", "words", "expected"),
    [
        (429, "TooManyRequestsException", "Maximum sending rate exceeded", Kind.NOT_SENT),
        (400, "Throttling", "Maximum sending rate exceeded.", Kind.NOT_SENT),
        (400, "ThrottlingException", "Daily message quota exceeded", Kind.QUOTA),
        (400, "LimitExceededException", "x", Kind.QUOTA),
        (400, "MessageRejected", "Email address is not verified.", Kind.ACCOUNT),
        (400, "MessageRejected", "x", Kind.CONTENT),
        (400, "BadRequestException", "x", Kind.CONTENT),
        (400, "SendingPausedException", "x", Kind.ACCOUNT),
        (400, "MailFromDomainNotVerifiedException", "x", Kind.ACCOUNT),
        (403, "SignatureDoesNotMatch", "x", Kind.ACCOUNT),
        (500, "InternalFailure", "x", Kind.AMBIGUOUS),
        (503, "ServiceUnavailable", "x", Kind.AMBIGUOUS),
    ],
)
def test_an_answer_of_amazon_means(status: int, code: str, words: str, expected: Kind) -> None:
    """The form that botocore gives it; tried once against boto3 1.44 and a server of our own."""
    told = {"Error": {"Code": code, "Message": words}}
    error = AnymailAPIError("x", response=told | {"ResponseMetadata": {"HTTPStatusCode": status}})

    outcome = answers.classify(error, PROVIDERS["amazon_ses"])

    assert (outcome.kind, outcome.status) == (expected, status)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("NoCredentialsError", Kind.ACCOUNT), ("ConnectionClosedError", Kind.AMBIGUOUS)],
)
def test_what_botocore_raises_without_an_answer_means(name: str, expected: Kind) -> None:
    error = AnymailAPIError("x")
    error.__cause__ = type(name, (Exception,), {})("x")

    assert answers.classify(error, PROVIDERS["amazon_ses"]).kind == expected


def test_what_botocore_wraps_is_found() -> None:
    cause = type("EndpointConnectionError", (Exception,), {})("x")
    cause.kwargs = {"error": NewConnectionError(None, "refused")}  # type: ignore[arg-type]
    error = AnymailAPIError("x")
    error.__cause__ = cause

    assert answers.classify(error, PROVIDERS["amazon_ses"]).kind == Kind.NOT_SENT


def test_refused_connections_never_left(settings: Any) -> None:
    settings.EMAIL_BACKEND = "newsletters.mailgun.EmailBackend"
    settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_API_URL": "http://127.0.0.1:9/v3"}

    assert call().kind == Kind.NOT_SENT


def test_the_failure_of_another_call_says_nothing(settings: Any) -> None:
    """Python hangs what was being handled onto what is raised meanwhile."""
    error = requests.exceptions.ReadTimeout("no answer")
    error.__context__ = requests.exceptions.ConnectTimeout("an earlier call, to another service")

    assert answers.classify(error, providers.current()).kind == Kind.AMBIGUOUS


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (ssl.SSLCertVerificationError(1, "certificate verify failed"), Kind.ACCOUNT),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), Kind.ACCOUNT),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), Kind.AMBIGUOUS),
        (ssl.SSLError(1, "[SSL: TLSV1_ALERT_INTERNAL_ERROR] alert"), Kind.AMBIGUOUS),
    ],
)
def test_only_a_failed_handshake_is_certain(inner: Exception, expected: Kind) -> None:
    error = requests.exceptions.SSLError(inner)

    assert answers.classify(error, PROVIDERS["mailgun"]).kind == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (KeyError("x"), Kind.AMBIGUOUS),
        (ValueError("x"), Kind.AMBIGUOUS),
        (OSError("x"), Kind.AMBIGUOUS),
        (BadHeaderError("x"), Kind.CONTENT),
        (requests.exceptions.ReadTimeout("x"), Kind.AMBIGUOUS),
        (requests.exceptions.ConnectTimeout("x"), Kind.NOT_SENT),
        (requests.ConnectionError(NameResolutionError("h", None, gaierror())), Kind.NOT_SENT),
        (requests.ConnectionError(ConnectionResetError(104, "reset by peer")), Kind.AMBIGUOUS),
        (requests.exceptions.ProxyError("x"), Kind.NOT_SENT),
        (requests.exceptions.ChunkedEncodingError("x"), Kind.AMBIGUOUS),
        (requests.exceptions.MissingSchema("x"), Kind.ACCOUNT),
        (requests.exceptions.InvalidURL("x"), Kind.ACCOUNT),
    ],
)
def test_an_error_without_an_answer_means(error: Exception, expected: Kind) -> None:
    assert answers.classify(error, PROVIDERS["mailgun"]).kind == expected


def test_a_missing_key_is_the_accounts_fault(settings: Any) -> None:
    settings.EMAIL_BACKEND = "newsletters.mailgun.EmailBackend"
    settings.ANYMAIL = {}

    assert call().kind == Kind.ACCOUNT


def test_a_sender_domain_that_cannot_be_is_the_accounts_fault(settings: Any) -> None:
    settings.EMAIL_BACKEND = "newsletters.mailgun.EmailBackend"
    settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_SENDER_DOMAIN": "a/b"}

    assert call().kind == Kind.ACCOUNT


def test_a_key_of_the_account_is_shown_to_nobody(settings: Any, monkeypatch: Any) -> None:
    services.choose("brevo", settings, monkeypatch)
    settings.ANYMAIL = settings.ANYMAIL | {
        "BREVO_API_KEY": "secret-key\n",
        "BREVO_API_URL": "http://127.0.0.1:9/",
    }

    outcome = call()

    assert outcome.kind == Kind.ACCOUNT
    assert "secret-key" not in outcome.reason


def test_a_bad_sender_is_not_the_readers_fault(settings: Any) -> None:
    settings.EMAIL_BACKEND = "newsletters.mailgun.EmailBackend"
    mail = AnymailMessage("subject", "text", "not an address", ["amina@example.org"])

    assert connections.call(mail).kind == Kind.CONTENT
    to_nobody = call("amina at example.org")
    assert to_nobody.kind == Kind.RECIPIENT
    assert "amina" not in to_nobody.reason


def test_whom_a_batch_was_not_taken_for_is_named(answer: Answer) -> None:
    taken = [{"Email": "badr@example.org", "MessageID": 2}]
    refused = {"ErrorCode": "mj-0013", "ErrorRelatedTo": ["To[0].Email"]}
    told = [{"Status": "error", "Errors": [refused]}, {"Status": "success", "To": taken}]
    answer(http("400 Bad", {"Messages": told}), "mailjet")
    mail = message("Amina@example.org", "badr@example.org")
    mail.merge_data = {}

    outcome = connections.call(mail)

    assert (outcome.kind, outcome.refused) == (Kind.ACCEPTED, {"amina@example.org"})


def test_a_batch_that_was_taken_for_some_unnamed_is_ambiguous(answer: Answer) -> None:
    some = {"total_accepted_recipients": 1, "total_rejected_recipients": 1, "id": "1"}
    answer(http("200 OK", {"results": some}), "sparkpost")
    mail = message("amina@example.org", "badr@example.org")
    mail.merge_data = {}

    assert connections.call(mail).kind == Kind.AMBIGUOUS


def test_refusals_that_anymail_raises_are_read_too() -> None:
    mail = message()
    mail.anymail_status.esp_response = requests.Response()
    mail.anymail_status.set_recipient_status(
        {"amina@example.org": AnymailRecipientStatus(None, "rejected")}
    )
    error = AnymailRecipientsRefused(email_message=mail)

    assert answers.classify(error, PROVIDERS["postmark"]).kind == Kind.RECIPIENT


def test_a_mail_to_nobody_is_not_sent(settings: Any) -> None:
    settings.EMAIL_BACKEND = "newsletters.mailgun.EmailBackend"

    assert connections.call(AnymailMessage("s", "t", "a@example.org", [])).kind == Kind.CONTENT


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 77", 77),
        ("x-sib-ratelimit-reset: 12", 12),
        ("ratelimit-reset: 1", 1),
        ("Retry-After: soon", 0),
        ("Retry-After: " + "9" * 5000, 999_999_999),
        ("Retry-After: Wed, 01 Jan 2020 00:00:00 GMT", 0),
    ],
)
def test_a_wait_that_is_asked_for_is_heard(answer: Answer, header: str, seconds: int) -> None:
    answer(http("429 Slow down", "{}", header))

    assert call().retry_after == seconds


def test_a_wait_until_a_date_is_heard(answer: Answer) -> None:
    at = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=10)
    answer(http("429 Slow down", "{}", f"Retry-After: {at:%a, %d %b %Y %H:%M:%S} GMT"))

    assert 590 < call().retry_after <= 600


@pytest.mark.parametrize(
    ("name", "raw", "at"),
    [
        (
            "mailgun",
            http(
                "420 Policy",
                {
                    "message": "Domain x is not allowed to send: recipient limit exceeded, "
                    "try again after Mon, 25 Aug 2025 07:00:31 UTC"
                },
            ),
            dt.datetime(2025, 8, 25, 7, 0, 31, tzinfo=dt.UTC),
        ),
        (
            "mailersend",
            http(
                "429 Slow", {"message": "#MS42901"}, "x-apiquota-reset: 2026-11-26T00:00:00+00:00"
            ),
            dt.datetime(2026, 11, 26, tzinfo=dt.UTC),
        ),
        ("resend", http("429 Slow", {"name": "daily_quota_exceeded"}), None),
    ],
)
def test_when_a_quota_is_full_again_is_heard(
    answer: Answer, name: str, raw: bytes, at: dt.datetime | None
) -> None:
    answer(raw, name)

    outcome = call()

    assert (outcome.kind, outcome.resets_at) == (Kind.QUOTA, at)


def test_a_quota_resets_after_the_wait_that_is_asked_for(answer: Answer) -> None:
    answer(http("420 Policy", "{}", "Retry-After: 3600"))

    resets_at = call().resets_at

    assert resets_at is not None
    assert 3590 < (resets_at - dt.datetime.now(dt.UTC)).total_seconds() <= 3600


@pytest.mark.parametrize(
    "body",
    [
        '{"message": "amina.k@example.org is not a valid address"}',
        '{"message": "amina.k\\u0040example.org is not a valid address"}',
        '{"message": "\\"amina k\\"@example.org is not a valid address"}',
        "email=amina.k%40example.org is not a valid address",
        "o'amina@example.org is not a valid address",
    ],
)
def test_an_answer_is_kept_without_addresses(answer: Answer, body: str) -> None:
    answer(http("400 Bad", body))

    outcome = call()

    assert "amina" not in outcome.reason
    assert "…@example.org is not a valid address" in outcome.reason


def test_an_endless_retry_after_is_heard_for_an_hour() -> None:
    assert record._wait(1, 10**12).total_seconds() == record.LONGEST_WAIT


def test_every_table_is_of_a_service_that_is_known() -> None:
    assert TABLES.keys() <= PROVIDERS.keys()
