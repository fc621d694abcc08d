"""Mailgun's "send a message" call: in comes a posted form, out comes a Call or a Refusal.

Follows what Anymail's Mailgun back-end posts and what Mailgun's documentation promises:
one bad address refuses the whole call, a thousand recipients are the most it takes, and
`recipient-variables` makes one private mail for each recipient.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from localmail.addresses import BREAKS, NotAnAddress, read_addresses
from localmail.forms import Form

MOST_RECIPIENTS = 1000

HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
PLACEHOLDER = re.compile(r"%recipient\.([^%\s]+)%")

OWN_HEADERS = {"from", "to", "cc", "bcc", "sender", "subject", "mime-version"}


class Refusal(Exception):
    """The call is refused, nothing of it was taken; status and message are the answer.

    `noted` says that the ledger knows of it already, `facts` are for the ledger alone.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        headers: dict[str, str] | None = None,
        noted: bool = False,
        facts: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}
        self.noted = noted
        self.facts = facts or {}


@dataclass(frozen=True)
class Call:
    """One call that can be taken: what is common to all of its mails, and who gets one.

    `body` holds JSON values only: from, subject, text, html, headers, variables, tags, files
    and, unless each mail is private, the to and cc lines. `recipients` are (address, name,
    values) with the recipient variables of that address.
    """

    domain: str
    body: dict[str, Any]
    recipients: list[tuple[str, str, dict[str, Any]]]


def read_call(domain: str, form: Form) -> Call:
    """The call in the form, or Refusal with Mailgun's status and words."""
    sender = _sender(form)
    to, cc, bcc = (_recipients(form, kind) for kind in ("to", "cc", "bcc"))
    if not to:
        raise Refusal(400, "to parameter is missing")
    if len(to) + len(cc) + len(bcc) > MOST_RECIPIENTS:
        raise Refusal(400, f"a message may have at most {MOST_RECIPIENTS} recipients")
    if not any(form.first(kind) for kind in ("text", "html", "amp-html")):
        raise Refusal(400, "Need at least one of 'text', 'html', 'amp-html' or 'template'")
    private = "recipient-variables" in form.fields
    values = _recipient_variables(form) if private else {}
    body: dict[str, Any] = {
        "from": sender,
        "subject": form.first("subject"),
        "text": form.first("text"),
        "html": form.first("html"),
        "headers": _prefixed(form, "h:"),
        "variables": dict(_prefixed(form, "v:")),
        "tags": form.all("o:tag"),
    }
    _check_headers(body, values)
    if not private:
        body |= {"to": form.all("to"), "cc": form.all("cc")}
    if form.files:
        body["files"] = [
            [file.field, file.name, file.content_type, base64.b64encode(file.content).decode()]
            for file in form.files
        ]
    return Call(
        domain,
        body,
        [
            (address, name, values.get(address) or values.get(address.lower()) or {})
            for address, name in to + cc + bcc
        ],
    )


def expand(template: str, values: dict[str, Any]) -> str:
    """The template with every `%recipient.key%` of these values in place.

    An unknown key stays as it is, as with Mailgun: whoever reads the mail sees the mistake.
    Values are not expanded again.
    """
    if "%recipient." not in template:
        return template
    return PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), template)


def _sender(form: Form) -> str:
    sender = ", ".join(form.all("from"))
    if not sender:
        raise Refusal(400, "from parameter is missing")
    try:
        read_addresses(sender)
    except NotAnAddress:
        raise Refusal(
            400, "from parameter is not a valid address. please check documentation"
        ) from None
    return sender


def _recipients(form: Form, kind: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for value in form.all(kind):
        try:
            found += read_addresses(value)
        except NotAnAddress:
            raise Refusal(
                400, f"{kind} parameter is not a valid address. please check documentation"
            ) from None
    return found


def _recipient_variables(form: Form) -> dict[str, dict[str, Any]]:
    text = form.first("recipient-variables")
    try:
        values = json.loads(text)
        if SURROGATE.search(text):
            # Half a character cannot stand in any mail: this fails where one is alone.
            json.dumps(values, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict) or not all(isinstance(v, dict) for v in values.values()):
        raise Refusal(400, "recipient-variables parameter is not a valid JSON dictionary")
    return values


def _prefixed(form: Form, prefix: str) -> list[list[str]]:
    return [
        [name[len(prefix) :], value]
        for name, values in form.fields.items()
        if name.startswith(prefix)
        for value in values
    ]


def _check_headers(body: dict[str, Any], values: dict[str, dict[str, Any]]) -> None:
    """A line break in a header would let the sender write headers of his own."""
    lines, seen = [body["from"], body["subject"]], set(OWN_HEADERS)
    for name, value in body["headers"]:
        known = name.lower()
        if not HEADER_NAME.fullmatch(name) or known in seen or known.startswith("content-"):
            raise Refusal(400, f"h:{name} is not a header that can be set, or is set twice")
        seen.add(known)
        lines.append(value)
    if any(BREAKS.search(line) for line in lines):
        raise Refusal(400, "a header holds a line break")
    used = {key for line in lines for key in PLACEHOLDER.findall(line)}
    for one in values.values():
        if any(isinstance(value := one.get(key), str) and BREAKS.search(value) for key in used):
            raise Refusal(400, "a header holds a line break")
