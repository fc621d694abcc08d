"""What each mail service behind Anymail can do, and what its answers mean.

An unknown error is ambiguous: the mail may have left, so it is never simply tried again.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

import requests
from anymail.exceptions import (
    AnymailConfigurationError,
    AnymailInvalidAddress,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from django.conf import settings
from urllib3.exceptions import NameResolutionError, NewConnectionError

from newsletters.models import Attempt

Kind = Attempt.Outcome
ADDRESS = re.compile(r"[^\s<>\"',;=&]+(?:@|%40)([\w.-]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Provider:
    """One mail service: how many a call takes, and how it writes a per-recipient value."""

    name: str
    batch_limit: int
    opener: str
    closer: str
    refused_address: tuple[str, ...] = ()
    """Parts of a 400's text which say that an address, not the content, was refused."""
    merges: bool = True
    atomic: bool = False
    can_look_up: bool = False
    reports: bool = True
    idempotent_for: dt.timedelta | None = None
    settle: dt.timedelta = dt.timedelta(seconds=60)

    def placeholder(self, name: str) -> str:
        """The service's inline syntax for a value of this recipient."""
        return f"{self.opener}{name}{self.closer}"


PROVIDERS = {
    "mailgun": Provider(
        name="mailgun",
        batch_limit=1000,
        opener="%recipient.",
        closer="%",
        refused_address=("'to' parameter", "in `to`"),
        atomic=True,
        can_look_up=True,
    ),
}


@dataclass(frozen=True)
class Recipient:
    """One person of a batch: opaque tokens only, and where the mail goes."""

    delivery_id: int
    address: str
    unsubscribe: str
    preferences: str


@dataclass(frozen=True)
class Outcome:
    """What an answer means, in the table of classes of `Attempt.Outcome`."""

    kind: Attempt.Outcome
    status: int | None = None
    reason: str = ""
    retry_after: int = 0
    """Seconds the service asked us to wait; 0: it did not say."""


def current() -> Provider:
    """The provider this site sends through."""
    return PROVIDERS[settings.EMAIL_PROVIDER]


def account() -> str:
    """The mail account whose allowance a call uses up: service and sending domain."""
    return f"{settings.EMAIL_PROVIDER}:{settings.ANYMAIL.get('MAILGUN_SENDER_DOMAIN', '')}"


def classify(error: Exception) -> Outcome:
    """The class of a failed call, from the whole chain of causes."""
    chain = list(_causes(error))
    text = _answer(error)
    response = getattr(error, "response", None)
    if response is not None:
        return _by_status(response, text)
    if any(isinstance(cause, AnymailInvalidAddress) for cause in chain):
        return Outcome(Kind.RECIPIENT if _about_recipient(text) else Kind.CONTENT, reason=text)
    if any(isinstance(c, AnymailSerializationError | AnymailUnsupportedFeature) for c in chain):
        return Outcome(Kind.CONTENT, reason=text)
    if any(isinstance(c, AnymailConfigurationError | requests.exceptions.SSLError) for c in chain):
        return Outcome(Kind.ACCOUNT, reason=text)
    never_left = (NewConnectionError, NameResolutionError, requests.exceptions.ConnectTimeout)
    if any(isinstance(cause, never_left) for cause in chain):
        return Outcome(Kind.NOT_SENT, reason=text)
    return Outcome(Kind.AMBIGUOUS, reason=text)


def _by_status(response: requests.Response, text: str) -> Outcome:
    status = response.status_code
    if status in {401, 402, 403, 404}:
        return Outcome(Kind.ACCOUNT, status, text)
    if status in {429, 503}:
        wait = response.headers.get("Retry-After", "")
        return Outcome(
            Kind.NOT_SENT, status, text, retry_after=int(wait) if wait.isdecimal() else 0
        )
    if status in {400, 413, 422}:
        return Outcome(Kind.RECIPIENT if _about_recipient(text) else Kind.CONTENT, status, text)
    return Outcome(Kind.AMBIGUOUS, status, text)


def _about_recipient(text: str) -> bool:
    """Whether a refusal names the To line; a bad sender or reply-to is not the reader's fault."""
    return any(part in text.lower() for part in current().refused_address)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, its causes, and what requests and urllib3 wrap in `args` and `reason`."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]


def _answer(error: Exception) -> str:
    """What to show an editor: the service's own words where there are any; no addresses."""
    response = getattr(error, "response", None)
    text = response.text if response is not None else f"{type(error).__name__}: {error}"
    return ADDRESS.sub("…@\\1", " ".join(text.split()))[:300]
