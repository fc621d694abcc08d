"""Anymail's Resend back-end with an idempotency key, which Resend takes as an HTTP header."""

from __future__ import annotations

from typing import Any

from anymail.backends import resend

KEY = "idempotency_key"
"""Where in a message's `esp_extra` the key stands."""


class Payload(resend.ResendPayload):
    """One call, with its key in the header."""

    def set_esp_extra(self, extra: dict[str, Any]) -> None:
        """The key goes into the header, everything else into the call."""
        if key := extra.pop(KEY, None):
            self.headers["Idempotency-Key"] = key
        super().set_esp_extra(extra)


class EmailBackend(resend.EmailBackend):
    """Anymail's, with our payload."""

    def build_message_payload(self, message: Any, defaults: dict[str, Any]) -> Payload:
        """As Anymail's."""
        return Payload(message, defaults, self)
