"""Leaving a list as a mail client does (RFC 8058): one POST, no cookie, no redirect followed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from localmail.mails import Mail

SECONDS = 15
POST_HEADER = "List-Unsubscribe=One-Click"
URI = re.compile(r"<\s*(https?://[^>\s]+)\s*>", re.IGNORECASE)


@dataclass(frozen=True)
class Outcome:
    """What came of it: the status, 0 if nobody answered, and words for a person."""

    status: int
    words: str

    @property
    def left(self) -> bool:
        """Only 200-299 counts: a mail client shows no second page and follows no redirect."""
        return 200 <= self.status < 300


def address_of(mail: Mail) -> str:
    """The mail's one-click address; empty unless both headers are there."""
    found = URI.search(mail.header("List-Unsubscribe"))
    agreed = mail.header("List-Unsubscribe-Post").strip() == POST_HEADER
    return found[1] if found and agreed else ""


def unsubscribe(mail: Mail) -> Outcome:
    """Post to the mail's one-click address; safe to do again."""
    address = address_of(mail)
    if not address:
        return Outcome(0, "This mail has no one-click address.")
    parts = urlsplit(address)
    secure = parts.scheme.lower() == "https"
    connect = HTTPSConnection if secure else HTTPConnection
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection = connect(parts.hostname or "", parts.port, timeout=SECONDS)
        try:
            connection.request(
                "POST",
                path,
                body=POST_HEADER,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            )
            status = connection.getresponse().status
        finally:
            connection.close()
    except (OSError, HTTPException, ValueError) as error:
        return Outcome(0, f"Nobody answered at {parts.netloc}: {error}.")
    outcome = Outcome(status, "The reader gets no more of these mails.")
    if not outcome.left:
        return Outcome(status, f"The site answered {status}; a mail client expects 200.")
    return outcome
