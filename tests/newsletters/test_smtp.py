"""A mail server that answers by the book or stops in the middle of it, and what each case means."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from anymail.message import AnymailMessage
from django.core.mail import EmailMultiAlternatives, get_connection

from newsletters import connections, replies
from newsletters.providers import Kind, Outcome
from newsletters.smtp import NothingLeft, PerhapsTaken, Watched
from tests.newsletters import services

GOOD = {
    "banner": "220 mail.example.org",
    "EHLO": "250-mail.example.org\r\n250 AUTH PLAIN",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go ahead",
    "dot": "250 2.0.0 taken",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}
PIPELINES = "250-mail.example.org\r\n250-SIZE 1000000\r\n250-PIPELINING\r\n250 AUTH PLAIN"
DROP, HANG = "", "…"
"""Instead of a reply: close the connection, or say nothing."""


class Server:
    """Speaks a script to every caller in turn and keeps the mails that it took."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.script = dict(GOOD)
        self.mails: list[bytes] = []
        self.caller: socket.socket | None = None
        self.callers = 0
        self.empty = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def end(self) -> None:
        self.over.set()
        for ear in (self.listener, self.caller):
            with suppress(OSError):
                if ear is not None:
                    ear.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)

    def listen(self) -> None:
        while not self.over.is_set():
            try:
                caller, _address = self.listener.accept()
            except OSError:
                return
            self.callers += 1
            self.caller = caller
            with suppress(ConnectionError), caller, caller.makefile("rb") as lines:
                if self.reply(caller, "banner"):
                    self.converse(caller, lines)

    def converse(self, caller: socket.socket, lines: Any) -> None:
        while line := lines.readline():
            verb = line[:4].decode(errors="replace").upper()
            if not self.reply(caller, verb):
                return
            if verb == "QUIT":
                return
            if verb == "DATA" and self.script["DATA"].startswith("354"):
                mail = b""
                while not f"\r\n{mail.decode()}".endswith("\r\n.\r\n"):
                    if not (line := lines.readline()):
                        return
                    mail += line
                if mail == b".\r\n":
                    self.empty += 1
                else:
                    self.mails.append(mail)
                if not self.reply(caller, "dot"):
                    return

    def reply(self, caller: socket.socket, step: str) -> bool:
        words = self.script.get(step, "502 5.5.2 what?")
        if words == HANG:
            self.over.wait(5)
        if words in {DROP, HANG}:
            return False
        caller.sendall(words.encode() + b"\r\n")
        return True


@pytest.fixture
def server(settings: Any, monkeypatch: Any) -> Iterator[Server]:
    services.choose("smtp", settings, monkeypatch)
    here = Server()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", here.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "network", "word"
    settings.EMAIL_TIMEOUT = 0.3
    yield here
    here.end()


def call(to: str = "amina@example.org") -> Outcome:
    return connections.call(AnymailMessage("subject", "text", "news@news.example.org", [to]))


