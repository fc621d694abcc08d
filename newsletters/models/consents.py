"""Who agreed to what, when, in which words; and which addresses must not be written to, and why."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsletters.addresses import masked, normalise

WORDING_VERSION = "2026-11"
"""Of the sentences that readers agree to."""


class Suppression(models.Model):
    """An address not to be written to, and why. An erased one stands here as a hash only."""

    class Reason(models.TextChoices):
        BOUNCE = "bounce", _("the mailbox does not exist")
        SOFT = "soft", _("mail to it came back again and again")
        COMPLAINT = "complaint", _("marked our mail as spam")
        ASKED = "asked", _("asked us to stop")
        ERASED = "erased", _("asked to be erased")

    wagtail_reference_index_ignore = True

    address = models.EmailField(unique=True, null=True, blank=True)
    address_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)
    reason = models.CharField(max_length=12, choices=Reason)
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("do not mail")
        verbose_name_plural = _("do not mail")
        constraints = [
            models.CheckConstraint(
                condition=Q(address__isnull=False) | Q(address_hash__isnull=False),
                name="names_an_address_or_its_hash",
            ),
            models.CheckConstraint(
                condition=Q(address=Lower("address")), name="suppressed_addresses_are_normalised"
            ),
        ]

    def __str__(self) -> str:
        return f"{masked(self.address or '@')}: {self.get_reason_display()}"

    def clean(self) -> None:
        """Mails are held back by the address as we compare it, however it was typed."""
        if self.address:
            self.address = normalise(self.address)


def not_to_be_mailed(subscriber: str = "subscriber__") -> Q:
    """As a condition: the reader's address, or its hash, is one that is not written to.

    `subscriber`: the way from the rows that are asked about to the reader.
    """
    by_address = Suppression.objects.filter(address=OuterRef(f"{subscriber}address"))
    by_hash = Suppression.objects.filter(address_hash=OuterRef(f"{subscriber}address_hash"))
    return Q(Exists(by_address)) | Q(Exists(by_hash))


class Consent(models.Model):
    """Who agreed to what, when, in which words; the database refuses to change a row."""

    wagtail_reference_index_ignore = True

    subject = models.CharField(
        max_length=80, db_index=True, help_text=_("`subscriber:<id>` or `profile:<key>`.")
    )
    purpose = models.CharField(max_length=60, help_text=_("`newsletter:<slug>`, `directory` …"))
    given = models.BooleanField(help_text=_("False: withdrawn."))
    wording = models.TextField(help_text=_("The sentence as the person read it."))
    wording_version = models.CharField(max_length=20)
    language = models.CharField(max_length=12)
    how = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.purpose}: {'given' if self.given else 'withdrawn'} {self.at:%Y-%m-%d}"
