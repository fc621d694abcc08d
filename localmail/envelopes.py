"""A mail as SMTP brings it: in come its bytes, out come the few facts that the ledger keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_HEAD = 256 * 1024
PREFIX = "X-Rabita-"
"""Headers that begin so are the sender's own variables, as `v:` fields are over HTTP."""

END = re.compile(rb"\r?\n\r?\n")
FOLD = re.compile(r"\r?\n(?=[ \t])")
MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")


@dataclass(frozen=True)
class Envelope:
    """One mail, and whom it is for."""

    sender: str
    """Empty for a bounce."""
    recipients: list[str]
    raw: bytes
    message_id: str
    """Its own, with its brackets; empty when it has none."""
    variables: dict[str, str]
    """`X-Rabita-Delivery: 17` is {"delivery": "17"}."""


class Reader:
    """Reads the headers that begin with the prefix, without parsing the rest of the mail."""

    def __init__(self, prefix: str = PREFIX) -> None:
        self._headers = re.compile(
            rb"^(?:(message-id)|%s([!-9;-~]+))[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)"
            % re.escape(prefix).encode(),
            re.IGNORECASE | re.MULTILINE,
        )

    def read(self, sender: str, recipients: list[str], raw: bytes) -> Envelope:
        """The envelope of a mail."""
        end = END.search(raw, 0, LONGEST_HEAD)
        message_id, variables = "", {}
        for own, name, value in self._headers.findall(raw, 0, end.start() if end else len(raw)):
            text = FOLD.sub("", value.decode(errors="replace")).strip()
            if not own:
                variables[name.decode().lower()] = text
            elif MESSAGE_ID.fullmatch(text):
                message_id = text
        return Envelope(sender, recipients, raw, message_id, variables)
