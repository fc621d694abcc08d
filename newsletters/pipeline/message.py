"""In: a frozen batch and who of it is still to be written to. Out: the messages of its calls.

One body with a value for each recipient where the mail service takes that, else one message a
person. Only opaque tokens differ from person to person.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

from anymail.message import AnymailMessage
from django.conf import settings

from newsletters import providers
from newsletters.models import Attempt, Batch
from newsletters.pipeline import editions, render
from newsletters.pipeline.render import Rendered
from newsletters.providers import Recipient


def build(batch: Batch, recipients: Sequence[Recipient]) -> list[AnymailMessage]:
    """One message for all of them, or one for each, in order. ValueError for what cannot stand."""
    mail = editions.mail(batch.edition)
    if providers.current().merges:
        return [_message(batch, mail, recipients, key(batch))]
    return [_message(batch, mail, [one], _own_key(batch, one)) for one in recipients]


def key(batch: Batch) -> str:
    """A new one for each call, but that of the call in doubt for the one that repeats it."""
    if batch.is_second_call and (last := Attempt.objects.filter(batch=batch).order_by("pk").last()):
        return last.key
    return str(uuid5(batch.key, str(batch.epoch)))


def _own_key(batch: Batch, one: Recipient) -> str:
    """Of a person's only mail of an issue, in whatever batch and attempt it leaves."""
    whole = f"{settings.SITE_URL} {batch.issue_id} {one.delivery_id} {one.unsubscribe}"
    return str(uuid5(NAMESPACE_URL, whole))


def _message(
    batch: Batch, mail: Rendered, recipients: Sequence[Recipient], key: str
) -> AnymailMessage:
    provider, newsletter, edition = providers.current(), batch.issue.newsletter, batch.edition
    unsubscribe, preferences = provider.placeholder("u"), provider.placeholder("p")
    html, text = (
        body.replace(render.UNSUBSCRIBE, unsubscribe).replace(render.PREFERENCES, preferences)
        for body in (mail.html, mail.text)
    )
    message = AnymailMessage(
        subject=edition.subject,
        body=text,
        from_email=render.sender(
            newsletter=newsletter, language=edition.language, discreet=edition.discreet
        ),
        to=[recipient.address for recipient in recipients],
        reply_to=[newsletter.reply_to],
        headers=render.list_headers(
            newsletter=newsletter,
            language=edition.language,
            discreet=edition.discreet,
            unsubscribe_url=f"{settings.SITE_URL}/n/u/{unsubscribe}/",
        ),
    )
    message.attach_alternative(html, "text/html")
    own = {
        one.address: {"u": one.unsubscribe, "p": one.preferences, "d": str(one.delivery_id)}
        for one in recipients
    }
    message.tags = [str(batch.key)]
    if provider.metadata:
        message.metadata = {"batch": str(batch.key), "delivery": provider.placeholder("d")}
    provider.fill(message, own)
    provider.idempotency_key(message, key)
    return message
