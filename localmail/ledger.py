"""What was taken, on disk: in come calls, out come the same calls, for ever and in order.

Two files of JSON lines, appended to and never changed; judge.py reads them from outside:

    calls.jsonl   a line for each call, also for each refused one and for each knob that fired:
                  number, time, message id, hash of the body, tags, and every recipient with the
                  values sent for it
    bodies.jsonl  what the mails of a call have in common, once for each hash

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

from localmail.files import Lines
from localmail.index import Index
from localmail.mailgun import Call

CALLS = "calls.jsonl"
BODIES = "bodies.jsonl"

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


@dataclass(frozen=True)
class Taken:
    """A call as it stands in the ledger."""

    number: int
    at: float
    message_id: str
    body: dict[str, Any]
    recipients: list[tuple[str, str, dict[str, Any]]]
    domain: str


class Ledger:
    """The two files, open for appending; safe to use from many threads, for one process."""

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
            stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(at))
            message_id = f"<{stamp}.{number}.{os.urandom(8).hex()}@{call.domain}>"
            self._append(
                f'{{"call":{number},"at":{at:.6f},"id":{json.dumps(message_id)},'
                f'"domain":{json.dumps(call.domain)},"body":"{key}",{own}'
                f'"recipients":{recipients}}}'
            )
            self.index.add(number, at, call.body["tags"])
        return Taken(number, at, message_id, call.body, call.recipients, call.domain)

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
        kept = self._body_lines.get(line["body"])
        body = NOT_KEPT if kept is None else self._bodies.read(kept)["body"]
        body = body | {name: line[name] for name in OF_A_CALL if name in line}
        recipients = [(address, name, values) for address, name, values in line["recipients"]]
        return Taken(number, line["at"], line["id"], body, recipients, line["domain"])

    def close(self) -> None:
        """Close both files; a second time does nothing."""
        self._calls.close()
        self._bodies.close()

    def _append(self, text: str) -> None:
        self._calls.append(text.encode() + b"\n", durable=self.durable)

    def _know_body(self, number: int, line: bytes) -> None:
        self._body_lines[line[11:75].decode()] = number
