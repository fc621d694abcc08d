"""What each mail service behind Anymail can do. `answers.py` knows what its answers mean.

Where a service fills in no values of its own, a batch is a handful of people, one call each: a
crash then leaves at most that handful in doubt.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from anymail.message import AnymailMessage
from django.conf import settings

from newsletters import resend
from newsletters.answers import Outcome as Outcome
from newsletters.refusals import Kind as Kind

HANDFUL = 20
ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bq]\?[^?\s]*\?=\s*", re.IGNORECASE)


def _brevo_key(message: AnymailMessage, key: str) -> None:
    message.extra_headers["idempotencyKey"] = key


def _resend_key(message: AnymailMessage, key: str) -> None:
    message.esp_extra = {resend.KEY: key}


@dataclass(frozen=True)
class Provider:
    """One mail service: what a call takes, what it fills in, and what it can be asked later."""

    name: str
    own_backend: str = ""
    """Where Anymail's is not enough."""
    merges: bool = False
    """One body with values and headers for each recipient: a batch is one call."""
    batch_limit: int = HANDFUL
    opener: str = "\ue000"
    closer: str = "\ue001"
    openers: tuple[str, ...] = ()
    """What opens a merge field: subject and text of an editor must not hold it."""
    fills_headers: bool = False
    """A placeholder in a header is filled in; else each recipient gets headers of their own."""
    fills_metadata: bool = False
    """So is one among our ids; else each recipient gets ids of their own."""
    takes_octets: bool = False
    """A mail leaves as we put it into octets: what is the same in all of a batch is made once."""
    metadata: bool = True
    """Our ids can travel with a mail."""
    encoded_words: bool = True
    """A header may hold words that are not ASCII; else they are left out."""
    keeps_unsubscribe: bool = True
    """Our List-Unsubscribe reaches the reader; else the service puts its own."""
    atomic: bool = False
    """All of a call is taken, or nothing."""
    can_look_up: bool = False
    reports: bool = True
    """They come back in reports, so that one may settle a doubt; where its webhook is set up."""
    settle: dt.timedelta = dt.timedelta(minutes=1)
    """How long after a doubtful call it is first worth asking what became of it."""
    idempotent_for: dt.timedelta | None = None
    """How long a second call with the same key is taken for the first."""
    set_key: Callable[[AnymailMessage, str], None] | None = None

    @property
    def backend(self) -> str:
        """The Django mail back-end to call, as a dotted path."""
        return self.own_backend or f"anymail.backends.{self.name}.EmailBackend"

    def placeholder(self, name: str) -> str:
        """Where a value of this recipient comes: the service's inline syntax, or a mark."""
        return f"{self.opener}{name}{self.closer}"

    def fill(self, message: AnymailMessage, values: Mapping[str, Mapping[str, str]]) -> None:
        """Give every recipient the own values of the placeholders in body, headers and metadata.

        Where the service fills in nothing, the message has one recipient and is filled in here.
        """
        headers = {name: self._passable(value) for name, value in message.extra_headers.items()}
        ids = message.metadata if self.metadata else {}
        if not self.merges:
            [own] = values.values()
            message.body = self._filled(str(message.body), own)
            bodies, message.alternatives = message.alternatives, []
            for content, kind in bodies:
                message.attach_alternative(self._filled(str(content), own), kind)
            message.extra_headers = self._all_filled(headers, own)
            if ids:
                message.metadata = self._all_filled(ids, own)
            return
        message.merge_data = dict(values)
        if not self.fills_headers:
            # All of them: Mailjet's headers of a message take the place of those of the call.
            message.merge_headers = {
                address: self._all_filled(headers, own) for address, own in values.items()
            }
            headers = self._same_for_all(headers)
        if ids and not self.fills_metadata:
            message.merge_metadata = {
                address: self._all_filled(ids, own) for address, own in values.items()
            }
            ids = self._same_for_all(ids)
        message.extra_headers = headers
        if ids:
            message.metadata = ids

    def idempotency_key(self, message: AnymailMessage, key: str) -> None:
        """Name the call, so that the same one made again is known; last of all, after `fill`."""
        if self.set_key is not None:
            self.set_key(message, key)

    def _filled(self, text: str, own: Mapping[str, str]) -> str:
        for name, value in own.items():
            text = text.replace(self.placeholder(name), value)
        return text

    def _all_filled(self, texts: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
        return {name: self._filled(text, own) for name, text in texts.items()}

    def _same_for_all(self, texts: Mapping[str, str]) -> dict[str, str]:
        return {name: text for name, text in texts.items() if self.opener not in text}

    def _passable(self, value: str) -> str:
        return value if self.encoded_words else ENCODED_WORD.sub("", value)


PROVIDERS = {
    provider.name: provider
    for provider in (
        # documentation.mailgun.com, "Batch sending": 1,000 recipients, one bad address refuses
        # all; "Events": `accepted` stands there within minutes.
        Provider(
            "mailgun",
            "newsletters.mailgun.EmailBackend",
            merges=True,
            batch_limit=1000,
            opener="%recipient.",
            closer="%",
            openers=("%recipient", "%unsubscribe", "%tag_unsubscribe", "%mailing_list"),
            fills_headers=True,
            fills_metadata=True,
            atomic=True,
            can_look_up=True,
            settle=dt.timedelta(minutes=5),
        ),
        # developers.brevo.com, "Batch send transactional emails": 1,000 versions, `{{params.x}}`
        # in htmlContent (Anymail's manual says that Brevo has no inline templates: send yourself
        # a test). The key must be a UUID; it lives 30 minutes in the guide and 15 in the
        # changelog; a second call is answered duplicate_parameter. Encoded words in a header are
        # decoded and leave as raw UTF-8 (Anymail's manual).
        Provider(
            "brevo",
            merges=True,
            batch_limit=1000,
            opener="{{params.",
            closer="}}",
            openers=("{{", "{%"),
            encoded_words=False,
            idempotent_for=dt.timedelta(minutes=15),
            set_key=_brevo_key,
        ),
        # dev.mailjet.com, Send API v3.1: 50 messages a call; on-the-fly fields have square
        # brackets and do not work in the subject (Anymail's manual).
        Provider(
            "mailjet",
            merges=True,
            batch_limit=50,
            opener="[[var:",
            closer="]]",
            openers=("[[", "{{", "{%"),
        ),
        # docs.mailtrap.io: 500 mails a call, but variables are filled in only into templates
        # that are stored there. Anymail does not object, so it must not be asked.
        Provider("mailtrap"),
        # developers.sparkpost.com, "Substitutions Reference": in headers, text and HTML. It puts
        # its own List-Unsubscribe (support.sparkpost.com, "Remove List-Unsubscribe Header").
        Provider(
            "sparkpost",
            merges=True,
            batch_limit=1000,
            opener="{{",
            closer="}}",
            openers=("{{",),
            fills_headers=True,
            keeps_unsubscribe=False,
        ),
        # twilio.com/docs/sendgrid: 1,000 personalizations; on-the-fly fields are plain strings,
        # SENDGRID_MERGE_FIELD_FORMAT in the settings has the same. Anymail no longer tests it.
        Provider(
            "sendgrid",
            merges=True,
            batch_limit=1000,
            opener="[%",
            closer="%]",
            openers=("[%",),
        ),
        # Values only in stored templates, or with a bulk interface that Postmark grants.
        Provider("postmark"),
        # No values at all. resend.com/docs/dashboard/emails/idempotency-keys: 24 hours; the same
        # key gets the same answer.
        Provider(
            "resend",
            "newsletters.resend.EmailBackend",
            idempotent_for=dt.timedelta(hours=24),
            set_key=_resend_key,
        ),
        # Raw mails; values only in stored templates.
        Provider("amazon_ses"),
        # No values, no metadata (Anymail's manual); one tag.
        Provider("postal", metadata=False, reports=False),
        Provider("scaleway", reports=False),
        # No metadata, no headers a recipient; headers at all only in its larger plans, else it
        # puts its own List-Unsubscribe (mailersend.com/help/custom-headers).
        Provider(
            "mailersend",
            openers=("{{", "{$"),
            metadata=False,
            reports=False,
            keeps_unsubscribe=False,
        ),
        # Values in every body, wanted or not, but no headers a recipient.
        Provider("mandrill", openers=("*|", "{{")),
        # Of the headers a recipient, List-Unsubscribe alone. It adds a link of its own to leave,
        # unless its support switches that off.
        Provider("unisender_go", openers=("{{",)),
        # The one door that is not Anymail's: Django's own back-end, with our eye on it.
        Provider(
            "smtp",
            "newsletters.smtp.EmailBackend",
            takes_octets=True,
            metadata=False,
            reports=False,
        ),
    )
}


class Recipient(NamedTuple):
    """One person of a batch: opaque tokens only, and where the mail goes."""

    delivery_id: int
    address: str
    unsubscribe: str
    preferences: str


def current() -> Provider:
    """The provider this site sends through."""
    return PROVIDERS[settings.EMAIL_PROVIDER]


def account() -> str:
    """The mail account whose allowance a call uses up: service and sending domain."""
    return f"{settings.EMAIL_PROVIDER}:{settings.ANYMAIL.get('MAILGUN_SENDER_DOMAIN', '')}"
