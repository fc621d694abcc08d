"""Two JSON faces: Mailgun's, which takes mail, and localmail's own, which finds it again."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hmac
from typing import Any

from localmail import oneclick
from localmail.forms import UnreadableForm, read_form
from localmail.hold import Hold
from localmail.inbox import Inbox
from localmail.mailgun import Refusal, read_call
from localmail.mails import Mail
from localmail.server import Answer, BadRequest, Request, Route, as_json

LONGEST_WAIT = 60
MOST_MAILS = 1000


class Api:
    """Answers for /v3 and /api."""

    def __init__(self, inbox: Inbox, hold: Hold, *, api_key: str, test_mode: bool) -> None:
        self.inbox = inbox
        self.hold = hold
        self.api_key = api_key
        self.test_mode = test_mode

    def routes(self) -> list[Route]:
        """What is answered where."""
        return [
            ("POST", r"/v3/(?P<domain>[A-Za-z0-9.-]{1,253})/messages", self.send),
            ("GET", r"/api/messages", self.find),
            ("DELETE", r"/api/messages", self.clear),
            ("GET", r"/api/messages/(?P<mail_id>[\d-]+)", self.show),
            ("GET", r"/api/messages/(?P<mail_id>[\d-]+)/raw", self.raw),
            ("POST", r"/api/messages/(?P<mail_id>[\d-]+)/unsubscribe", self.unsubscribe),
            ("GET", r"/api/hold", self.held),
            ("POST", r"/api/hold", self.shut),
            ("POST", r"/api/release", self.release),
            ("GET", r"/api/healthz", self.healthz),
        ]

    def send(self, request: Request, domain: str) -> Answer:
        """Mailgun's "send a message": all of the call is taken, or nothing."""
        try:
            self._authenticate(request)
            form = read_form(request.headers.get("content-type", ""), request.body)
            call = read_call(domain, form)
        except UnreadableForm as error:
            return self._refuse(Refusal(400, str(error)))
        except Refusal as refusal:
            return self._refuse(refusal)
        taken = self.inbox.accept(call)
        if not self.hold.wait():
            raise BadRequest("The call was taken and held, and never released.", 504)
        return as_json({"id": taken.message_id, "message": "Queued. Thank you."})

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
        if not self.test_mode:
            raise BadRequest("The mailbox is emptied only when started with --test-mode.", 403)
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

    def healthz(self, request: Request) -> Answer:
        """Ready: a start script asks this."""
        return as_json({"ok": True, "calls": len(self.inbox.ledger)})

    def _authenticate(self, request: Request) -> None:
        kind, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True) if kind.lower() == "basic" else b""
        except (binascii.Error, ValueError):
            given = b""
        if not hmac.compare_digest(given, f"api:{self.api_key}".encode()):
            raise Refusal(401, "Invalid private key")

    def _refuse(self, refusal: Refusal) -> Answer:
        self.inbox.ledger.note(refused=refusal.status, why=refusal.message)
        return as_json({"message": refusal.message}, refusal.status)

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
