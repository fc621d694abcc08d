"""The door for the mail service's reports: known sender, fresh, once, small; else a 400.

A report becomes a row and is answered at once; a worker applies it a little later. Anymail reads
the services' own formats, our door stands before its view of the one service that is in use.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import structlog
from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.base import AnymailBaseWebhookView, AnymailBasicAuthMixin
from django.conf import settings
from django.core import checks
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.module_loading import import_string
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from newsletters import receivers, tasks
from newsletters.models import Report

logger = structlog.get_logger(__name__)

OLDEST = 15 * 60
"""Seconds a signed report stays good; Mailgun's own signature never ages."""
LARGEST = 1024 * 1024
LONGEST_TOKEN = 120
BELL, BELL_LASTS, SILENCE_LASTS = "webhooks-bell", 2, 30
"""The worker is rung for once in so many seconds, however many reports come; a broker that does
not answer is left alone a little longer. The sweep rings anyway."""

VIEWS = {
    "amazon_ses": "AmazonSESTrackingWebhookView",
    "brevo": "BrevoTrackingWebhookView",
    "mailersend": "MailerSendTrackingWebhookView",
    "mailgun": "MailgunTrackingWebhookView",
    "mailjet": "MailjetTrackingWebhookView",
    "mailtrap": "MailtrapTrackingWebhookView",
    "mandrill": "MandrillCombinedWebhookView",
    "postal": "PostalTrackingWebhookView",
    "postmark": "PostmarkTrackingWebhookView",
    "resend": "ResendTrackingWebhookView",
    "sendgrid": "SendGridTrackingWebhookView",
    "sparkpost": "SparkPostTrackingWebhookView",
    "unisender_go": "UnisenderGoTrackingWebhookView",
}
"""EMAIL_PROVIDER → Anymail's view in the module of that name. Others report nothing it can read."""


class Refused(Exception):
    """A 400, and in a few words why."""


class Taken(HttpResponse):
    """200. The bell is for after the answer: a dead broker costs the caller nothing."""

    def close(self) -> None:
        super().close()
        ring()


class Door(AnymailBaseWebhookView):
    """Stands before an Anymail view: its authentication and reading, our limits and our inbox."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """200 when kept (or kept before), 400 for everything else. One INSERT."""
        try:
            rows = self.read(request)
        except Refused as refusal:
            return HttpResponse(str(refusal), status=400)
        except AnymailWebhookValidationFailure:
            return HttpResponse("not signed by the mail service", status=400)
        except Exception as error:
            # The readers of a dozen formats, and any body at all: it is the caller's, not ours.
            logger.warning("A report could not be read", error=type(error).__name__)
            return HttpResponse("not a report of the mail service", status=400)
        if not rows:
            return HttpResponse()
        Report.objects.bulk_create(rows, ignore_conflicts=True)
        return Taken()

    def read(self, request: HttpRequest) -> list[Report]:
        """Rows for the inbox. The secret comes first: a stranger's body is not even read."""
        if not self.basic_auth:
            raise AnymailWebhookValidationFailure("WEBHOOK_SECRET is not set")
        AnymailBasicAuthMixin.validate_request(self, request)
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
            raise Refused("too large")
        self.check_kind(request)
        self.run_validators(request)
        events = self.parse_events(request)
        return receivers.rows(events, service=self.esp_name, token=self.token(events))

    def check_kind(self, request: HttpRequest) -> None:
        """Refuse what this service does not send."""

    def token(self, events: list[Any]) -> str:
        """What makes the call's signature unique, where Anymail's authentication does not."""
        return ""


class MailgunDoor(Door):
    """Mailgun signs a time and a token, not the body: both are checked here."""

    def check_kind(self, request: HttpRequest) -> None:
        if request.content_type != "application/json":
            raise Refused("application/json is expected")

    def token(self, events: list[Any]) -> str:
        [event] = events
        stamp = event.esp_event["signature"]
        # The signature covers both glued together: a shifted border would be a replay.
        if not str(stamp["timestamp"]).isdecimal() or not isinstance(stamp["token"], str):
            raise ValueError("signature")
        if abs(time.time() - float(stamp["timestamp"])) > OLDEST:
            raise Refused("too old")
        if not 0 < len(stamp["token"]) <= LONGEST_TOKEN:
            raise ValueError("token")
        return str(stamp["token"])


class AmazonDoor(Door):
    """Amazon's SNS shows the secret only when it is asked for it."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.META.get("HTTP_AUTHORIZATION"):
            ask = {"WWW-Authenticate": 'Basic realm="webhooks"'}
            return HttpResponse("who is it?", status=401, headers=ask)
        return super().post(request, *args, **kwargs)


DOORS: dict[str, type[Door]] = {"mailgun": MailgunDoor, "amazon_ses": AmazonDoor}


def door(provider: str) -> type[Any]:
    """Anymail's view of this service, behind our door."""
    view = import_string(f"anymail.webhooks.{provider}.{VIEWS[provider]}")
    return type(f"{view.esp_name}Door", (DOORS.get(provider, Door), view), {})


def urls(provider: str) -> list[URLPattern]:
    """The address for the reports of the service in use; no other service has one."""
    if provider not in VIEWS:
        return []
    return [path(f"{provider}/tracking/", door(provider).as_view(), name="webhook")]


def ring() -> None:
    """Tell a worker that reports wait; at most every two seconds."""
    try:
        if cache.add(BELL, 1, BELL_LASTS):
            tasks.apply_reports.delay()
    except (KombuError, RedisError) as error:
        logger.warning("No bell for reports", error=type(error).__name__)
        _be_quiet()


def _be_quiet() -> None:
    with suppress(RedisError):  # it may be the cache that does not answer
        cache.set(BELL, 1, SILENCE_LASTS)


def check_door(app_configs: object, **kwargs: object) -> list[checks.CheckMessage]:
    """System check: a secret keeps strangers out, and Anymail has what it needs to read reports.

    Of Amazon, Brevo and others the secret is all there is: their signatures are not looked at.
    """
    provider = settings.EMAIL_PROVIDER
    if provider not in VIEWS:
        return []
    found: list[checks.CheckMessage] = []
    secret: Any = settings.ANYMAIL.get("WEBHOOK_SECRET", "")
    for pair in [secret] if isinstance(secret, str) else list(secret) or [""]:
        name, colon, password = pair.partition(":")
        if not (name and colon) or len(password) < 16:
            found.append(
                checks.Error(
                    "ANYMAIL's WEBHOOK_SECRET must be a name, a colon and a long random word.",
                    hint="Set ANYMAIL_WEBHOOK_SECRET in the environment and in the address that "
                    "the mail service reports to.",
                )
            )
    try:
        view = door(provider)()
        if getattr(view, "webhook_key", "") is None:
            found.append(checks.Error(f"ANYMAIL has no {provider.upper()}_WEBHOOK_KEY."))
    except Exception as error:  # whatever Anymail finds lacking, it says in words
        found.append(checks.Error(f"{provider} cannot report back: {error}"))
    return found
