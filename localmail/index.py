"""Which calls carry a tag: one small entry a call, however many recipients it has.

Filled line by line, when a call is taken and again from the ledger after a restart.
"""

from __future__ import annotations

import json
from array import array
from typing import NamedTuple

TAGS = b'"tags":['
RECIPIENTS = b',"recipients":'
"""What follows is the long part of a call's line. No text in JSON holds these bytes."""


class Entry(NamedTuple):
    """A call, and when it was taken."""

    number: int
    at: float


class Index:
    """Calls taken over HTTP, in order, all of them or by tag."""

    def __init__(self) -> None:
        self._numbers = array("I")
        self._times = array("d")
        self._tagged: dict[str, array[int]] = {}

    def add(self, number: int, at: float, tags: list[str]) -> None:
        """Know a call that was just taken."""
        place = len(self._numbers)
        self._times.append(at)
        self._numbers.append(number)
        for tag in tags:
            self._tagged.setdefault(tag, array("I")).append(place)

    def learn(self, line: bytes) -> None:
        """Know the call of a line of the ledger; any other line is left out."""
        head, cut, _ = line.partition(RECIPIENTS)
        if cut and TAGS in head:
            call = json.loads(head + b"}")
            self.add(call["call"], call["at"], call["tags"])

    def find(self, tags: list[str], *, every: bool = False) -> list[Entry]:
        """The calls with one of the tags or with every one; all calls when no tag is asked for."""
        if not tags:
            return [
                Entry(number, at) for number, at in zip(self._numbers, self._times, strict=False)
            ]
        found = [set(self._tagged.get(tag, ())) for tag in tags]
        places = set.intersection(*found) if every else set.union(*found)
        return [Entry(self._numbers[place], self._times[place]) for place in sorted(places)]
