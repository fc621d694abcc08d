"""Django's own SMTP back-end, which also says whether a mail had begun to leave when it failed.

smtplib raises one and the same error for a connection that drops before the mail and after it.
"""

from __future__ import annotations

import smtplib
from typing import Any

from anymail.exceptions import AnymailInvalidAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.message import sanitize_address


class NothingLeft(smtplib.SMTPException):
    """It failed before the server asked for the mail; the cause says how."""


class PerhapsTaken(smtplib.SMTPException):
    """It failed after the mail had begun to leave and before the server's last word on it."""


class Watched(smtplib.SMTP):
    """A connection that knows when the first octet of a mail has left."""

    begun = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        """As smtplib's; what it raises after the first octet is PerhapsTaken."""
        self.begun = False
        try:
            return super().data(msg)
        except OSError as error:
            if self.begun:
                raise PerhapsTaken(str(error)) from error
            raise

    def send(self, s: Any) -> None:
        """Commands are strings; the one thing that smtplib sends as bytes is a mail."""
        self.begun = self.begun or isinstance(s, bytes)
        super().send(s)


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
            return super().open()
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
        try:
            for address in email_message.recipients():
                sanitize_address(address, email_message.encoding or settings.DEFAULT_CHARSET)
        except ValueError as error:
            raise AnymailInvalidAddress("An address cannot be read in `to`.") from error
        try:
            return bool(super()._send(email_message))  # type: ignore[misc]
        except smtplib.SMTPRecipientsRefused as error:
            if any(code == 421 for code, _text in error.recipients.values()):
                self.forget()
            raise
        except smtplib.SMTPResponseException as error:
            if error.smtp_code == 421:
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
