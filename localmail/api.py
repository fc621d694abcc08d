"""localmail's own JSON: finds mail again, holds answers back, turns the knobs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from localmail import oneclick
from localmail.exchange import Answer, BadRequest, Request, Route, as_json
from localmail.hold import Hold
from localmail.inbox import Inbox
from localmail.knobs import Knobs
from localmail.mails import Mail
from localmail.settings import known

LONGEST_WAIT = 60
MOST_MAILS = 1000


class Api:
    """Answers for /api."""

    def __init__(self, inbox: Inbox, hold: Hold, knobs: Knobs, *, test_mode: bool) -> None:
        self.inbox = inbox
        self.hold = hold
        self.knobs = knobs
        self.test_mode = test_mode

    def routes(self) -> list[Route]:
        """What is answered where."""
        return [
            ("GET", r"/api/messages", self.find),
            ("DELETE", r"/api/messages", self.clear),
            ("GET", r"/api/messages/(?P<mail_id>[\d-]+)", self.show),
            ("GET", r"/api/messages/(?P<mail_id>[\d-]+)/raw", self.raw),
            ("POST", r"/api/messages/(?P<mail_id>[\d-]+)/unsubscribe", self.unsubscribe),
            ("GET", r"/api/hold", self.held),
            ("POST", r"/api/hold", self.shut),
            ("POST", r"/api/release", self.release),
            ("GET", r"/api/knobs", self.knobs_now),
            ("PUT", r"/api/knobs", self.turn),
            ("DELETE", r"/api/knobs", self.normal),
            ("PUT", r"/api/knobs/(?P<name>[a-z_]+)", self.turn_one),
            ("DELETE", r"/api/knobs/(?P<name>[a-z_]+)", self.normal_one),
            ("GET", r"/api/healthz", self.healthz),
        ]

    def find(self, request: Request) -> Answer:
        """Mails in order of arrival: `to`, `since`, `limit`, and `wait` for `count` of them."""
        mails, total = self.inbox.find(
            to=request.query.get("to", ""),
            since=_moment(request.query.get("since", "")),
            most=int(request.number("limit", 100, MOST_MAILS)),
            least=int(request.number("count", 1, 1_000_000)),
            wait=request.number("wait", 0, LONGEST_WAIT),
        )
        brief = request.query.get("brief") == "1"
        return as_json({"total": total, "messages": [_shown(mail, brief=brief) for mail in mails]})

    def show(self, request: Request, mail_id: str) -> Answer:
        """One mail."""
        return as_json(_shown(self._mail(mail_id)))

    def raw(self, request: Request, mail_id: str) -> Answer:
        """One mail's final bytes."""
        return Answer(self._mail(mail_id).raw, content_type="message/rfc822")

    def unsubscribe(self, request: Request, mail_id: str) -> Answer:
        """Leave the mail's list as a mail client does."""
        outcome = oneclick.unsubscribe(self._mail(mail_id))
        return as_json({"status": outcome.status, "left": outcome.left, "words": outcome.words})

    def clear(self, request: Request) -> Answer:
        """Empty the mailbox, in test mode; the ledger keeps everything."""
        self._in_test_mode()
        self.inbox.clear()
        return as_json({"total": 0})

    def held(self, request: Request) -> Answer:
        """Whether answers are held, and how many wait."""
        return as_json({"held": self.hold.is_shut, "waiting": self.hold.waiting})

    def shut(self, request: Request) -> Answer:
        """Take and record later calls, but answer them only after a release."""
        self.hold.shut()
        return self.held(request)

    def release(self, request: Request) -> Answer:
        """Answer every call that waits."""
        self.hold.release()
        return self.held(request)

    def knobs_now(self, request: Request) -> Answer:
        """The knobs that are set with their counts, and all that there are."""
        self._in_test_mode()
        return as_json({"knobs": self.knobs.shown(), "known": known()})

    def turn(self, request: Request) -> Answer:
        """Set the knobs of the body and no others."""
        self._in_test_mode()
        return self._turned(lambda: self.knobs.turn(request.json()))

    def turn_one(self, request: Request, name: str) -> Answer:
        """Set one knob, afresh, and leave the others."""
        self._in_test_mode()
        return self._turned(lambda: self.knobs.turn_one(name, request.json()))

    def normal(self, request: Request) -> Answer:
        """Set every knob back, and let go whoever waits because of one."""
        self._in_test_mode()
        return self._turned(lambda: self.knobs.turn({}))

    def normal_one(self, request: Request, name: str) -> Answer:
        """Set one knob back."""
        self._in_test_mode()
        return self._turned(lambda: self.knobs.reset_one(name))

    def healthz(self, request: Request) -> Answer:
        """Ready: a start script asks this."""
        return as_json({"ok": True, "calls": len(self.inbox.ledger)})

    def _turned(self, turn: Callable[[], None]) -> Answer:
        try:
            turn()
        except ValueError as error:
            raise BadRequest(str(error)) from None
        return as_json({"knobs": self.knobs.shown()})

    def _in_test_mode(self) -> None:
        if not self.test_mode:
            raise BadRequest("This is possible only when started with --test-mode.", 403)

    def _mail(self, mail_id: str) -> Mail:
        mail = self.inbox.get(mail_id)
        if mail is None:
            raise BadRequest("There is no such mail.", 404)
        return mail


def _moment(value: str) -> float:
    """Seconds since 1970 from such a number or from a date and time in ISO 8601 with its zone."""
    if not value:
        return 0
    try:
        return float(value)
    except ValueError:
        try:
            return dt.datetime.fromisoformat(value).astimezone(dt.UTC).timestamp()
        except (ValueError, OverflowError):
            raise BadRequest("since must be seconds since 1970 or an ISO 8601 time.") from None


def _shown(mail: Mail, *, brief: bool = False) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": mail.id,
        "to": mail.to,
        "subject": mail.subject,
        "received_at": mail.received_at.isoformat(),
        "message_id": mail.message_id,
        "tags": mail.tags,
        "variables": mail.variables,
    }
    if not brief:
        shown |= {
            "headers": mail.headers,
            "text": mail.text,
            "html": mail.html,
            "size": len(mail.raw),
            "html_size": mail.html_size,
        }
    return shown
