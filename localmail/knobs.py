"""Faults to order: in come settings as JSON, out comes whether a knob fires now.

    {"too_many": {"next": 3, "retry_after": 2}, "error_after": {"chance": 0.1, "seed": 7}}

A knob counts what comes as far as it does, from 1 and from the moment it is set. It fires on all
of that, or narrowed: `from` the so-and-so-many'th on, with a `chance` (dice with a fixed `seed`:
the same ones each time), and then `next` times at most. Turning and firing are both noted in the
ledger. settings.py lists the knobs and what each can be told.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Collection
from typing import Any

from localmail.settings import checked

A_DAY = 86_400

Settings = dict[str, dict[str, Any]]


class Knobs:
    """The knobs that are set; all doors ask here, from many threads."""

    def __init__(self, note: Callable[..., None], settings: Settings | None = None) -> None:
        self.note = note
        self._lock = threading.Lock()
        self._set: dict[str, _Knob] = {}
        self.normal = threading.Event()
        """Set when those who wait because of a knob should wait no longer."""
        if settings:
            self.turn(settings)

    def shown(self) -> Settings:
        """The settings, each with how often its knob was asked and has fired."""
        with self._lock:
            return {name: knob.shown() for name, knob in self._set.items()}

    def turn(self, settings: Any) -> None:
        """Set these knobs and no others; raises ValueError in words and then changes nothing."""
        knobs = {name: _Knob(setting) for name, setting in checked(settings).items()}
        with self._lock:
            self._set = knobs
            self.normal.set()
            self.normal = threading.Event()
        self.note(knobs=settings)

    def turn_one(self, name: str, setting: Any) -> None:
        """Set this knob, from its first count on, and leave the others."""
        knob = _Knob(checked({name: setting})[name])
        with self._lock:
            self._set[name] = knob
        self.note(knobs={name: setting})

    def reset_one(self, name: str) -> None:
        """Set this knob back to normal."""
        with self._lock:
            self._set.pop(name, None)
        self.note(knobs={name: None})

    def fire(
        self,
        name: str,
        *,
        door: str = "send",
        addresses: Collection[str] = (),
        **facts: Any,
    ) -> dict[str, Any] | None:
        """The knob's setting when it fires now, else None; the facts go into the ledger."""
        setting = self.asked(name, door=door, addresses=addresses)
        if setting is not None:
            self.note(knob=name, door=door, **facts)
        return setting

    def asked(
        self, name: str, *, door: str = "send", addresses: Collection[str] = ()
    ) -> dict[str, Any] | None:
        """As `fire`, for whoever knows the facts only afterwards and notes them then."""
        if name not in self._set:
            return None
        with self._lock:
            knob = self._set.get(name)
            fires = knob is not None and knob.is_meant(door, addresses) and knob.fires()
            return {**knob.setting, "fired": knob.fired} if knob is not None and fires else None

    def lag(self) -> float:
        """Seconds that look-ups are behind."""
        knob = self._set.get("lag")
        return 0 if knob is None else float(knob.setting["seconds"])

    def lagged(self, calls: list[int]) -> None:
        """Note the calls that the lag has hidden from a look-up."""
        with self._lock:
            if knob := self._set.get("lag"):
                knob.fired += 1
        self.note(knob="lag", hidden=calls)

    def over_quota(
        self, name: str, recipients: int, *, usual: int, **facts: Any
    ) -> tuple[float, int] | None:
        """None when the recipients fit in, else the seconds until there is room, and the status."""
        with self._lock:
            knob = self._set.get(name)
            if knob is None or not (seconds := knob.spend(recipients)):
                return None
        status = knob.setting.get("status", usual)
        self.note(knob=name, refused=status, size=recipients, **facts)
        return seconds, status

    def wait(self, seconds: float) -> None:
        """Let the seconds pass, unless everything goes back to normal before."""
        self.normal.wait(seconds)


class _Knob:
    """One knob as it is set, and its counts."""

    def __init__(self, setting: dict[str, Any]) -> None:
        self.setting = setting
        self.addresses = {address.lower() for address in setting.get("addresses", ())}
        self.seen = self.fired = self.used = 0
        self.resets_at = 0.0
        self._dice = random.Random(setting.get("seed", 0))  # noqa: S311  (the same each time)

    def shown(self) -> dict[str, Any]:
        spent = {"used": self.used} if "recipients" in self.setting else {}
        return {**self.setting, "seen": self.seen, "fired": self.fired, **spent}

    def is_meant(self, door: str, addresses: Collection[str]) -> bool:
        """Whether this is something that the knob counts."""
        if self.addresses and self.addresses.isdisjoint(map(str.lower, addresses)):
            return False
        return door == "smtp" or self.setting.get("on", "send") in (door, "any")

    def fires(self) -> bool:
        self.seen += 1
        # Thrown each time, so that the n-th throw decides on the n-th call.
        lucky = self._dice.random() < self.setting.get("chance", 1)
        if self.seen < self.setting.get("from", 1) or not lucky:
            return False
        if self.fired >= self.setting.get("next", self.fired + 1):
            return False
        self.fired += 1
        return True

    def spend(self, recipients: int) -> float:
        self.seen += 1
        now = time.time()
        if now >= self.resets_at:
            self.used, self.resets_at = 0, now + self.setting.get("resets_in", A_DAY)
        if self.used + recipients <= self.setting["recipients"]:
            self.used += recipients
            return 0
        self.fired += 1
        return self.resets_at - now
