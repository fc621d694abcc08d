"""In: what a call raised, or the message it was made for. Out: what the answer means.

An unknown error is ambiguous: the mail may have left, so it is never simply tried again.
"""

from __future__ import annotations

import datetime as dt
import re
import smtplib
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import requests
from anymail.exceptions import (
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import BadHeaderError, EmailMessage
from django.utils import timezone
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from newsletters import replies
from newsletters.markup import clean
from newsletters.refusals import COMMON, TABLES, Kind

if TYPE_CHECKING:
    # For types alone: it imports this module.
    from newsletters.providers import Provider

ADDRESS = re.compile(r"(?:\"[^\"@]*\"|[^\s<>\",;=&]+)(?:@|%40)([\w.-]+)", re.IGNORECASE)
LONGEST = 300
"""Characters of an answer that are kept."""
MOST_READ = 2000
"""Characters in which addresses are looked for: the time that takes grows with their square."""

NEVER_LEFT = (
    NewConnectionError,
    NameResolutionError,
    ConnectTimeoutError,
    requests.exceptions.ConnectTimeout,
    requests.exceptions.ProxyError,  # raised only for a proxy that was never reached
)
CANNOT_BE_MADE = (AnymailSerializationError, AnymailUnsupportedFeature, BadHeaderError)
WRONGLY_SET = (
    ImproperlyConfigured,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
)
UNSIGNED = {"NoCredentialsError", "PartialCredentialsError", "NoRegionError", "ProfileNotFound"}
"""What botocore raises before it calls anybody; by name, for it is not always installed."""

HANDSHAKE = re.compile(r"WRONG_VERSION|UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|HANDSHAKE_FAILURE")
"""TLS failures that come before any request; others may come after it, like a reset."""

NOT_TAKEN = {"invalid", "rejected", "failed"}
NO_WORD = {"unknown", None}
WAITS = ("Retry-After", "x-sib-ratelimit-reset", "ratelimit-reset")
TRY_AGAIN = re.compile(r"try again after (\w{3}, \d{1,2} \w{3} \d{4} [\d:]{8} \w+)", re.IGNORECASE)


@dataclass(frozen=True)
class Outcome:
    """What an answer means, in the table of classes of `Attempt.Outcome`."""

    kind: Kind
    status: int | None = None
    reason: str = ""
    """The service's own words, without addresses."""
    retry_after: int = 0
    """Seconds the service asked us to wait; 0: it did not say."""
    resets_at: dt.datetime | None = None
    """When a quota that is used up is full again, where the service says so."""
    refused: frozenset[str] = frozenset()
    """Whom an accepted call was not taken for, for good: addresses in lower case."""


def read(message: EmailMessage, provider: Provider) -> Outcome:
    """What a call means that raised nothing; Anymail keeps the answer's word on each address."""
    status = getattr(message, "anymail_status", None)
    answer = getattr(status, "esp_response", None)
    if status is None or answer is None:
        return Outcome(Kind.ACCEPTED)
    code = _status(answer)
    told = {address.lower(): one.status for address, one in status.recipients.items()}
    refused = frozenset(address for address, word in told.items() if word in NOT_TAKEN)
    if len(told) < len(message.to) or NO_WORD & set(told.values()):
        return Outcome(Kind.AMBIGUOUS, code, _shown(_words(answer)))
    if len(refused) == len(told):
        kind = _found(TABLES.get(provider.name, ()), code, _words(answer))
        return _refusal(kind or Kind.RECIPIENT, code, answer)
    sent_as = status.message_id if isinstance(status.message_id, str) else ""
    return Outcome(Kind.ACCEPTED, code, clean(sent_as), refused=refused)


def classify(error: BaseException, provider: Provider) -> Outcome:
    """The class of a failed call, from the whole chain of causes."""
    chain = list(_causes(error))
    if isinstance(error, AnymailRecipientsRefused):
        return read(error.email_message, provider)
    if isinstance(error, smtplib.SMTPException):
        code, words = replies.reply(error.__cause__ or error)
        kind, shown = replies.kind(error), words or f"{type(error).__name__}: {error}"
        return _refusal(kind, code if code > 0 else None, shown)
    answer = getattr(error, "response", None)
    if answer is not None:
        status = _status(answer)
        found = _found((*TABLES.get(provider.name, ()), *COMMON), status, _words(answer))
        return _refusal(found or Kind.AMBIGUOUS, status, answer)
    if any(isinstance(cause, AnymailInvalidAddress) for cause in chain):
        if "in `to`" in str(error):
            return Outcome(Kind.RECIPIENT, reason="The address cannot be read.")
        return Outcome(Kind.CONTENT, reason=_shown(str(error)))
    return Outcome(_without_answer(chain), reason=_shown(_told(error)))


def _told(error: BaseException) -> str:
    """What went wrong, in our own words where the library's would quote a key of the account."""
    cause = error.__cause__ or error
    if isinstance(cause, requests.exceptions.InvalidHeader):
        return type(cause).__name__
    return f"{type(error).__name__}: {error}"


def _without_answer(chain: list[BaseException]) -> Kind:
    if any(isinstance(cause, CANNOT_BE_MADE) for cause in chain):
        return Kind.CONTENT
    # Anymail's bare error: it does not know whom to call.
    if any(isinstance(cause, WRONGLY_SET) or type(cause) is AnymailError for cause in chain):
        return Kind.ACCOUNT
    if any(type(cause).__name__ in UNSIGNED for cause in chain):
        return Kind.ACCOUNT
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in chain):
        return Kind.ACCOUNT
    if any(isinstance(cause, ssl.SSLError) and HANDSHAKE.search(str(cause)) for cause in chain):
        return Kind.ACCOUNT
    if any(isinstance(cause, NEVER_LEFT) for cause in chain):
        return Kind.NOT_SENT
    return Kind.AMBIGUOUS


