"""One recipient's mail: in comes a call from the ledger and a position, out comes final MIME.

Made when somebody looks, the same bytes each time: a million recipients cost nothing here
until a mailbox is opened.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cached_property
from typing import Any

from localmail.addresses import BREAKS, read_addresses
from localmail.ledger import Taken
from localmail.mailgun import expand

CLIP_BYTES = 102 * 1024
"""Near this weight of the HTML, as encoded, Gmail hides the rest behind a link."""

KIND = re.compile(r"(application|audio|font|image|text|video)/([a-z0-9.+-]{1,100})")
POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True)
class Mail:
    """A mail as its recipient gets it."""

    call: Taken
    position: int
    """From 1, in the order of the call's recipients."""

    @property
    def id(self) -> str:
        """Name of the mail in every address here: call and position."""
        return f"{self.call.number}-{self.position}"

    @property
    def to(self) -> str:
        """The recipient's plain address."""
        return self.call.recipients[self.position - 1][0]

    @property
    def values(self) -> dict[str, Any]:
        """The recipient variables sent for this address."""
        return self.call.recipients[self.position - 1][2]

    @property
    def message_id(self) -> str:
        """The id that the call was answered with: the same for all of its mails."""
        return self.call.message_id

    @property
    def received_at(self) -> dt.datetime:
        """When the call was taken, in UTC."""
        return dt.datetime.fromtimestamp(self.call.at, tz=dt.UTC)

    @property
    def tags(self) -> list[str]:
        """The call's tags."""
        return list(self.call.body["tags"])

    @cached_property
    def variables(self) -> dict[str, str]:
        """The v: variables with this recipient's values: what webhooks report back."""
        return {k: expand(v, self.values) for k, v in self.call.body["variables"].items()}

    @cached_property
    def subject(self) -> str:
        """The subject as read."""
        return self._line(self.call.body["subject"])

    @cached_property
    def text(self) -> str:
        """The text part as read; empty when there is none."""
        return expand(self.call.body["text"], self.values)

    @cached_property
    def html(self) -> str:
        """The HTML part as read; empty when there is none."""
        return expand(self.call.body["html"], self.values)

    @cached_property
    def message(self) -> EmailMessage:
        """The final mail."""
        mail = EmailMessage(policy=POLICY)
        for name, value in self._headers():
            mail[name] = value
        self._fill(mail)
        return mail

    @cached_property
    def raw(self) -> bytes:
        """The final mail as it goes over the wire."""
        return self.message.as_bytes()

    @cached_property
    def headers(self) -> list[tuple[str, str]]:
        """The final mail's headers as read, in order."""
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def html_size(self) -> int:
        """Bytes of the HTML part as encoded: what the clip line is about."""
        part = self.message.get_body(preferencelist=("html",))
        if part is None:
            return 0
        encoded = str(part.get_payload())
        return len(encoded) + encoded.count("\n")

    def header(self, name: str) -> str:
        """One header's value as read; empty when it is missing."""
        return str(self.message.get(name, ""))

    def people(self, header: str) -> list[tuple[str, str]]:
        """The (name, address) pairs of a header with addresses."""
        found = self.message[header].addresses
        return [(one.display_name, one.addr_spec) for one in found]

    def _headers(self) -> list[tuple[str, Any]]:
        body = self.call.body
        address, name, _ = self.call.recipients[self.position - 1]
        to = _people(body["to"]) if "to" in body else [_person(name, address)]
        own = [(name, self._line(value)) for name, value in body["headers"]]
        given = {name.lower() for name, _ in own}
        headers: list[tuple[str, Any]] = [
            ("From", _people([body["from"]])),
            ("To", to),
            ("Subject", self.subject),
        ]
        if body.get("cc"):
            headers.append(("Cc", _people(body["cc"])))
        if "date" not in given:
            headers.append(("Date", format_datetime(self.received_at)))
        if "message-id" not in given:
            headers.append(("Message-ID", self.call.message_id))
        # An empty value is a placeholder that this recipient has no value for: no header.
        headers += [(name, _written(name, value)) for name, value in own if value]
        headers += [("X-Mailgun-Tag", BREAKS.sub(" ", tag)) for tag in body["tags"]]
        if self.variables:
            headers.append(("X-Mailgun-Variables", json.dumps(self.variables)))
        return headers

    def _fill(self, mail: EmailMessage) -> None:
        if self.text:
            mail.set_content(self.text, cte=_encoding(self.text))
        if self.html and self.text:
            mail.add_alternative(self.html, subtype="html", cte=_encoding(self.html))
        elif self.html:
            mail.set_content(self.html, subtype="html", cte=_encoding(self.html))
        for kind, name, content_type, content in self.call.body.get("files", []):
            known = KIND.fullmatch(content_type.partition(";")[0].strip().lower())
            maintype, subtype = known.groups() if known else ("application", "octet-stream")
            mail.add_attachment(
                base64.b64decode(content),
                maintype=maintype,
                subtype=subtype,
                filename=BREAKS.sub(" ", name),
                disposition="inline" if kind == "inline" else "attachment",
            )
        for number, part in enumerate(mail.walk()):
            if part.is_multipart():
                seed = f"{self.call.message_id} {self.position} {number}"
                part.set_boundary(f"=_{hashlib.sha256(seed.encode()).hexdigest()[:32]}")

    def _line(self, template: str) -> str:
        return BREAKS.sub(" ", expand(template, self.values))


def _written(name: str, value: str) -> str:
    # The one header that has no way to write a letter outside ASCII.
    return value.encode("ascii", "replace").decode() if name.lower() == "message-id" else value


def _encoding(text: str) -> str:
    """The encoding with the fewest bytes: Arabic in quoted-printable costs six a letter."""
    if text.isascii() and max(map(len, text.splitlines()), default=0) <= 998:
        return "7bit"
    encoded = text.encode()
    escaped = len(encoded) - len(text.encode("ascii", "ignore")) + text.count("=")
    printed = len(encoded) + 2 * escaped
    in_letters = -(-len(encoded) // 57) * 78
    return "base64" if printed + printed // 75 * 3 > in_letters else "quoted-printable"


def _people(lines: list[str]) -> list[Address]:
    return [_person(name, address) for line in lines for address, name in read_addresses(line)]


def _person(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(display_name=name, username=local, domain=domain)
