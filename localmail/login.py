"""SMTP's AUTH: in comes PLAIN or LOGIN, out comes nothing when user and password are right."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from localmail.mailgun import Refusal


@dataclass(frozen=True)
class Login:
    """The one user."""

    user: str
    password: str

    def check(self, words: str, ask: Callable[[str], str]) -> None:
        """Raises Refusal unless what comes is right; `ask` says a line and returns the next."""
        kind, _, first = words.partition(" ")
        if kind.upper() == "PLAIN":
            _, user, password = _plain(_decoded(first or ask("334 ")))
        elif kind.upper() == "LOGIN":
            user = _decoded(first or ask("334 VXNlcm5hbWU6"))
            password = _decoded(ask("334 UGFzc3dvcmQ6"))
        else:
            raise Refusal(504, "5.5.4 Only PLAIN and LOGIN are possible")
        right = [
            hmac.compare_digest(given, own.encode())
            for given, own in ((user, self.user), (password, self.password))
        ]
        if not all(right):
            raise Refusal(535, "5.7.8 User or password is wrong")


def _plain(text: bytes) -> tuple[bytes, bytes, bytes]:
    parts = text.split(b"\0")
    if len(parts) != 3:
        raise Refusal(501, "5.5.2 This is not what PLAIN looks like")
    return parts[0], parts[1], parts[2]


def _decoded(text: str) -> bytes:
    if text == "*":
        raise Refusal(501, "5.7.0 Given up")
    try:
        return base64.b64decode("" if text == "=" else text, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(501, "5.5.2 This is no base64") from None
