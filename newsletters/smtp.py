"""Django's own SMTP back-end, which also says whether a mail had begun to leave when it failed.

smtplib raises one and the same error for a connection that drops before the mail and after it.
"""

from __future__ import annotations

import smtplib
import socket
from contextlib import suppress
from functools import lru_cache
from typing import Any, cast

from anymail.exceptions import AnymailInvalidAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.message import sanitize_address

from newsletters.addresses import are_plain

SENDER_TAKEN, RECIPIENT_TAKEN, GO_AHEAD = (250,), (250, 251), (354,)


class NothingLeft(smtplib.SMTPException):
    """It failed before the server asked for the mail; the cause says how."""


class PerhapsTaken(smtplib.SMTPException):
    """It failed after the mail had begun to leave and before the server's last word on it."""


class Watched(smtplib.SMTP):
    """A connection that knows when the first octet of a mail has left.

    Where the server allows it (RFC 2920), sender, recipient and DATA travel together: a mail is
    two round trips then, not four. The mail itself never leaves before all three are answered.
    """

    def sendmail(
        self, from_addr: str, to_addrs: Any, msg: Any, *options: Any, **named: Any
    ) -> dict[str, tuple[int, bytes]]:
        """As smtplib's, for a mail in octets whose lines end with CR LF."""
        self.ehlo_or_helo_if_needed()
        if len(to_addrs) != 1 or not self.has_extn("pipelining"):
            return super().sendmail(from_addr, to_addrs, msg, *options, **named)
        [to] = to_addrs
        self._envelope(from_addr, to, len(msg))
        code, words = self._mail(msg)
        if code != 250:
            self._refused(code)
            raise smtplib.SMTPDataError(code, words)
        return {}

    def data(self, msg: Any) -> tuple[int, bytes]:
        """As smtplib's; what it raises after the first octet is PerhapsTaken."""
        code, words = self.docmd("data")
        if code != 354:
            self._refused(code)
            raise smtplib.SMTPDataError(code, words)
        return self._mail(msg)

    def _envelope(self, sender: str, to: str, size: int) -> None:
        """Raises the first refusal; the connection is ready for the next mail then, or closed."""
        limit = f" size={size}" if self.has_extn("size") else ""
        lines = (
            f"mail FROM:{smtplib.quoteaddr(sender)}{limit}",
            f"rcpt TO:{smtplib.quoteaddr(to)}",
            "data",
        )
        if any(mark in line for line in lines for mark in "\r\n"):
            raise ValueError("A line break in an address.")
        self.send("".join(f"{line}\r\n" for line in lines))
        refusal: smtplib.SMTPException | None = None
        for expected in (SENDER_TAKEN, RECIPIENT_TAKEN, GO_AHEAD):
            try:
                code, words = self.getreply()
            except smtplib.SMTPException as error:
                raise refusal or error from None
            if code in expected and (refusal is None or expected == GO_AHEAD):
                continue
            refusal = refusal or _refusal(expected, code, words, sender, to)
            if not _waits(code):
                # Also one that takes a reader without a sender: a dot would be an empty mail.
                self.close()
                raise refusal
        if refusal is not None:
            if code == 354:
                with suppress(smtplib.SMTPException):
                    self.docmd(".")
            self._rset()  # type: ignore[attr-defined]
            raise refusal

    def _mail(self, msg: bytes) -> tuple[int, bytes]:
        end = b".\r\n" if msg.endswith(b"\r\n") else b"\r\n.\r\n"
        begin = b"." if msg.startswith(b".") else b""
        try:
            self.send(begin + msg.replace(b"\r\n.", b"\r\n..") + end)
            return self.getreply()
        except OSError as error:
            raise PerhapsTaken(str(error)) from error

    def _refused(self, code: int) -> None:
        """Make the connection ready for the next mail, or close it where it cannot be."""
        if _waits(code):
            self._rset()  # type: ignore[attr-defined]
        else:
            self.close()


def _waits(code: int) -> bool:
    """Whether this refused and waits for more: it does not hang up, nor answer out of step."""
    return 400 <= code <= 599 and code != 421


def _refusal(
    expected: tuple[int, ...], code: int, words: bytes, sender: str, to: str
) -> smtplib.SMTPException:
    """What smtplib raises for an answer to sender, recipient or DATA."""
    if expected == SENDER_TAKEN:
        return smtplib.SMTPSenderRefused(code, words, sender)
    if expected == RECIPIENT_TAKEN:
        return smtplib.SMTPRecipientsRefused({to: (code, words)})
    return smtplib.SMTPDataError(code, words)


class WatchedTLS(Watched, smtplib.SMTP_SSL):
    """The same over a connection that is encrypted from the start."""


class EmailBackend(smtp.EmailBackend):
    """Raises smtplib's errors where the server refused, else NothingLeft or PerhapsTaken.

    A connection that failed is forgotten: the next message opens another one.
    """

    _partial_connection: smtplib.SMTP | None

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Our connection, with TLS from the start or without."""
        return WatchedTLS if self.use_ssl else Watched

    def open(self) -> bool | None:
        """Connect, encrypt, sign in: nothing can have left yet."""
        try:
            opened = super().open()
            if opened and self.connection and self.connection.sock:
                # Nothing that we say is followed by more before it is answered.
                self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return opened
        except (OSError, ValueError) as error:
            self.forget()
            raise NothingLeft(str(error)) from error

    def forget(self) -> None:
        """Drop the connection without a word to the server."""
        for connection in (self._partial_connection, self.connection):
            if connection is not None:
                connection.close()
        self._partial_connection = self.connection = None

    def _send(self, email_message: EmailMessage) -> bool:
        if not email_message.recipients():
            return False
        try:
            self._leave(email_message)
        except smtplib.SMTPException:
            if not self.fail_silently:
                raise
            return False
        return True

    def _leave(self, mail: EmailMessage) -> None:
        encoding = str(mail.encoding or settings.DEFAULT_CHARSET)
        try:
            to = [_sanitize(address, encoding) for address in mail.recipients()]
        except ValueError as error:
            raise AnymailInvalidAddress("An address cannot be read in `to`.") from error
        connection = cast("smtplib.SMTP", self.connection)
        try:
            octets = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
            connection.sendmail(_sanitize(mail.from_email, encoding), to, octets)
        except smtplib.SMTPHeloError as error:  # where nobody signs in, the first word comes here
            self.forget()
            raise NothingLeft(str(error)) from error
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException):
            if connection.sock is None:
                self.forget()
            raise
        except PerhapsTaken:
            self.forget()
            raise
        except (OSError, ValueError) as error:
            self.forget()
            raise NothingLeft(str(error)) from error

    def _close_connection(self, connection: smtplib.SMTP) -> None:
        """A QUIT that goes wrong changes nothing of what the server took."""
        try:
            super()._close_connection(connection)  # type: ignore[misc]
        except (OSError, ValueError):
            connection.close()


@lru_cache(maxsize=64)
def _sanitize(address: str, encoding: str) -> str:
    """As Django's, which takes its time; the sender is the same in all mails of an issue."""
    return address if are_plain([address]) else sanitize_address(address, encoding)