@pytest.mark.parametrize("able", [GOOD["EHLO"], PIPELINES], ids=["one by one", "pipelined"])
@pytest.mark.parametrize(
    ("step", "words", "expected"),
    [
        ("dot", "250 2.0.0 taken", Kind.ACCEPTED),
        ("QUIT", DROP, Kind.ACCEPTED),
        ("QUIT", "500 " + "x" * 9000, Kind.ACCEPTED),
        # Before anything is said, and while it signs in.
        ("banner", DROP, Kind.NOT_SENT),
        ("banner", HANG, Kind.NOT_SENT),
        ("banner", "what?", Kind.NOT_SENT),
        ("banner", "421 4.3.2 too busy", Kind.NOT_SENT),
        ("banner", "554 5.7.1 not you", Kind.ACCOUNT),
        ("AUTH", "535 5.7.8 wrong", Kind.ACCOUNT),
        ("AUTH", "534 5.7.9 not this way", Kind.ACCOUNT),
        ("AUTH", "454 4.7.0 later", Kind.NOT_SENT),
        ("AUTH", "454 4.7.0 Throttling failure: Daily message quota exceeded", Kind.QUOTA),
        ("AUTH", DROP, Kind.NOT_SENT),
        ("EHLO", "250 mail.example.org", Kind.ACCOUNT),  # no way to sign in
        ("EHLO", "250-mail.example.org\r\n250 AUTH GSSAPI", Kind.ACCOUNT),
        # The envelope.
        ("MAIL", DROP, Kind.NOT_SENT),
        ("MAIL", HANG, Kind.NOT_SENT),
        ("MAIL", "421 4.3.2 closing", Kind.NOT_SENT),
        ("MAIL", "451 4.3.0 later", Kind.NOT_SENT),
        ("MAIL", "452 4.3.1 no room", Kind.NOT_SENT),
        ("MAIL", "454 4.7.0 Throttling failure: Maximum sending rate exceeded", Kind.NOT_SENT),
        ("MAIL", "454 4.7.0 Throttling failure: Daily message quota exceeded", Kind.QUOTA),
        ("MAIL", "452 4.5.3 Daily message limit exceeded", Kind.QUOTA),
        ("MAIL", "530 5.7.0 sign in first", Kind.ACCOUNT),
        ("MAIL", "550 5.1.8 bad sender", Kind.ACCOUNT),
        ("MAIL", "552 5.3.4 too large", Kind.CONTENT),
        ("RCPT", DROP, Kind.NOT_SENT),
        ("RCPT", "421 4.3.2 closing", Kind.NOT_SENT),
        ("RCPT", "450 4.1.1 try later", Kind.NOT_SENT),
        ("RCPT", "452 4.2.2 mailbox over its quota limit", Kind.NOT_SENT),
        ("RCPT", "550 5.1.1 no such user", Kind.RECIPIENT),
        ("RCPT", "553 5.1.3 bad address", Kind.RECIPIENT),
        ("RCPT", "550 no such user", Kind.RECIPIENT),
        ("RCPT", "552 5.2.2 mailbox is over its daily quota", Kind.RECIPIENT),
        ("RCPT", "550 5.7.1 relaying denied", Kind.ACCOUNT),
        ("RCPT", "530 5.7.0 sign in first", Kind.ACCOUNT),
        ("RCPT", "550 Authentication required", Kind.ACCOUNT),
        ("RCPT", "550 5.4.5 Daily user sending limit exceeded", Kind.QUOTA),
        # The word DATA, before the mail.
        ("DATA", DROP, Kind.NOT_SENT),
        ("DATA", HANG, Kind.NOT_SENT),
        ("DATA", "451 4.3.0 later", Kind.NOT_SENT),
        ("DATA", "530 5.7.0 sign in first", Kind.ACCOUNT),
        ("DATA", "554 5.5.1 no", Kind.CONTENT),
        # After the final dot. RFC 5321, 4.2.5: a refusal here is a refusal.
        ("dot", DROP, Kind.AMBIGUOUS),
        ("dot", HANG, Kind.AMBIGUOUS),
        ("dot", "what?", Kind.AMBIGUOUS),
        ("dot", "999 what?", Kind.AMBIGUOUS),
        ("dot", "251 well", Kind.AMBIGUOUS),
        ("dot", "550 " + "x" * 9000, Kind.AMBIGUOUS),
        ("dot", "451 4.7.1 greylisted", Kind.NOT_SENT),
        ("dot", "421 4.3.2 closing", Kind.NOT_SENT),
        ("dot", "421 limit exceeded, try again after Sun, 05 Oct 2025 19:22:44 UTC", Kind.QUOTA),
        ("dot", "550 5.7.1 looks like spam", Kind.CONTENT),
        ("dot", "552 5.3.4 too large", Kind.CONTENT),
        ("dot", "550 5.1.1 no such user", Kind.RECIPIENT),
    ],
)
def test_a_reply_means(server: Server, able: str, step: str, words: str, expected: Kind) -> None:
    server.script |= {"EHLO": able, step: words}

    outcome = call()

    assert outcome.kind == expected
    assert len(server.mails) == (step in {"dot", "QUIT"})


def test_refused_and_unresolved_never_left(server: Server, settings: Any) -> None:
    settings.EMAIL_PORT = 9

    assert call().kind == Kind.NOT_SENT


def test_a_server_without_tls_is_the_accounts_fault(server: Server, settings: Any) -> None:
    settings.EMAIL_USE_TLS = True

    assert call().kind == Kind.ACCOUNT
    assert server.mails == []


