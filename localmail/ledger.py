"""What was taken, on disk: in come calls, out come the same calls, for ever and in order.

Two files of JSON lines, appended to and never changed:

    calls.jsonl   a line for each call, also for each refused one: number, time, message id,
                  hash of the body, and every recipient with the values sent for it
    bodies.jsonl  what the mails of a call have in common, once for each hash

A call is taken when its line ends in a newline: one write, after its body's and before the
answer. So a kill -9 loses no call that was answered, and half a line at the end is a call that
was not: opening cuts it off. `durable=True` also calls fsync for each call, which a power cut
asks for; without it the operating system decides when to write.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localmail.mailgun import Call, expand

CALLS = "calls.jsonl"
BODIES = "bodies.jsonl"


class LedgerDamaged(Exception):
    """A line that was complete cannot be read: the disk or a hand has changed it."""


@dataclass(frozen=True)
class Taken:
    """A call as it stands in the ledger."""

    number: int
    at: float
    message_id: str
    body: dict[str, Any]
    recipients: list[tuple[str, str, dict[str, Any]]]
    domain: str


@dataclass(frozen=True)
class Row:
    """One recipient of one call, as a judge joins it with the database."""

    call: int
    position: int
    recipient: str
    message_id: str
    at: float
    body_hash: str
    """SHA-256 of what the call's mails have in common; with `values` it fixes the bytes."""
    variables: dict[str, str]
    """The v: variables, with this recipient's values in place."""
    values: dict[str, Any]


class Ledger:
    """The two files, open for appending; safe to use from many threads, for one process."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.durable = durable
        self._lock = threading.Lock()
        self._calls = _Lines(folder / CALLS)
        self._bodies = _Lines(folder / BODIES)
        self._body_lines = {
            line[11:75].decode(): number for number, line in enumerate(self._bodies.walk())
        }

    def __len__(self) -> int:
        return len(self._calls)

    def take(self, call: Call) -> Taken:
        """Record a call; when this returns, the call survives a kill -9."""
        body = json.dumps(call.body, ensure_ascii=True, sort_keys=True)
        key = hashlib.sha256(body.encode()).hexdigest()
        recipients = json.dumps(call.recipients)
        with self._lock:
            if key not in self._body_lines:
                self._body_lines[key] = self._append(
                    self._bodies, f'{{"sha256":"{key}","body":{body}}}'
                )
            number, at = len(self._calls) + 1, time.time()
            stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(at))
            message_id = f"<{stamp}.{number}.{os.urandom(8).hex()}@{call.domain}>"
            self._append(
                self._calls,
                f'{{"call":{number},"at":{at:.6f},"id":{json.dumps(message_id)},'
                f'"domain":{json.dumps(call.domain)},"body":"{key}","recipients":{recipients}}}',
            )
        return Taken(number, at, message_id, call.body, call.recipients, call.domain)

    def note(self, **facts: Any) -> None:
        """Record what is no mail: a refused call, an emptied mailbox."""
        with self._lock:
            line = {"call": len(self._calls) + 1, "at": round(time.time(), 6), **facts}
            self._append(self._calls, json.dumps(line))

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
        body = self._bodies.read(self._body_lines[line["body"]])["body"]
        recipients = [(address, name, values) for address, name, values in line["recipients"]]
        return Taken(number, line["at"], line["id"], body, recipients, line["domain"])

    def close(self) -> None:
        """Close both files; a second time does nothing."""
        self._calls.close()
        self._bodies.close()

    def _append(self, lines: _Lines, text: str) -> int:
        return lines.append(text.encode() + b"\n", durable=self.durable)


def rows(folder: Path) -> Iterator[Row]:
    """Every recipient of every call taken, in order, while a server may still be writing."""
    bodies: dict[str, dict[str, str]] = {}
    with (folder / CALLS).open("rb") as calls, (folder / BODIES).open("rb") as known:
        for line in calls:
            if not line.endswith(b"\n"):
                return
            call = json.loads(line)
            if "recipients" not in call:
                continue
            while call["body"] not in bodies:
                found = json.loads(known.readline())
                bodies[found["sha256"]] = found["body"]["variables"]
            common = bodies[call["body"]]
            for position, (address, _, values) in enumerate(call["recipients"], start=1):
                variables = {key: expand(value, values) for key, value in common.items()}
                yield Row(
                    call["call"], position, address, call["id"], call["at"], call["body"],
                    variables, values,
                )  # fmt: skip


class _Lines:
    """A file of JSON lines: append one, read one by its number."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._starts = array("Q", [0])
        with path.open("rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    self._starts.append(self._starts[-1] + len(line))
        os.ftruncate(self._file, self._starts[-1])

    def __len__(self) -> int:
        return len(self._starts) - 1

    def append(self, line: bytes, *, durable: bool) -> int:
        """Write a whole line and return its number, from 0."""
        start = self._starts[-1]
        try:
            written = 0
            while written < len(line):
                written += os.write(self._file, line[written:])
            if durable:
                os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, start)
            raise
        self._starts.append(start + len(line))
        return len(self._starts) - 2

    def read(self, number: int) -> dict[str, Any]:
        """The line of this number, from 0."""
        start, end = self._starts[number], self._starts[number + 1]
        try:
            line = json.loads(os.pread(self._file, end - start, start))
        except ValueError:
            line = None
        if not isinstance(line, dict):
            raise LedgerDamaged(f"{self.path}: line {number + 1} cannot be read.")
        return line

    def walk(self) -> Iterator[bytes]:
        """Every line's bytes, in order."""
        with self.path.open("rb") as lines:
            yield from lines

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
