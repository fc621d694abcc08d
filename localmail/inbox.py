"""The newest mails: in come calls, out come mails, found by recipient or waited for.

Memory stays flat: the newest SHOWN recipients are known by call, position and address, all else
is read from the ledger when somebody looks. Older mails keep their address by id.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter, deque
from functools import lru_cache

from localmail.envelopes import Envelope
from localmail.ledger import Ledger, Taken
from localmail.mailgun import Call
from localmail.mails import Mail
from localmail.wiremails import WireMail

SHOWN = 20_000
MAIL_ID = re.compile(r"([1-9]\d{0,11})-([1-9]\d{0,3})")


class Inbox:
    """Every mailbox in one; safe to use from many threads."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._news = threading.Condition()
        self._closed = False
        self._newest: deque[tuple[int, int, float, str]] = deque(maxlen=SHOWN)
        # Kept short: a call to a thousand people is about a megabyte when it is read.
        self.taken = lru_cache(maxsize=16)(ledger.taken)
        self._mail = lru_cache(maxsize=256)(self._make)
        self._recall()

    def accept(self, call: Call | Envelope) -> Taken:
        """Record the call or the mail and tell everybody who waits."""
        with self._news:
            if isinstance(call, Envelope):
                taken = self.ledger.take_mail(call)
            else:
                taken = self.ledger.take(call)
            self._know(taken)
            self._news.notify_all()
        return taken

    def get(self, mail_id: str) -> Mail | None:
        """The mail of this id, however old."""
        found = MAIL_ID.fullmatch(mail_id)
        if found is None or int(found[1]) > len(self.ledger):
            return None
        return self._mail(int(found[1]), int(found[2]))

    def find(
        self, *, to: str = "", since: float = 0, most: int = 100, least: int = 0, wait: float = 0
    ) -> tuple[list[Mail], int]:
        """The newest `most` mails in order of arrival, and how many there are in all.

        With `wait`, returns when there are at least `least` of them or the seconds are over.
        """
        deadline = time.monotonic() + wait
        with self._news:
            while True:
                keys = self._keys(to.strip().lower(), since)
                left = deadline - time.monotonic()
                if len(keys) >= least or left <= 0 or self._closed:
                    break
                self._news.wait(left)
        mails = [self._mail(call, position) for call, position in keys[-most:] if most]
        return [mail for mail in mails if mail is not None], len(keys)

    def people(self) -> dict[str, int]:
        """Who has mail and how much, whoever got the newest first."""
        with self._news:
            return Counter(address for _, _, _, address in reversed(self._newest))

    def clear(self) -> None:
        """Show no mail taken until now; the ledger keeps all of them."""
        with self._news:
            self.ledger.note(cleared=True)
            self._newest.clear()

    def wait_for_news(self, known: int, seconds: float) -> None:
        """Return when the ledger holds more than `known` lines, or after the seconds."""
        with self._news:
            self._news.wait_for(lambda: self._closed or len(self.ledger) > known, seconds)

    def close(self) -> None:
        """Wake everybody who waits."""
        with self._news:
            self._closed = True
            self._news.notify_all()

    def _keys(self, to: str, since: float) -> list[tuple[int, int]]:
        return [
            (call, position)
            for call, position, at, address in self._newest
            if at >= since and (not to or to == address)
        ]

    def _make(self, call: int, position: int) -> Mail | None:
        taken = self.taken(call)
        if taken is None or position > len(taken.recipients):
            return None
        if taken.piece is not None:
            return WireMail(taken, position, self.ledger.mail(taken))
        return Mail(taken, position)

    def _know(self, taken: Taken) -> None:
        self._newest.extend(_keys_of(taken))

    def _recall(self) -> None:
        for number in range(len(self.ledger), 0, -1):
            if len(self._newest) == SHOWN or "cleared" in self.ledger.line(number):
                break
            taken = self.ledger.taken(number)
            if taken is not None:
                room = SHOWN - len(self._newest)
                self._newest.extendleft(_keys_of(taken)[::-1][:room])


def _keys_of(taken: Taken) -> list[tuple[int, int, float, str]]:
    return [
        (taken.number, position, taken.at, address.lower())
        for position, (address, _, _) in enumerate(taken.recipients, start=1)
    ]
