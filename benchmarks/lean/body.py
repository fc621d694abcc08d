"""The leanest body of a call to Mailgun's API: multipart, one `to`, values as JSON.

What is common to all calls is made once; a recipient adds an address and the tokens, twice the
address and nothing else. Addresses and tokens are ours: nothing in them needs escaping.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

BOUNDARY = "lean-bound"
PART = '--{}\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'

Recipient = tuple[int, str, str, str]
"""Delivery id, address, unsubscribe token, preferences token."""


def head(mail: dict[str, Any]) -> bytes:
    """Everything but the recipients and the batch's own tag."""
    fields = {
        "from": mail["from"],
        "subject": mail["subject"],
        "h:Reply-To": mail["reply_to"],
        "text": mail["text"],
        "html": mail["html"],
        "v:delivery": "%recipient.d%",
        "o:tracking": "no",
    }
    fields |= {f"h:{name}": value for name, value in mail["headers"].items()}
    return "".join(PART.format(BOUNDARY, name, value) for name, value in fields.items()).encode()


def whole(head: bytes, tag: object, recipients: Iterable[Recipient]) -> bytes:
    """The body of one call."""
    people = list(recipients)
    to = ",".join(person[1] for person in people)
    values = ",".join(f'"{a}":{{"u":"{u}","p":"{p}","d":"{d}"}}' for d, a, u, p in people)
    own = {"o:tag": tag, "v:batch": tag, "to": to, "recipient-variables": f"{{{values}}}"}
    tail = "".join(PART.format(BOUNDARY, name, value) for name, value in own.items())
    return head + tail.encode() + f"--{BOUNDARY}--\r\n".encode()


def compose(mail: dict[str, Any], mask: int) -> dict[str, Any]:
    """The mail of a digest's selection: cards in the frame; a written one is what it is."""
    if not mask:
        return mail
    keys = [f"story-{bit:02}" for bit in range(mask.bit_length()) if mask >> bit & 1][::-1]
    bodies = {
        body: mail[body][""].replace("%entries%", "".join(mail[body][key] for key in keys))
        for body in ("html", "text")
    }
    return mail | bodies


class Door:
    """One connection to the sink that stays open."""

    def __init__(self) -> None:
        url = urlsplit(os.environ["MAILGUN_API_URL"])
        self.path = f"{url.path}/{os.environ['MAILGUN_SENDER_DOMAIN']}/messages"
        self.connection = http.client.HTTPConnection(str(url.hostname), url.port)
        secret = base64.b64encode(f"api:{os.environ['MAILGUN_API_KEY']}".encode()).decode()
        self.headers = {
            "Authorization": f"Basic {secret}",
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        }

    def post(self, body: bytes) -> str:
        """The message id of the call; RuntimeError for anything but 200."""
        self.connection.request("POST", self.path, body, self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {text[:300]!r}")
        return str(json.loads(text)["id"])
