"""Events back to the site: in come the ledger's mails, out go webhooks signed as Mailgun's are.

One thread walks the ledger in order and remembers on disk how far it is. It waits as long as the
site is not up, and goes on where it stood after a restart: an event may come twice, with the
same token. Memory is flat, whatever the backlog.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import unquote, urlsplit

from localmail.events import event_for, event_token, outcomes
from localmail.inbox import Inbox
from localmail.ledger import Taken
from localmail.mails import Mail

SECONDS = 15
MOST_TRIES = 8
LONGEST_PAUSE = 10
REMEMBER_EVERY = 100

log = logging.getLogger("localmail")


def sign(key: str, *, timestamp: int, token: str) -> dict[str, str]:
    """Mailgun's signature block."""
    digest = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {"timestamp": str(timestamp), "token": token, "signature": digest}


class Webhooks:
    """The thread that tells the site; user and password may stand in the address."""

    def __init__(self, inbox: Inbox, folder: Path, *, url: str, signing_key: str) -> None:
        self.inbox = inbox
        self.signing_key = signing_key
        self._place = folder / "webhooks.json"
        self._parts = urlsplit(url)
        if self._parts.scheme not in ("http", "https") or not self._parts.hostname:
            raise ValueError(f"The webhook address must begin with http:// or https://: {url}")
        self._stop = threading.Event()
        self._connection: HTTPConnection | None = None
        self._thread = threading.Thread(target=self._run, name="localmail-webhooks", daemon=True)

    def start(self) -> None:
        """Begin, or go on where the last run stood."""
        self._thread.start()

    def stop(self) -> None:
        """End after the call under way."""
        self._stop.set()
        self.inbox.close()
        self._thread.join(SECONDS + 1)

    def _run(self) -> None:
        call, position = self._recall()
        while not self._stop.is_set():
            if call > len(self.inbox.ledger):
                self._remember(call, position)
                self.inbox.wait_for_news(call - 1, 60)
                continue
            taken = self.inbox.ledger.taken(call)
            for mail in _mails(taken, position):
                if not all(self._tell(mail, name) for name in outcomes(mail.to)):
                    break
                position = mail.position + 1
                if position % REMEMBER_EVERY == 0:
                    self._remember(call, position)
            else:
                call, position = call + 1, 1
        self._remember(call, position)
        self._hang_up()

    def _tell(self, mail: Mail, name: str) -> bool:
        """Post one event until it is settled; False when stopped before."""
        tries, pause = 0, 0.25
        while not self._stop.is_set():
            try:
                status = self._post(mail, name)
            except (OSError, HTTPException):
                self._hang_up()
                status = 0
            if 200 <= status < 300:
                return True
            tries += status > 0
            # Mailgun takes 406 for "do not try again".
            if status == 406 or tries >= MOST_TRIES:
                log.warning("The site answered %s to %s of %s: given up.", status, name, mail.id)
                return True
            self._stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        return False

    def _post(self, mail: Mail, name: str) -> int:
        token = event_token(mail, name)
        block = sign(self.signing_key, timestamp=int(time.time()), token=token)
        body = json.dumps({"signature": block, "event-data": event_for(mail, name, at=time.time())})
        if self._connection is None:
            connect = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
            self._connection = connect(
                self._parts.hostname or "", self._parts.port, timeout=SECONDS
            )
        path = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
        self._connection.request("POST", path, body=body.encode(), headers=self._headers())
        answer = self._connection.getresponse()
        answer.read()
        if answer.will_close:
            self._hang_up()
        return answer.status

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": "localmail"}
        if self._parts.username is not None:
            pair = f"{unquote(self._parts.username)}:{unquote(self._parts.password or '')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return headers

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _recall(self) -> tuple[int, int]:
        try:
            place = json.loads(self._place.read_text())
            return max(1, int(place["call"])), max(1, int(place["position"]))
        except (OSError, ValueError, KeyError, TypeError):
            return 1, 1

    def _remember(self, call: int, position: int) -> None:
        beside = self._place.with_suffix(".new")
        beside.write_text(json.dumps({"call": call, "position": position}))
        beside.replace(self._place)


def _mails(taken: Taken | None, first: int) -> Iterator[Mail]:
    # SMTP has no webhooks.
    if taken is not None and taken.piece is None:
        for position in range(first, len(taken.recipients) + 1):
            yield Mail(taken, position)
