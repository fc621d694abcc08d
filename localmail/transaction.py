"""One mail over SMTP, from MAIL to its final dot: in come commands, out come answers.

A mail is answered with 250 when its line stands on disk. Mail to bounce…@ is refused when it is
named, since SMTP has no other way to tell. The knobs of SMTP have their effect here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from localmail.addresses import is_address
from localmail.envelopes import Reader
from localmail.events import outcomes
from localmail.hold import Hold
from localmail.inbox import Inbox
from localmail.knobs import Knobs
from localmail.mailgun import Refusal
from localmail.silence import NoAnswer

MOST_BYTES = 32 * 1024 * 1024
MOST_RECIPIENTS = 1000

PATH = re.compile(r"(FROM|TO): *<([^<>\s]*)>(?: +(.*))?", re.IGNORECASE)
BEYOND_ASCII = re.compile(r"[^\s@\"(),:;<>\[\\\]]{1,64}@[^\s@\"(),:;<>\[\\\]]+\.[^\s@.]{2,}")


@dataclass(frozen=True)
class Desk:
    """What every mail needs."""

    inbox: Inbox
    hold: Hold
    knobs: Knobs
    reader: Reader


class Transaction:
    """A mail that is being named; used once."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.sender: str | None = None
        self.recipients: list[str] = []
        self.beyond_ascii = False

    def mail(self, words: str) -> str:
        """Who sends it, and how large it says it is."""
        if self.sender is not None:
            raise Refusal(503, "5.5.1 A mail has begun already")
        sender, options = _path("FROM", words)
        if unknown := options.keys() - {"SIZE", "BODY", "SMTPUTF8", "AUTH"}:
            raise Refusal(555, f"5.5.4 Not possible here: {', '.join(sorted(unknown))}")
        size = options.get("SIZE", "0")
        if not size.isdecimal() or options.get("BODY", "7BIT").upper() not in {"7BIT", "8BITMIME"}:
            raise Refusal(501, "5.5.4 SIZE or BODY is wrong")
        if len(size) > 12 or int(size) > MOST_BYTES:
            raise Refusal(552, f"5.3.4 The mail has more than {MOST_BYTES} bytes")
        self.beyond_ascii = "SMTPUTF8" in options
        if sender:
            self._check(sender, "5.1.7")
        self._knob("smtp_mail_later", 451, "4.3.0 Try again later", [])
        self.sender = sender
        return "250 2.1.0 OK"

    def rcpt(self, words: str) -> str:
        """Whom it is for: one more."""
        if self.sender is None:
            raise Refusal(503, "5.5.1 Say MAIL first")
        address, options = _path("TO", words)
        if options:
            raise Refusal(555, f"5.5.4 Not possible here: {', '.join(sorted(options))}")
        if len(self.recipients) >= MOST_RECIPIENTS:
            raise Refusal(452, "4.5.3 Too many recipients", facts={"to": address})
        self._check(address, "5.1.3")
        if "failed" in outcomes(address):
            raise Refusal(550, "5.1.1 There is no such mailbox here", facts={"to": address})
        self._knob("smtp_rcpt_refused", 550, "5.1.1 There is no such mailbox here", [address])
        self._knob("smtp_rcpt_later", 450, "4.2.1 The mailbox is busy", [address])
        if over := self.desk.knobs.over_quota("smtp_quota", 1, to=address, usual=452):
            raise Refusal(over[1], "4.7.0 Quota used up, try again later", noted=True)
        self.recipients.append(address)
        return "250 2.1.5 OK"

    def data(self) -> str:
        """Whether the mail itself may come now."""
        if not self.recipients:
            raise Refusal(503, "5.5.1 Say MAIL and RCPT first")
        self._knob("smtp_data_later", 451, "4.3.0 Try again later", self.recipients)
        return "354 End it with a dot"

    def take(self, raw: bytes) -> str:
        """Record the mail, unless a knob is against it; the answer."""
        knobs, to = self.desk.knobs, self.recipients
        envelope = self.desk.reader.read(self.sender or "", to, raw)
        about: dict[str, Any] = {"to": to, "variables": envelope.variables}
        if knobs.fire("smtp_hang_before", door="smtp", addresses=to, **about):
            raise NoAnswer(knobs.normal)
        if knobs.fire("smtp_drop_before", door="smtp", addresses=to, **about):
            raise NoAnswer
        self._knob("smtp_content", 554, "5.6.0 This content is not taken", to, **about)
        taken = self.desk.inbox.accept(envelope)
        if not self.desk.hold.wait():
            raise NoAnswer
        about = {"of": taken.number}
        if knob := knobs.fire("smtp_delay", door="smtp", addresses=to, **about):
            knobs.wait(knob["seconds"])
        if knobs.fire("smtp_hang", door="smtp", addresses=to, **about):
            raise NoAnswer(knobs.normal)
        if knobs.fire("smtp_drop_after", door="smtp", addresses=to, **about):
            raise NoAnswer
        return f"250 2.0.0 Taken as {taken.number}"

    def _check(self, address: str, code: str) -> None:
        fits = is_address(address)
        if not fits and self.beyond_ascii and len(address.encode()) <= 320:
            fits = BEYOND_ASCII.fullmatch(address) is not None
        if not fits:
            raise Refusal(553, f"{code} This is no address", facts={"to": address})

    def _knob(self, name: str, code: int, words: str, addresses: list[str], **about: Any) -> None:
        about = about or {"to": addresses}
        knobs = self.desk.knobs
        if knob := knobs.asked(name, door="smtp", addresses=addresses):
            code = knob.get("code", code)
            knobs.note(knob=name, door="smtp", refused=code, **about)
            if code < 500:
                words = f"4{words[1:]}"
            raise Refusal(code, words, noted=True)


def _path(kind: str, words: str) -> tuple[str, dict[str, str]]:
    found = PATH.fullmatch(words)
    if found is None or found[1].upper() != kind:
        raise Refusal(501, f"5.5.4 Say {kind}:<address>")
    options = [option.partition("=") for option in (found[3] or "").split()]
    return found[2], {name.upper(): value for name, _, value in options}
