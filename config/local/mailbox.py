"""Reading the provider stand-in's mailbox over HTTP, and leaving a list as a mail program does."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True)
class Mail:
    """What the smoke run looks at in a mail that has arrived."""

    id: str
    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]

    @property
    def one_click_url(self) -> str:
        """The https address among those of List-Unsubscribe (RFC 8058); http on one machine."""
        found = re.search(r"<(https?://[^>]+)>", self.headers.get("list-unsubscribe", ""))
        return found[1] if found else ""


class Mailbox:
    """The mailbox at an address such as http://127.0.0.1:8001."""

    def __init__(self, url: str) -> None:
        self.url = url

    def count(self) -> int:
        """How many mails it holds."""
        return int(self._ask(limit=1)["total"])

    def mails(self, *, to: str = "", containing: str = "") -> list[Mail]:
        """Mails in order of arrival, to one address and with some words in them if asked for."""
        found = [
            Mail(
                id=mail["id"],
                to=mail["to"],
                subject=mail["subject"],
                text=mail["text"],
                html=mail["html"],
                headers={name.lower(): value for name, value in mail["headers"]},
            )
            for mail in self._ask(to=to, limit=1000)["messages"]
        ]
        return [mail for mail in found if containing in mail.subject + mail.text + mail.html]

    def _ask(self, **query: Any) -> dict[str, Any]:
        address = f"{self.url}/api/messages?{urlencode(query)}"
        with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 (our own address)
            return dict(json.loads(answer.read()))


def leave_with_one_click(url: str) -> int:
    """Post what a mail program posts; the status of the answer."""
    request = urllib.request.Request(  # noqa: S310 (our own address)
        url,
        data=b"List-Unsubscribe=One-Click",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