def test_a_refused_starttls_is_the_accounts_fault(server: Server, settings: Any) -> None:
    server.script |= {"EHLO": "250-mail.example.org\r\n250 STARTTLS", "STAR": "501 5.5.4 no"}
    settings.EMAIL_USE_TLS = True

    assert call().kind == Kind.ACCOUNT


def test_plain_text_where_tls_was_expected_is_the_accounts_fault(
    server: Server, settings: Any
) -> None:
    settings.EMAIL_USE_SSL = True

    assert call().kind == Kind.ACCOUNT
    assert server.mails == []


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (ssl.SSLCertVerificationError(1, "certificate verify failed"), Kind.ACCOUNT),
        (ssl.SSLEOFError(8, "EOF"), Kind.NOT_SENT),
        (socket.gaierror(-2, "Name or service not known"), Kind.NOT_SENT),
        (TimeoutError("timed out"), Kind.NOT_SENT),
        (UnicodeEncodeError("ascii", "é", 0, 1, "x"), Kind.CONTENT),
    ],
)
def test_before_a_mail_only_the_remedy_is_open(cause: Exception, expected: Kind) -> None:
    error = NothingLeft("x")
    error.__cause__ = cause

    assert replies.kind(error) == expected


@pytest.mark.parametrize(
    "error",
    [
        PerhapsTaken("x"),
        smtplib.SMTPServerDisconnected("from a back-end that is not ours"),
        smtplib.SMTPException("x"),
        smtplib.SMTPResponseException(500, b"Line too long."),
    ],
)
def test_where_the_stage_is_not_certain_it_is_ambiguous(error: Exception) -> None:
    assert replies.kind(error) == Kind.AMBIGUOUS


@pytest.mark.parametrize("able", [GOOD["EHLO"], PIPELINES], ids=["one by one", "pipelined"])
@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("MAIL", DROP),
        ("dot", DROP),
        ("RCPT", "421 4.3.2 closing"),
        ("dot", "421 4.3.2 closing"),
        ("DATA", "421 4.3.2 closing"),
        ("RCPT", "550 5.1.1 no such user"),
        ("DATA", "451 4.3.0 later"),
        ("dot", "550 5.7.1 spam"),
    ],
)
def test_a_connection_kept_open_serves_the_next_mail(
    server: Server, able: str, step: str, words: str
) -> None:
    good = GOOD | {"EHLO": able}
    server.script = dict(good)
    mail = AnymailMessage("subject", "text", "news@news.example.org", ["amina@example.org"])
    with get_connection() as connection:
        server.script[step] = words
        with pytest.raises(smtplib.SMTPException):
            connection.send_messages([mail])
        server.script = dict(good)

        assert connection.send_messages([mail]) == 1

    lost = words == DROP or words.startswith("421")
    assert server.callers == (2 if lost else 1)


def test_a_connection_kept_open_is_used_again(server: Server) -> None:
    mail = AnymailMessage("subject", "text", "news@news.example.org", ["amina@example.org"])
    with get_connection() as connection:
        assert [connection.send_messages([mail]) for _time in range(3)] == [1, 1, 1]

    assert (server.callers, len(server.mails)) == (1, 3)


def test_what_can_travel_together_does(server: Server, monkeypatch: Any) -> None:
    server.script["EHLO"] = PIPELINES
    packets: list[str | bytes] = []
    send = Watched.send
    monkeypatch.setattr(Watched, "send", lambda self, s: packets.append(s) or send(self, s))

    assert call().kind == Kind.ACCEPTED

    envelope, mail = packets[-2:]
    assert [line.partition(":")[0] for line in str(envelope).splitlines()] == [
        "mail FROM", "rcpt TO", "data",
    ]  # fmt: skip
    assert bytes(mail).endswith(b"\r\n.\r\n")
    octets = len(server.mails[0].removesuffix(b"\r\n.\r\n"))
    assert f" size={octets}\r\n" in str(envelope)


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_a_mail_stays_here_where_only_data_was_welcome(server: Server, step: str) -> None:
    server.script |= {"EHLO": PIPELINES, step: "550 5.1.1 no"}

    call()
    server.script[step] = GOOD[step]

    assert call("kwame@example.org").kind == Kind.ACCEPTED
    assert [b"To: kwame@example.org" in mail for mail in server.mails] == [True]


