"""One recipient's mail that came over SMTP: the very bytes, read as a mail client reads them.

Whatever came is shown: what is malformed is shown as it stands, and never an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from functools import cached_property

from localmail.addresses import BREAKS
from localmail.mails import Mail


@dataclass(frozen=True)
class WireMail(Mail):
    """A mail whose bytes are known, for one of its recipients."""

    wire: bytes = b""

    @property
    def raw(self) -> bytes:
        """The bytes that came."""
        return self.wire

    @cached_property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        return message_from_bytes(self.wire, policy=default)

    @cached_property
    def headers(self) -> list[tuple[str, str]]:
        """Its headers as read, in order."""
        return [(name, _read(value)) for name, value in self.message.raw_items()]

    @cached_property
    def subject(self) -> str:
        """The subject as read."""
        return self.header("Subject")

    @cached_property
    def text(self) -> str:
        """The text part as read; empty when there is none."""
        return self._part("plain")[0]

    @cached_property
    def html(self) -> str:
        """The HTML part as read; empty when there is none."""
        return self._part("html")[0]

    @property
    def html_size(self) -> int:
        """Bytes of the HTML part as encoded."""
        return self._part("html")[1]

    def header(self, name: str) -> str:
        """One header's first value as read; empty when it is missing."""
        return next((text for own, text in self.headers if own.lower() == name.lower()), "")

    def people(self, header: str) -> list[tuple[str, str]]:
        """Of To and From: what the mail says, or else what was said before it came."""
        found = [pair for pair in getaddresses([self.header(header)]) if any(pair)]
        return found or [("", self.to if header == "To" else self.call.body["from"])]

    def _part(self, kind: str) -> tuple[str, int]:
        for part in self.message.walk():
            if part.get_content_type() == f"text/{kind}" and not part.is_attachment():
                encoded, content = str(part.get_payload()), part.get_payload(decode=True)
                if not isinstance(content, bytes):
                    return "", 0
                try:
                    text = content.decode(part.get_content_charset("utf-8"), "replace")
                except (LookupError, ValueError):
                    text = content.decode(errors="replace")
                size = len(encoded) if encoded.isascii() else len(content)
                return text.replace("\r\n", "\n"), size
        return "", 0


def _read(value: str) -> str:
    # The parser keeps bytes beyond ASCII as surrogates: they are UTF-8 by now.
    text = BREAKS.sub("", value.encode("ascii", "surrogateescape").decode(errors="replace"))
    try:
        return str(make_header(decode_header(text))).strip()
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return text.strip()
