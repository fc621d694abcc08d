"""In: a frozen batch and who of it is still to be written to. Out: the messages of its calls.

One body with a value for each recipient where the mail service takes that, else one message a
person. Only opaque tokens differ from person to person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5

from anymail.message import AnymailMessage
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models.functions import Now

from newsletters import copies, providers
from newsletters.addresses import are_plain
from newsletters.models import Attempt, Batch
from newsletters.pipeline import editions, headers, render
from newsletters.providers import Recipient


def build(batch: Batch, recipients: Sequence[Recipient]) -> Sequence[EmailMessage]:
    """One message for all of them, or one for each, in order. ValueError for what cannot stand."""
    provider, same = providers.current(), _same_for_all(batch)
    if provider.merges:
        return [_message(batch, same, recipients, key(batch))]
    plain = provider.takes_octets and are_plain(one.address for one in recipients)
    if plain and (pattern := _pattern(same)):
        return [pattern.copy(one) for one in recipients]
    return [_message(batch, same, [one], _own_key(batch, one)) for one in recipients]


def key(batch: Batch) -> str:
    """A new one for each call, but that of the call in doubt for the one that repeats it."""
    if batch.is_second_call and (last := Attempt.objects.filter(batch=batch).order_by("pk").last()):
        return last.key
    return str(uuid5(batch.key, str(batch.epoch)))


def fingerprint(batch: Batch, recipients: Sequence[Recipient]) -> str:
    """Of everything that leaves: the same one means the same bytes to the same people."""
    people = "".join(f"\n{one.delivery_id} {one.address}" for one in recipients)
    form = " as text" if batch.plain_text else ""
    whole = f"{batch.edition.sha256}{form}{_senders(batch)}{people}"
    return sha256(whole.encode()).hexdigest()


def is_the_same_call(batch: Batch, body: str) -> bool:
    """A second call must go where the first one went, or nobody knows that it is the second.

    A key makes it harmless only while it lives and says what the first one said. Where everyone
    has a call and a key of their own, the service itself compares what they say.
    """
    if not batch.is_second_call:
        return True
    provider, calls = providers.current(), Attempt.objects.filter(batch=batch)
    if calls.exclude(account=providers.account()).exists():
        return False
    if not provider.idempotent_for:
        return True
    too_old = Now() - provider.idempotent_for
    if calls.filter(key=key(batch), started_at__lte=too_old).exists():
        return False
    return not provider.merges or not calls.exclude(body_sha256=body).exists()


def _own_key(batch: Batch, one: Recipient) -> str:
    """Of a person's only mail of an issue, in whatever batch and attempt it leaves."""
    whole = f"{settings.SITE_URL} {batch.issue_id} {one.delivery_id} {one.unsubscribe}"
    return str(uuid5(NAMESPACE_URL, whole))


@dataclass(frozen=True)
class Same:
    """What a mail says to everybody of a batch, with placeholders where it is their own."""

    subject: str
    html: str
    """Empty for those who want the text alone."""
    text: str
    sender: str
    reply_to: str
    headers: tuple[tuple[str, str], ...]


def _senders(batch: Batch) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Who writes, whom to answer, and the headers of the list."""
    newsletter, edition = batch.issue.newsletter, batch.edition
    key = providers.current().placeholder("u")
    sender = headers.sender(
        newsletter=newsletter, language=edition.language, discreet=edition.discreet
    )
    of_the_list = headers.list_headers(
        newsletter=newsletter,
        language=edition.language,
        discreet=edition.discreet,
        unsubscribe_url=f"{settings.SITE_URL}/n/u/{key}/",
    )
    return sender, newsletter.reply_to, tuple(of_the_list.items())


def _same_for_all(batch: Batch) -> Same:
    provider, edition = providers.current(), batch.edition
    mail = editions.mail(edition)
    unsubscribe, preferences = provider.placeholder("u"), provider.placeholder("p")
    html, text = (
        body.replace(render.UNSUBSCRIBE, unsubscribe).replace(render.PREFERENCES, preferences)
        for body in (mail.html, mail.text)
    )
    sender, reply_to, of_the_list = _senders(batch)
    return Same(
        subject=edition.subject,
        html="" if batch.plain_text else html,
        text=text,
        sender=sender,
        reply_to=reply_to,
        headers=of_the_list,
    )


@lru_cache(maxsize=4)
def _pattern(same: Same) -> copies.Pattern | None:
    nobody = copies.stand_in()
    return copies.pattern(_message(Batch(), same, [nobody], key=""), nobody)


def _message(batch: Batch, same: Same, recipients: Sequence[Recipient], key: str) -> AnymailMessage:
    provider = providers.current()
    message = AnymailMessage(
        subject=same.subject,
        body=same.text,
        from_email=same.sender,
        to=[recipient.address for recipient in recipients],
        reply_to=[same.reply_to],
        headers=dict(same.headers),
    )
    if same.html:
        message.attach_alternative(same.html, "text/html")
    message.tags = [str(batch.key)]
    if provider.metadata:
        message.metadata = {"batch": str(batch.key), "delivery": provider.placeholder("d")}
    provider.fill(
        message,
        {
            one.address: {"u": one.unsubscribe, "p": one.preferences, "d": str(one.delivery_id)}
            for one in recipients
        },
    )
    provider.idempotency_key(message, key)
    return message
