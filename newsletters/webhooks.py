"""The door for the mail service's reports: known sender, fresh, once, small; else a 400."""

from __future__ import annotations

import time

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

OLDEST = 15 * 60
"""Seconds a signed report stays good; Mailgun's own signature never ages."""
LARGEST = 1024 * 1024
ODD = (AttributeError, KeyError, IndexError, OverflowError, OSError, TypeError, ValueError)


class MailgunTracking(MailgunTrackingWebhookView):
    """Anymail's view, plus age, one use of each token, size, and patience with odd bodies."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """200 when taken (or taken before), 400 for everything else."""
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
            return HttpResponseBadRequest("too large")
        if request.content_type != "application/json":
            return HttpResponseBadRequest("application/json is expected")
        try:
            self.run_validators(request)
            events = self.parse_events(request)
        except AnymailWebhookValidationFailure:
            return HttpResponseBadRequest("not signed by the mail service")
        except ODD:
            return HttpResponseBadRequest("not a report of the mail service")
        for event in events:
            stamp = event.esp_event["signature"]
            # The signature covers both glued together: a shifted border would be a replay.
            if not str(stamp["timestamp"]).isdecimal():
                return HttpResponseBadRequest("not a report of the mail service")
            if abs(time.time() - float(stamp["timestamp"])) > OLDEST:
                return HttpResponseBadRequest("too old")
            if not isinstance(event.metadata, dict):
                return HttpResponseBadRequest("not a report of the mail service")
            # Marked after it is stored: applying twice changes nothing, losing one would.
            if not cache.get(f"webhook:{stamp['token']}"):
                self.signal.send(sender=type(self), event=event, esp_name=self.esp_name)
                cache.set(f"webhook:{stamp['token']}", 1, 2 * OLDEST)
        return HttpResponse()
