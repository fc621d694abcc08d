"""What was taken, on disk: in come calls and mails, out come the same, for ever and in order.

Three files, appended to and never changed; judge.py reads them from outside:

    calls.jsonl   a line for each call, also for each refused one and for each knob that fired:
                  number, time, message id, hash of the body, tags, and every recipient with the
                  values sent for it; a mail over SMTP is a call, too
    bodies.jsonl  what the mails of a call have in common, once for each hash
    mails.bin     the bytes of the mails that came over SMTP

A call is taken when its line ends in a newline: one write, after its body's and before the
answer. So a kill -9 loses no call that was answered, and half a line at the end is a call that
was not: opening cuts it off. `durable=True` also calls fsync for each call, which a power cut
asks for; without it the operating system decides when to write. `lean=True` keeps who got what
values, and no bodies.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localmail.envelopes import Envelope
from localmail.files import Lines, Pieces
from localmail.index import Index
from localmail.mailgun import Call

CALLS = "calls.jsonl"
BODIES = "bodies.jsonl"
MAILS = "mails.bin"

NOWHERE = (-1, 0)

OF_A_CALL = ("tags", "variables")
"""Parts of a body that change from call to call, so that calls can share the rest."""

NOT_KEPT: dict[str, Any] = {
    "from": "nobody@localmail.invalid",
    "subject": "The body of this mail was not kept",
    "text": "This mailbox runs with --lean.",
    "html": "",
    "headers": [],
    "tags": [],
    "variables": {},
}
NOT_KEPT_MAIL = f"Subject: {NOT_KEPT['subject']}\r\n\r\n{NOT_KEPT['text']}\r\n".encode()


@dataclass(frozen=True)
class Taken:
    """A call as it stands in the ledger."""

    number: int
    at: float
    message_id: str
    body: dict[str, Any]
    recipients: list[tuple[str, str, dict[str, Any]]]
    domain: str
    piece: tuple[int, int] | None = None
    """Where a mail that came over SMTP stands and its size; None for a call over HTTP."""


class Ledger:
    """The files, open for appending; safe to use from many threads, for one process."""

    def __init__(self, folder: Path, *, durable: bool = False, lean: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.durable = durable
        self.lean = lean
        self.index = Index()
        self._lock = threading.Lock()
        self._body_lines: dict[str, int] = {}
        self._calls = Lines(folder / CALLS, lambda number, line: self.index.learn(line))
        self._bodies = Lines(folder / BODIES, self._know_body)
        self._mails = Pieces(folder / MAILS)

    def __len__(self) -> int:
        return len(self._calls)

    def take(self, call: Call) -> Taken:
        """Record a call; when this returns, the call survives a kill -9."""
        common = {name: value for name, value in call.body.items() if name not in OF_A_CALL}
        body = json.dumps(common, sort_keys=True)
        key = hashlib.sha256(body.encode()).hexdigest()
        own = "".join(f'"{name}":{json.dumps(call.body[name])},' for name in OF_A_CALL)
        recipients = json.dumps(call.recipients)
        with self._lock:
            if key not in self._body_lines and not self.lean:
                line = f'{{"sha256":"{key}","body":{body}}}\n'.encode()
                self._body_lines[key] = self._bodies.append(line, durable=self.durable)
            number, at = len(self._calls) + 1, round(time.time(), 6)
            message_id = _message_id(number, at, call.domain)
            self._append(
                f'{{"call":{number},"at":{at:.6f},"id":{json.dumps(message_id)},'
                f'"domain":{json.dumps(call.domain)},"body":"{key}",{own}'
                f'"recipients":{recipients}}}'
            )
            self.index.add(number, at, call.body["tags"])
        return Taken(number, at, message_id, call.body, call.recipients, call.domain)

    def take_mail(self, mail: Envelope) -> Taken:
        """Record a mail that came over SMTP, with the same promise."""
        key = hashlib.sha256(mail.raw).hexdigest()
        domain = mail.sender.rpartition("@")[2] or "localmail.invalid"
        recipients: list[tuple[str, str, dict[str, Any]]] = [(to, "", {}) for to in mail.recipients]
        with self._lock:
            piece = NOWHERE
            if not self.lean:
                piece = self._mails.append(mail.raw, durable=self.durable), len(mail.raw)
            number, at = len(self._calls) + 1, round(time.time(), 6)
            message_id = mail.message_id or _message_id(number, at, domain)
            line = {
                "call": number,
                "at": at,
                "id": message_id,
                "domain": domain,
                "body": key,
                "from": mail.sender,
                "mail": piece,
                "variables": mail.variables,
                "recipients": recipients,
            }
            self._append(json.dumps(line))
        return Taken(number, at, message_id, _body_of(line), recipients, domain, piece)

    def note(self, **facts: Any) -> None:
        """Record what is no mail: a refused call, a knob that fired, an emptied mailbox."""
        with self._lock:
            line = {"call": len(self._calls) + 1, "at": round(time.time(), 6), **facts}
            self._append(json.dumps(line))

    def line(self, number: int) -> dict[str, Any]:
        """The line of this number, from 1, as it was written."""
        return self._calls.read(number - 1)

    def taken(self, number: int) -> Taken | None:
        """The call of this number; None if there is none or nothing was taken."""
        if not 1 <= number <= len(self._calls):
            return None
        line = self.line(number)
        if "recipients" not in line:
            return None
        recipients = [(address, name, values) for address, name, values in line["recipients"]]
        if "mail" in line:
            body, piece = _body_of(line), (line["mail"][0], line["mail"][1])
        else:
            kept = self._body_lines.get(line["body"])
            common = NOT_KEPT if kept is None else self._bodies.read(kept)["body"]
            body = common | {name: line[name] for name in OF_A_CALL if name in line}
            piece = None
        return Taken(number, line["at"], line["id"], body, recipients, line["domain"], piece)

    def mail(self, taken: Taken) -> bytes:
        """The bytes of a mail that came over SMTP."""
        start, size = taken.piece or NOWHERE
        return NOT_KEPT_MAIL if (start, size) == NOWHERE else self._mails.read(start, size)

    def close(self) -> None:
        """Close both files; a second time does nothing."""
        self._calls.close()
        self._bodies.close()
        self._mails.close()

    def _append(self, text: str) -> None:
        self._calls.append(text.encode() + b"\n", durable=self.durable)

    def _know_body(self, number: int, line: bytes) -> None:
        self._body_lines[line[11:75].decode()] = number


def _message_id(number: int, at: float, domain: str) -> str:
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(at))
    return f"<{stamp}.{number}.{os.urandom(8).hex()}@{domain}>"


def _body_of(line: dict[str, Any]) -> dict[str, Any]:
    return {"from": line["from"], "tags": [], "variables": line["variables"]}
