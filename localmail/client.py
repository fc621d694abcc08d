"""Asking localmail from outside, in tests and in the smoke run: in come words, out come mails."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

MARGIN_SECONDS = 15


class NoMail(AssertionError):
    """The mails that were waited for did not come in time."""


@dataclass(frozen=True)
class Received:
    """A mail as localmail shows it."""

    id: str
    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    """The last value of each, by its name in lower case."""
    variables: dict[str, str]
    tags: list[str]
    message_id: str
    received_at: str
    size: int
    html_size: int


class Client:
    """Speaks to the localmail at `url`, for example http://127.0.0.1:8001."""

    def __init__(self, url: str) -> None:
        if not url.startswith("http://"):
            raise ValueError(f"localmail speaks plain HTTP, not {url}")
        self.url = url.rstrip("/")
        self._opener = build_opener(ProxyHandler({}))

    def mails(self, *, to: str = "", since: str | float = "") -> list[Received]:
        """The newest thousand mails in order of arrival."""
        return self._find(to=to, since=since, wait=0, count=0)[0]

    def wait(
        self, *, to: str = "", since: str | float = "", count: int = 1, seconds: float = 20
    ) -> list[Received]:
        """The mails as soon as there are `count`; raises NoMail when the seconds are over."""
        mails, total = self._find(to=to, since=since, wait=min(seconds, 60), count=count)
        if total < count:
            raise NoMail(
                f"{total} of {count} mails to {to or 'anybody'} after {seconds:g} seconds: "
                f"{[(mail.to, mail.subject) for mail in mails]}"
            )
        return mails

    def raw(self, mail_id: str) -> bytes:
        """The final bytes of one mail."""
        return self._ask("GET", f"/api/messages/{mail_id}/raw")

    def clear(self) -> None:
        """Empty the mailbox; refused unless localmail runs in test mode."""
        self._ask("DELETE", "/api/messages")

    def hold(self) -> None:
        """Let later calls be taken and recorded, but not answered."""
        self._ask("POST", "/api/hold")

    def release(self) -> None:
        """Answer every call that waits."""
        self._ask("POST", "/api/release")

    def held(self) -> int:
        """How many calls wait for their answer now."""
        return int(json.loads(self._ask("GET", "/api/hold"))["waiting"])

    def turn(self, **knobs: dict[str, Any]) -> None:
        """Set these knobs and no others, as settings.py lists them; refused outside test mode."""
        self._ask("PUT", "/api/knobs", body=json.dumps(knobs).encode())

    def normal(self) -> None:
        """Set every knob back to normal, and let go whoever waits because of one."""
        self._ask("DELETE", "/api/knobs")

    def knobs(self) -> dict[str, dict[str, Any]]:
        """The knobs that are set, each with how often it was asked (`seen`) and has `fired`."""
        found: dict[str, dict[str, Any]] = json.loads(self._ask("GET", "/api/knobs"))["knobs"]
        return found

    def unsubscribe(self, mail_id: str) -> int:
        """Leave the mail's list by its one-click address, as a mail client does; the status."""
        return int(json.loads(self._ask("POST", f"/api/messages/{mail_id}/unsubscribe"))["status"])

    def _find(self, **query: Any) -> tuple[list[Received], int]:
        found = json.loads(
            self._ask("GET", f"/api/messages?{urlencode({**query, 'limit': 1000})}", query["wait"])
        )
        mails = [
            Received(**{**mail, "headers": {name.lower(): text for name, text in mail["headers"]}})
            for mail in found["messages"]
        ]
        return mails, found["total"]

    def _ask(self, method: str, path: str, wait: float = 0, body: bytes | None = None) -> bytes:
        request = Request(self.url + path, data=body, method=method)  # noqa: S310
        try:
            with self._opener.open(request, timeout=wait + MARGIN_SECONDS) as answer:
                return bytes(answer.read())
        except HTTPError as error:
            with error:
                raise RuntimeError(
                    f"{method} {path}: {error.code} {error.read(1000).decode(errors='replace')}"
                ) from None
