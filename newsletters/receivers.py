"""The edge to Anymail: its normalised tracking event becomes facts, nothing is decided here."""

from __future__ import annotations

from anymail.signals import AnymailTrackingEvent, tracking

from newsletters.pipeline import track


def on_tracking(sender: object, event: AnymailTrackingEvent, **kwargs: object) -> None:
    """A provider's webhook, authenticated by Anymail, moves facts forward."""
    track.record(
        kind=event.event_type,
        delivery_id=str((event.metadata or {}).get("delivery", "")),
        recipient=event.recipient or "",
        at=event.timestamp,
        reject_reason=event.reject_reason or "",
    )


def connect() -> None:
    """Called once, when the application is ready."""
    tracking.connect(on_tracking, dispatch_uid="newsletters.on_tracking")
