"""What a mail service allows, and what it has told us that is not applied yet."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SendBudget(models.Model):
    """How much of one allowance of a mail account is used. In rows, so that the rate holds
    across workers and restarts."""

    wagtail_reference_index_ignore = True

    account = models.CharField(max_length=120, help_text=_("Mail service and sending domain."))
    seconds = models.PositiveIntegerField(
        help_text=_("Length of the period; 0: closed by the service until `resets_at`.")
    )
    used = models.PositiveIntegerField(default=0, help_text=_("Recipients in this period."))
    resets_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "seconds"], name="one_budget_an_account_and_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account}, {self.seconds} s: {self.used}"


class Report(models.Model):
    """One event that a mail service reported: kept at once, applied a little later."""

    wagtail_reference_index_ignore = True

    key = models.CharField(
        max_length=120, unique=True, help_text=_("The event's own id at the mail service.")
    )
    token = models.CharField(
        max_length=120,
        unique=True,
        null=True,
        blank=True,
        help_text=_("Of the signature: the same one is never taken twice."),
    )
    kind = models.CharField(max_length=20)
    delivery = models.CharField(max_length=20, blank=True)
    batch = models.CharField(max_length=40, blank=True)
    recipient = models.CharField(
        max_length=254, blank=True, help_text=_("Wiped once the event is applied.")
    )
    reject_reason = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField(null=True, help_text=_("When it happened, by the service's clock."))
    received_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(applied_at=None), name="report_waiting"),
            models.Index(fields=["received_at"], name="report_received"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.received_at:%Y-%m-%d %H:%M:%S}"
