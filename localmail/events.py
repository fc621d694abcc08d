"""What happens to a mail, in Mailgun's words: in comes a mail, out come its events.

It is in the address, so that a demo has a few of each:

    bounce…    `failed`, permanent: there is no such mailbox
    complain…  `delivered`, then `complained`
    any other  `delivered`

Webhooks tell of these; a look-up also finds `accepted`, which comes before.
"""

from __future__ import annotations

import hashlib
from typing import Any

from localmail.mails import Mail


def outcomes(address: str) -> list[str]:
    """The events of a mail to this address, in order."""
    if address.lower().startswith("bounce"):
        return ["failed"]
    if address.lower().startswith("complain"):
        return ["delivered", "complained"]
    return ["delivered"]


def event_for(mail: Mail, name: str, *, at: float) -> dict[str, Any]:
    """Mailgun's event for what happened to a mail, as webhooks tell it and look-ups find it."""
    data: dict[str, Any] = {
        "event": name,
        "id": event_token(mail, name)[:22],
        "timestamp": round(at, 6),
        "recipient": mail.to,
        "recipient-domain": mail.to.rpartition("@")[2],
        "log-level": "error" if name == "failed" else "info",
        "message": {
            "headers": {
                "to": mail.to,
                "from": mail.call.body["from"],
                "subject": mail.subject,
                "message-id": mail.message_id.strip("<>"),
            },
            "attachments": [],
        },
        "user-variables": mail.variables,
        "tags": mail.tags,
        "campaigns": [],
        "flags": {"is-test-mode": False, "is-authenticated": True, "is-routed": False},
        "storage": {"key": mail.id},
    }
    if name == "delivered":
        data["delivery-status"] = {"code": 250, "message": "OK", "description": "", "attempt-no": 1}
    if name == "failed":
        data |= {"severity": "permanent", "reason": "bounce"}
        data["delivery-status"] = {
            "code": 550,
            "message": "5.1.1 There is no such mailbox here",
            "description": "",
            "attempt-no": 1,
        }
    return data


def event_token(mail: Mail, name: str) -> str:
    """Fifty characters that are the same each time an event is told."""
    return hashlib.sha256(f"{mail.call.message_id} {mail.id} {name}".encode()).hexdigest()[:50]
