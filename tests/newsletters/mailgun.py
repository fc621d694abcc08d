"""Reports as Mailgun sends them: an event, signed, posted to our door."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from base64 import b64encode
from typing import Any

from django.http import HttpResponse
from django.test import Client

from newsletters.models import Delivery

URL = "/anymail/mailgun/tracking/"
SECRET = "webhooks:" + "w" * 40


def signed(event: Any, *, key: str = "w" * 40, age: float = 0, token: str = "") -> dict[str, Any]:
    """The whole report: Mailgun signs a time and a token."""
    timestamp, token = str(int(time.time() - age)), token or secrets.token_hex(25)
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    stamp = {"timestamp": timestamp, "token": token, "signature": signature}
    return {"signature": stamp, "event-data": event}


def event(delivery: Delivery | None, kind: str = "delivered", **facts: Any) -> dict[str, Any]:
    """What happened to a mail, `facts` in Mailgun's words."""
    return {
        "event": kind,
        "timestamp": time.time(),
        "recipient": "amina@example.org",
        "user-variables": {"delivery": str(delivery.pk)} if delivery else {},
        **facts,
    }


def answer(body: Any, *, auth: str = SECRET, **headers: Any) -> HttpResponse:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    shown = {"Authorization": "Basic " + b64encode(auth.encode()).decode()} if auth else {}
    return Client().post(
        URL, text, content_type=headers.pop("content_type", "application/json"), headers=shown
    )


def post(body: Any, **how: Any) -> int:
    return answer(body, **how).status_code


def refused(body: Any) -> tuple[int, str]:
    given = answer(body)
    return given.status_code, given.content.decode()