def test_nobody_gets_an_empty_mail_where_only_the_sender_was_refused(server: Server) -> None:
    server.script |= {"EHLO": PIPELINES, "MAIL": "451 4.3.0 later"}

    assert call().kind == Kind.NOT_SENT
    assert server.empty == len(server.mails) == 0


def test_answers_out_of_step_end_a_connection_and_not_a_mail(server: Server) -> None:
    """The answer that was not read is the one that asks for the mail."""
    server.script |= {"EHLO": PIPELINES, "MAIL": "what?\r\n250 2.1.0 ok"}
    mail = AnymailMessage("subject", "text", "news@news.example.org", ["amina@example.org"])
    with get_connection() as connection:
        with pytest.raises(smtplib.SMTPSenderRefused):
            connection.send_messages([mail])
        server.script["MAIL"] = GOOD["MAIL"]

        assert connection.send_messages([mail]) == 1

    assert (server.callers, len(server.mails)) == (2, 1)


@pytest.mark.parametrize("then", [DROP, HANG, "550 " + "x" * 9000])
def test_a_reader_who_was_refused_stays_so_whatever_comes_of_data(
    server: Server, then: str
) -> None:
    """A server may leave unread what came together with what it refused."""
    server.script |= {
        "EHLO": PIPELINES,
        "RCPT": "550-5.1.1 no\r\n550 5.1.1 such user",
        "DATA": then,
    }

    assert call().kind == Kind.RECIPIENT


@pytest.mark.parametrize(
    ("words", "expected"), [("421 4.3.2 too busy", Kind.NOT_SENT), ("554 not you", Kind.ACCOUNT)]
)
def test_who_is_not_greeted_has_sent_nothing_also_where_nobody_signs_in(
    server: Server, settings: Any, words: str, expected: Kind
) -> None:
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    server.script |= {"EHLO": words, "HELO": words}

    assert call().kind == expected


@pytest.mark.parametrize("able", [GOOD["EHLO"], PIPELINES], ids=["one by one", "pipelined"])
def test_a_dot_at_the_start_of_a_line_ends_no_mail(server: Server, able: str) -> None:
    server.script["EHLO"] = able
    body = ".\n..\n.a\nb\n."
    mail = AnymailMessage("subject", body, "news@news.example.org", ["amina@example.org"])

    assert connections.call(mail).kind == Kind.ACCEPTED

    [taken] = server.mails
    read = taken.replace(b"\r\n..", b"\r\n.").removesuffix(b".\r\n").decode()
    assert read.endswith("\r\n\r\n" + body.replace("\n", "\r\n") + "\r\n")


def test_an_address_that_cannot_be_read_is_the_readers_alone(server: Server) -> None:
    assert call("amina @ example . org <").kind == Kind.RECIPIENT
    assert call("amina@example.org,kwame@example.org").kind == Kind.RECIPIENT
    assert server.mails == []
    assert call().kind == Kind.ACCEPTED


@pytest.mark.parametrize("field", ["subject", "from_email"])
def test_a_line_break_in_a_header_is_the_contents_fault(server: Server, field: str) -> None:
    mail = AnymailMessage("subject", "text", "news@news.example.org", ["amina@example.org"])
    setattr(mail, field, "news@news.example.org\r\nBcc: everybody@example.org")

    assert connections.call(mail).kind == Kind.CONTENT
    assert server.mails == []


def test_a_letter_leaves_like_every_mail(server: Server) -> None:
    letter = EmailMultiAlternatives("subject", "text", "news@news.example.org", ["a@example.org"])
    letter.attach_alternative("<p>text</p>", "text/html")

    assert connections.call(letter).kind == Kind.ACCEPTED
    assert b"multipart/alternative" in server.mails[0]


def test_a_reply_is_kept_without_addresses(server: Server) -> None:
    server.script["RCPT"] = "550 5.1.1 <amina@example.org>: no such user"

    outcome = call()

    assert (outcome.status, outcome.reason) == (550, "5.1.1 <…@example.org>: no such user")


def test_when_a_quota_is_full_again_is_heard(server: Server) -> None:
    server.script["MAIL"] = "421 limit exceeded, try again after Sun, 05 Oct 2025 19:22:44 UTC"

    resets_at = call().resets_at

    assert resets_at is not None
    assert resets_at.isoformat() == "2025-10-05T19:22:44+00:00"
