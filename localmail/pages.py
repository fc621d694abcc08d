"""The mailbox page."""

from __future__ import annotations

import html

from localmail import oneclick
from localmail.inbox import Inbox
from localmail.server import Answer, BadRequest, Request, Route, as_json


class Pages:
    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox

    def routes(self) -> list[Route]:
        return [("GET", "/", self.index)]

    def index(self, request: Request) -> Answer:
        mails, _ = self.inbox.find(to=request.query.get("to", ""))
        rows = "".join(f"<li>{html.escape(m.to)} {html.escape(m.subject)}</li>" for m in mails)
        return Answer(f"<ul>{rows}</ul>".encode(), content_type="text/html; charset=utf-8")

    def complain(self, refusal: BadRequest) -> Answer:
        return Answer(refusal.message.encode(), refusal.status)
