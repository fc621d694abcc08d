"""Mailgun's face: takes mail over HTTP, and says afterwards what became of it."""

from __future__ import annotations

import base64
import binascii
import hmac
import math
import time

from localmail import faults, lookup
from localmail.exchange import Answer, BadRequest, Request, Route, as_json
from localmail.forms import UnreadableForm, read_form
from localmail.hold import Hold
from localmail.inbox import Inbox
from localmail.knobs import Knobs
from localmail.mailgun import Refusal, read_call

DOMAIN = r"/v3/(?P<domain>[A-Za-z0-9.-]{1,253})"


class Provider:
    """Answers for /v3."""

    def __init__(self, inbox: Inbox, hold: Hold, knobs: Knobs, *, api_key: str) -> None:
        self.inbox = inbox
        self.hold = hold
        self.knobs = knobs
        self.api_key = api_key

    def routes(self) -> list[Route]:
        """What is answered where."""
        return [
            ("POST", rf"{DOMAIN}/messages", self.send),
            ("GET", rf"{DOMAIN}/events", self.events),
            ("GET", rf"{DOMAIN}/events/(?P<page>[A-Za-z0-9_=-]{{1,4000}})", self.events),
        ]

    def send(self, request: Request, domain: str) -> Answer:
        """Mailgun's "send a message": all of the call is taken, or nothing."""
        try:
            self._authenticate(request)
            faults.before(self.knobs, "send", domain)
            form = read_form(request.headers.get("content-type", ""), request.body)
            call = read_call(domain, form)
            faults.refuse(self.knobs, call)
        except UnreadableForm as error:
            return self._refuse(Refusal(400, str(error)))
        except Refusal as refusal:
            return self._refuse(refusal)
        call, answer = faults.part(self.knobs, call)
        facts = {}
        if call.recipients:
            taken = self.inbox.accept(call)
            facts["of"] = taken.number
            answer = answer or as_json({"id": taken.message_id, "message": "Queued. Thank you."})
        if not self.hold.wait():
            raise BadRequest("The call was taken and held, and never released.", 504)
        return faults.after(self.knobs, "send", answer or as_json({}), **facts)

    def events(self, request: Request, domain: str, page: str = "") -> Answer:
        """Mailgun's Events API: what happened to mails, a page at a time."""
        try:
            self._authenticate(request)
            faults.before(self.knobs, "look-up", domain)
        except Refusal as refusal:
            return self._refuse(refusal)
        search, query = lookup.read_search(request, page)
        lag = self.knobs.lag()
        until = time.time() - lag if lag else math.inf
        found = lookup.find(self.inbox, domain, search, until)
        if late := lookup.hidden(self.inbox, search, until):
            self.knobs.lagged(late)
        here = f"http://{request.headers.get('host', 'localhost')}/v3/{domain}/events"
        pages = {"first": None, "next": found[-1][0] if found else search.after}
        paging = {name: f"{here}/{lookup.page_after(query, key)}" for name, key in pages.items()}
        answer = as_json({"items": [event for _, event in found], "paging": paging})
        return faults.after(self.knobs, "look-up", answer)

    def _authenticate(self, request: Request) -> None:
        kind, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True) if kind.lower() == "basic" else b""
        except (binascii.Error, ValueError):
            given = b""
        if not hmac.compare_digest(given, f"api:{self.api_key}".encode()):
            raise Refusal(401, "Invalid private key")

    def _refuse(self, refusal: Refusal) -> Answer:
        if not refusal.noted:
            self.inbox.ledger.note(refused=refusal.status, why=refusal.message)
        return as_json({"message": refusal.message}, refusal.status, refusal.headers)
