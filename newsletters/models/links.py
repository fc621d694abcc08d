"""Links with one purpose and an end, mailed to a mailbox; only their hashes are kept."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsletters.models.subscribers import Subscriber, Subscription


class OneTimeLink(models.Model):
    """A link with one purpose, one use and an end; only its hash is kept."""

    class Purpose(models.TextChoices):
        CONFIRM = "confirm", _("confirm a subscription")

    wagtail_reference_index_ignore = True

    hash = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=20, choices=Purpose)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="links")
    asked = models.JSONField(
        default=dict, help_text=_("What confirming sets: language, frequency, interests.")
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.expires_at:%Y-%m-%d}"


class FreshLink(models.Model):
    """A link that proves the mailbox anew, for an hour: to the own data, or to another address."""

    class Purpose(models.TextChoices):
        DATA = "data", _("open the own data")
        MOVE = "move", _("move to another mailbox")

    wagtail_reference_index_ignore = True

    hash = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=10, choices=Purpose)
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="links")
    address = models.EmailField(blank=True, help_text=_("The new one; emptied once it is used."))
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.expires_at:%Y-%m-%d}"
