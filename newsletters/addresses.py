"""An e-mail address as one comparable text, and its keyed hash for what must outlive it."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

LONGEST = 254
"""Characters an address may have, its domain in ASCII (RFC 5321, less the angle brackets)."""

PLAIN = re.compile(r"[a-z0-9.!#$&'*+/=?^_`|~-]+@[a-z0-9.-]+", re.IGNORECASE | re.ASCII)


def normalise(address: str) -> str:
    """Lower case, domain in ASCII (IDNA); ValidationError with what to do when it is no address.

    The local part is folded too: no mail service in use tells `A@x` from `a@x`, people type both.
    """
    address = address.strip().strip("<>").lower()
    message = _("This is not an e-mail address. Write it like name@ministry.example.")
    local, at, domain = address.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
        if len(local) + 1 + len(domain) > LONGEST:
            raise ValidationError(message, code="invalid")
        validate_email(f"{local}@{domain}")
    except (UnicodeError, ValidationError):
        raise ValidationError(message, code="invalid") from None
    if not local.isascii() or not at or any(mark in local for mark in '",;<>%{}'):
        raise ValidationError(message, code="invalid")
    return f"{local}@{domain}"


def are_plain(addresses: Iterable[str]) -> bool:
    """Whether nothing in them needs quoting or encoding, and none could be taken for two.

    All that `normalise` lets through are; this is for those who rely on it.
    """
    return all(map(PLAIN.fullmatch, addresses))


def masked(address: str, shown: int = 1) -> str:
    """`a…@example.org`: enough for its owner, too little for others.

    `shown` letters of it at most, and never more than half of what stands before the @.
    """
    local, _at, domain = address.rpartition("@")
    return f"{local[: min(shown, max(1, len(local) // 2))]}…@{domain}"


def keyed_hash(text: str) -> str:
    """HMAC-SHA256 in hex; stays comparable as long as ADDRESS_HASH_KEY stays."""
    key = settings.ADDRESS_HASH_KEY.encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def new_key() -> str:
    """128 random bits for use in an address: 22 characters, never a counting number."""
    return secrets.token_urlsafe(16)
