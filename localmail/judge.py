"""The ledger read from outside, while a server may still be writing: what a judge joins.

In comes a mailbox's folder, out come its lines one by one: memory is flat, and a million
recipients take some five seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from localmail.ledger import CALLS
from localmail.mailgun import expand


class Row(NamedTuple):
    """One recipient of one call, as a judge joins it with the database."""

    call: int
    position: int
    recipient: str
    message_id: str
    at: float
    body_hash: str
    """SHA-256 of what the mails of many calls have in common; with the rest it fixes the bytes."""
    variables: dict[str, str]
    """The v: variables, with this recipient's values in place."""
    values: dict[str, Any]
    tags: list[str]
    door: str
    """`http` or `smtp`."""


def rows(folder: Path) -> Iterator[Row]:
    """Every recipient of every call taken, in order."""
    for call in _lines(folder):
        if "recipients" not in call:
            continue
        number, message_id, at, body = call["call"], call["id"], call["at"], call["body"]
        common, tags = call.get("variables", {}), call.get("tags", [])
        door = "smtp" if "mail" in call else "http"
        for position, (address, _, values) in enumerate(call["recipients"], start=1):
            variables = {name: expand(value, values) for name, value in common.items()}
            yield Row(
                number, position, address, message_id, at, body, variables, values, tags, door
            )  # fmt: skip


def notes(folder: Path) -> Iterator[dict[str, Any]]:
    """What is no mail, in order: calls refused (`refused`), knobs turned (`knobs`) or fired
    (`knob`, and `of` for the call that it fired on), the mailbox emptied (`cleared`)."""
    return (line for line in _lines(folder) if "recipients" not in line)


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    with (folder / CALLS).open("rb") as calls:
        for line in calls:
            if not line.endswith(b"\n"):
                return
            yield json.loads(line)
