"""The raw loop: what leaves is made before the race, so that only the wire and the sink cost.

Over HTTP: bodies for a thousand recipients each, one connection. Over SMTP: a mail a language in
which the To line is changed, four connections; a mail and the next one's commands leave in one
piece, so that a connection waits once a mail.
"""

from __future__ import annotations

import os
import socket
from email.message import EmailMessage
from email.policy import SMTP
from threading import Thread
from typing import Any

from benchmarks.driver import Race, content
from benchmarks.lean.body import Door, head, whole
from benchmarks.people import Reader, readers

A_CALL, CONNECTIONS = 1000, 4
ANYONE = "reader@post.example.org"
BEGIN = b"MAIL FROM:<stories@news.example.org> BODY=8BITMIME\r\nRCPT TO:<%s>\r\nDATA\r\n"


def prepare() -> Race:
    """All that leaves, and the connections."""
    make = by_smtp if os.environ["BENCH_DOOR"] == "smtp" else by_http
    return make(list(readers(int(os.environ["BENCH_SIZE"]))), content("written"))


def by_http(people: list[Reader], mails: dict[str, Any]) -> Race:
    """Bodies, language by language."""
    door, bodies = Door(), []
    for language, mail in mails.items():
        some = [
            (one.number, one.address, one.unsubscribe, one.preferences)
            for one in people
            if one.language == language
        ]
        calls = [some[start : start + A_CALL] for start in range(0, len(some), A_CALL)]
        bodies += [whole(head(mail), f"{language}-{n}", call) for n, call in enumerate(calls)]

    def race() -> None:
        for body in bodies:
            door.post(body)

    return race


def by_smtp(people: list[Reader], mails: dict[str, Any]) -> Race:
    """A mail a language, and who gets it, by connection."""
    made = {language: octets(mail) for language, mail in mails.items()}
    queue = [(one.address.encode(), made[one.language]) for one in people]
    pipes = [Pipe(queue[share::CONNECTIONS]) for share in range(CONNECTIONS)]

    def race() -> None:
        for pipe in pipes:
            pipe.start()
        for pipe in pipes:
            pipe.join()

    return race


def octets(mail: dict[str, Any]) -> bytes:
    """A language's mail as it leaves, dots doubled, to ANYONE."""
    message = EmailMessage(SMTP.clone(cte_type="8bit", max_line_length=998))
    message["From"], message["To"] = mail["from"], ANYONE
    message["Subject"], message["Reply-To"] = mail["subject"], mail["reply_to"]
    for name, value in mail["headers"].items():
        message[name] = value
    message.set_content(mail["text"])
    message.add_alternative(mail["html"], subtype="html")
    return message.as_bytes().replace(b"\r\n.", b"\r\n..")


class Pipe(Thread):
    """One connection and its share of the readers."""

    def __init__(self, queue: list[tuple[bytes, bytes]]) -> None:
        super().__init__(daemon=True)
        self.queue = queue
        address = os.environ["SMTP_HOST"], int(os.environ["SMTP_PORT"])
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answers = self.socket.makefile("rb")
        self._expect(b"220")
        self.socket.sendall(b"EHLO bench\r\n")
        while self.answers.readline()[3:4] == b"-":
            pass

    def run(self) -> None:
        last = b""
        for address, mail in self.queue:
            self.socket.sendall(last + BEGIN % address)
            self._expect(*[b"250"] * (3 if last else 2), b"354")
            last = mail.replace(ANYONE.encode(), address) + b".\r\n"
        self.socket.sendall(last + b"QUIT\r\n")
        self._expect(*[b"250"] if last else [], b"221")

    def _expect(self, *codes: bytes) -> None:
        for code in codes:
            line = self.answers.readline()
            if not line.startswith(code):
                raise RuntimeError(f"{line!r} instead of {code!r}")
