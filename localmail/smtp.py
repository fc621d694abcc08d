"""The SMTP door: in come conversations, out go mails into the ledger, and answers.

There is no TLS, and a password is asked for only when one was set: this is for one machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from socketserver import BaseRequestHandler
from typing import Any

from localmail.crowd import Crowd
from localmail.login import Login
from localmail.mailgun import Refusal
from localmail.silence import NoAnswer, end
from localmail.transaction import MOST_BYTES, Desk, Transaction
from localmail.wire import HungUp, TooLong, Wire

MOST_MISTAKES = 20
MISTAKES = {500, 501, 502, 503, 504, 530, 535, 555}
ABLE = ["PIPELINING", f"SIZE {MOST_BYTES}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
COMMAND = re.compile(r"([A-Za-z]+)(?: +(.*?))? *", re.DOTALL)


class Smtp(Crowd):
    """A thread for each connection, which may bring any number of mails."""

    def __init__(self, address: tuple[str, int], desk: Desk, login: Login | None) -> None:
        self.desk = desk
        self.login = login
        super().__init__(address, Conversation)

    def turn_away(self, request: Any) -> None:
        """More connections than there are places for."""
        request.sendall(b"421 4.3.2 Too many connections\r\n")


class Conversation(BaseRequestHandler):
    """One connection, until it says QUIT, is silent for too long or makes too many mistakes."""

    server: Smtp

    def setup(self) -> None:
        self.wire = Wire(self.request)
        self.desk = self.server.desk
        self.login = self.server.login
        self.transaction = Transaction(self.desk)
        self.greeted = False
        self.allowed = self.login is None
        self.mistakes = 0
        self.over = False
        self.commands: dict[str, Callable[[str], str]] = {
            "EHLO": self.ehlo,
            "HELO": self.helo,
            "AUTH": self.auth,
            "MAIL": self.mail,
            "RCPT": lambda words: self.transaction.rcpt(words),
            "DATA": self.data,
            "RSET": self.rset,
            "NOOP": lambda words: "250 2.0.0 OK",
            "VRFY": lambda words: "252 2.5.2 Send it and see",
            "HELP": lambda words: "214 2.0.0 RFC 5321 says it all",
            "QUIT": self.quit,
        }

    def handle(self) -> None:
        try:
            self.wire.say(self._greeting())
            while not self.over:
                self.wire.say(self._answer())
            self.wire.flush()
        except NoAnswer as ending:
            end(self.request, ending)
        except TimeoutError:
            self.wire.say("421 4.4.2 You were silent for too long")
            self.wire.flush()
        except HungUp:
            return

    def ehlo(self, words: str) -> str:
        """Who is there, and what this server can do."""
        self._greet(words)
        lines = ["localmail", *ABLE, *(["AUTH PLAIN LOGIN"] if self.login else [])]
        return "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])

    def helo(self, words: str) -> str:
        """The same in the old way."""
        self._greet(words)
        return "250 localmail"

    def auth(self, words: str) -> str:
        """User and password, as PLAIN or LOGIN."""
        if self.login is None or not self.greeted:
            raise Refusal(503, "5.5.1 Nobody asked for a password")
        if knob := self.desk.knobs.fire("smtp_auth", door="smtp"):
            raise Refusal(knob.get("code", 535), "5.7.8 User or password is wrong", noted=True)
        self.login.check(words, self._ask)
        self.allowed = True
        return "235 2.7.0 Welcome"

    def mail(self, words: str) -> str:
        """A mail begins."""
        if not self.greeted:
            raise Refusal(503, "5.5.1 Say EHLO first")
        if not self.allowed:
            raise Refusal(530, "5.7.0 Say AUTH first")
        return self.transaction.mail(words)

    def data(self, words: str) -> str:
        """The mail itself; whatever becomes of it, the next one begins with MAIL."""
        self.wire.say(self.transaction.data())
        try:
            raw = self.wire.mail(MOST_BYTES)
        except TooLong:
            raise Refusal(552, f"5.3.4 The mail has more than {MOST_BYTES} bytes") from None
        finally:
            transaction, self.transaction = self.transaction, Transaction(self.desk)
        return transaction.take(raw)

    def rset(self, words: str) -> str:
        """Forget the mail that was begun."""
        self.transaction = Transaction(self.desk)
        return "250 2.0.0 Forgotten"

    def quit(self, words: str) -> str:
        """The end."""
        self.over = True
        return "221 2.0.0 Goodbye"

    def _greeting(self) -> str:
        if knob := self.desk.knobs.fire("smtp_busy", door="smtp"):
            self.over = True
            return f"{knob.get('code', 421)} 4.3.2 Too busy, try again later"
        return "220 localmail ESMTP, nothing leaves this machine"

    def _greet(self, words: str) -> None:
        if not words:
            raise Refusal(501, "5.5.4 Say your name, too")
        self.transaction = Transaction(self.desk)
        self.greeted = True

    def _answer(self) -> str:
        try:
            return self._obey(self.wire.line())
        except UnicodeDecodeError:
            refusal = Refusal(500, "5.5.2 This is no text")
        except TooLong:
            self.over = True
            refusal = Refusal(500, "5.5.6 The line is too long")
        except Refusal as error:
            refusal = error
        if not refusal.noted:
            self.desk.inbox.ledger.note(
                refused=refusal.status, why=refusal.message, door="smtp", **refusal.facts
            )
        self.mistakes += refusal.status in MISTAKES
        if self.mistakes > MOST_MISTAKES:
            self.over = True
            return "421 4.7.0 Too many mistakes"
        return f"{refusal.status} {refusal.message}"

    def _obey(self, line: str) -> str:
        found = COMMAND.fullmatch(line)
        command = self.commands.get(found[1].upper()) if found else None
        if found is None or command is None:
            raise Refusal(500, "5.5.2 There is no such command")
        return command(found[2] or "")

    def _ask(self, words: str) -> str:
        self.wire.say(words)
        return self.wire.line()