def _found(table: Iterable[Any], status: int | None, words: str) -> Kind | None:
    for row in table:
        if row.status in {None, status} and re.search(row.words, words.lower()):
            return Kind(row.kind)
    return None


def _refusal(kind: Kind, status: int | None, answer: Any) -> Outcome:
    words = _words(answer)
    wait = _wait(getattr(answer, "headers", {}))
    return Outcome(
        kind,
        status,
        _shown(words),
        retry_after=wait,
        resets_at=_resets_at(words, wait, answer) if kind == Kind.QUOTA else None,
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, its causes, and what requests, urllib3 and botocore wrap.

    Not what was being handled meanwhile (`__context__`): that may be another call's failure.
    """
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        wrapped = getattr(cause, "kwargs", None)
        waiting += [cause.__cause__, getattr(cause, "reason", None), *cause.args]
        waiting += [wrapped.get("error")] if isinstance(wrapped, dict) else []


def _status(answer: Any) -> int | None:
    """The HTTP status of requests' answer or of botocore's."""
    if isinstance(answer, Mapping):
        return answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return getattr(answer, "status_code", None)


def _words(answer: Any) -> str:
    """An answer as `key=value;` throughout, in order; one that is no JSON as its text."""
    if isinstance(answer, str):
        return answer
    if isinstance(answer, Mapping):
        return "".join(_flat("", answer.get("Error", answer)))
    try:
        return "".join(_flat("", answer.json()))
    except (ValueError, RecursionError):
        return answer.text


def _flat(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(str(key), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _flat(name, inner)
    else:
        yield f"{name}={value};"


def _shown(words: str) -> str:
    """What an editor is shown: the service's own words; no addresses, nothing odd."""
    return ADDRESS.sub("…@\\1", clean(words[:MOST_READ]))[:LONGEST]


def _wait(headers: Mapping[str, str]) -> int:
    """Seconds that the service asks for, as a number or as a date."""
    value = next((headers[name].strip() for name in WAITS if headers.get(name)), "")
    if value.isdecimal():
        return int(value[:9])
    try:
        return max(0, round((parsedate_to_datetime(value) - timezone.now()).total_seconds()))
    except (TypeError, ValueError):
        return 0


def _resets_at(words: str, wait: int, answer: Any) -> dt.datetime | None:
    """The date in Mailgun's words, MailerSend's header, or the wait that was asked for."""
    named = TRY_AGAIN.search(words)
    told = named.group(1) if named else getattr(answer, "headers", {}).get("x-apiquota-reset", "")
    for reading in (dt.datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = reading(told)
        except (TypeError, ValueError):
            continue
        return at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return timezone.now() + dt.timedelta(seconds=wait) if wait else None
