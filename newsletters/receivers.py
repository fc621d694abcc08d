"""The edge to Anymail: its normalised events become rows of the inbox, nothing is decided here.

Anymail flattens what services say: several report a full mailbox as they report one that is gone.
Which of them is for good is read from the service's own words.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.core.exceptions import ValidationError
from django.utils import timezone

from newsletters.addresses import keyed_hash, normalise
from newsletters.models import Report
from newsletters.pipeline.track import APPLIED

CLOCKS_DIFFER = dt.timedelta(minutes=15)
EARLIEST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
"""A time before it, or ahead of us, is no time: the moment of receipt stands in for it."""

FOR_GOOD: dict[str, Callable[[Any], bool]] = {
    "Amazon SES": lambda said: said["bounce"]["bounceType"] == "Permanent",
    "Brevo": lambda said: said["event"] in {"hard_bounce", "invalid_email"},
    "MailerSend": lambda said: said["data"]["type"] == "hard_bounced",
    "Mailjet": lambda said: bool(said.get("hard_bounce")),
    "Mandrill": lambda said: said["event"] == "hard_bounce",
    "Postmark": lambda said: (
        said.get("Type", said.get("SuppressionReason")) in {"HardBounce", "BadEmailAddress"}
    ),
    "Resend": lambda said: said["data"]["bounce"]["type"] == "Permanent",
    "SendGrid": lambda said: said.get("type") == "bounce",
    # 10: invalid recipient, 30: no such recipient.
    "SparkPost": lambda said: str(_inner(said["msys"])["bounce_class"]) in {"10", "30"},
}
"""Anymail's name of a service → whether this bounce is for good; of others Anymail's word counts.
Mandrill, Resend and SendGrid give Anymail no reason at all, or one for every bounce."""


def rows(events: Iterable[Any], *, service: str, token: str = "") -> list[Report]:
    """What the inbox keeps of a call's events. Raises whatever odd events make it raise.

    Of events that change nothing here (opens, clicks) a signature's token alone is kept: it must
    not come back with another body.
    """
    found = []
    for event in events:
        applied = isinstance(event, AnymailTrackingEvent) and event.event_type in APPLIED
        if applied:
            found.append(_row(event, service, token))
        elif token:
            key = _key(service, token)
            found.append(Report(key=key, token=token, kind="", applied_at=timezone.now()))
    return found


def _row(event: AnymailTrackingEvent, service: str, token: str) -> Report:
    metadata = {} if event.metadata is None else event.metadata
    if not isinstance(metadata, dict):
        raise TypeError("metadata")
    delivery, recipient = _number(metadata.get("delivery")), _address(event.recipient)
    facts = (event.event_type, recipient, delivery)
    says: tuple[object, ...] = (_own_id(event, service),)
    if not says[0]:
        words = (event.reject_reason, event.description, event.mta_response)
        says = (event.message_id, event.timestamp, *words)
    whose = keyed_hash(recipient)[:32] if recipient else ""
    return Report(
        key=f"{whose}:{_key(service, *facts, *says)}",
        token=token or None,
        kind=event.event_type,
        delivery=delivery,
        batch=_batch(metadata.get("batch"), *_list(event.tags)),
        recipient=recipient,
        reject_reason=_reason(event, service),
        at=_time(event.timestamp),
    )


def _key(*parts: object) -> str:
    """The same for the same event, however often and in how many calls it comes."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def _own_id(event: AnymailTrackingEvent, service: str) -> object:
    """Mailgun: Anymail takes the call's token for it, and a call made again may have a new one."""
    if service == "Mailgun":
        return event.esp_event["event-data"].get("id")
    return event.event_id


def _reason(event: AnymailTrackingEvent, service: str) -> str:
    """Anymail's reason, except that a bounce is `bounced` only when it is for good."""
    reason = str(event.reject_reason or "")[:20]
    if event.event_type != EventType.BOUNCED or service not in FOR_GOOD:
        return reason
    try:
        for_good = FOR_GOOD[service](event.esp_event)
    except (AttributeError, KeyError, TypeError, ValueError):
        for_good = False
    if for_good:
        return str(RejectReason.BOUNCED)
    return str(RejectReason.OTHER) if reason in {"bounced", "invalid"} else reason


def _number(value: object) -> str:
    """Our number of a delivery, or nothing: what is no number of ours is of no delivery."""
    text = str(value) if isinstance(value, str | int) else ""
    is_number = text.isascii() and text.isdecimal() and len(text) <= 18
    return str(int(text)) if is_number else ""


def _batch(*values: object) -> str:
    """The first that is a batch's key. Services without metadata send our tag back."""
    for value in values:
        if isinstance(value, str) and len(value) <= 40:
            try:
                return str(uuid.UUID(value))
            except ValueError:
                continue
    return ""


def _address(value: object) -> str:
    """An address as we compare it, or nothing: what is none was never mailed."""
    try:
        return normalise(value) if isinstance(value, str) else ""
    except ValidationError:
        return ""


def _time(value: object) -> dt.datetime | None:
    if not isinstance(value, dt.datetime):
        return None
    at = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return at if EARLIEST < at < timezone.now() + CLOCKS_DIFFER else None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _inner(said: dict[str, Any]) -> Any:
    [inner] = said.values()
    return inner
