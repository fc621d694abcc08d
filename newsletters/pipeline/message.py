"""In: a frozen batch and who of it is still to be written to. Out: the messages of its calls.

One body with a value for each recipient where the mail service takes that, else one message a
person. Only opaque tokens differ from person to person.
"""

from __future__ import annotations

from collections.abc import Sequence

from anymail.message import AnymailMessage
from django.conf import settings

from newsletters import providers
from newsletters.models import Batch
from newsletters.pipeline import editions, render
from newsletters.pipeline.render import Rendered
from newsletters.providers import Recipient


def build(batch: Batch, recipients: Sequence[Recipient]) -> list[AnymailMessage]:
    """One message for all of them, or one for each, in order. ValueError for what cannot stand."""
    provider = providers.current()
    mail = editions.mail(batch.edition)
    if not provider.merges:
        return [_single(batch, mail, recipient) for recipient in recipients]
    unsubscribe, preferences = provider.placeholder("u"), provider.placeholder("p")
    message = _message(batch, mail, unsubscribe, preferences)
    message.to = [recipient.address for recipient in recipients]
    message.merge_data = {
        recipient.address: {"u": recipient.unsubscribe, "p": recipient.preferences}
        for recipient in recipients
    }
    message.merge_metadata = {
        recipient.address: {"delivery": str(recipient.delivery_id)} for recipient in recipients
    }
    return [message]


def _single(batch: Batch, mail: Rendered, recipient: Recipient) -> AnymailMessage:
    message = _message(batch, mail, recipient.unsubscribe, recipient.preferences)
    message.to = [recipient.address]
    message.metadata["delivery"] = str(recipient.delivery_id)
    return message


def _message(batch: Batch, mail: Rendered, unsubscribe: str, preferences: str) -> AnymailMessage:
    newsletter, edition = batch.issue.newsletter, batch.edition
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
        reply_to=[newsletter.reply_to],
        headers=render.list_headers(
            newsletter=newsletter,
            language=edition.language,
            discreet=edition.discreet,
            unsubscribe_url=f"{settings.SITE_URL}/n/u/{unsubscribe}/",
        ),
    )
    message.attach_alternative(html, "text/html")
    message.metadata = {"batch": str(batch.key)}
    message.tags = [str(batch.key)]
    return message
