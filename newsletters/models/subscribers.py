"""Addresses that may be written to: who reads what, how often, and up to when it was told."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsletters.addresses import keyed_hash, masked, new_key
from newsletters.models.consents import WORDING_VERSION, Consent
from newsletters.models.moments import MomentsField
from newsletters.models.newsletters import Frequency, Newsletter
from newsletters.sources import EVERYTHING

CONFIRM_WITHIN = dt.timedelta(days=7)
"""How long a confirmation link counts, and an unconfirmed address is kept."""


def everything() -> list[str]:
    """The interests of a reader who chose nothing in particular."""
    return [EVERYTHING]


class HashOfAddress(models.CharField):
    """The keyed hash of the row's `address`, written whenever the row is saved or bulk-created.

    Whoever changes an address by `update()` writes it too.
    """

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        hashed = keyed_hash(model_instance.address)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, hashed)
        return hashed


class Subscriber(models.Model):
    """An address that may be written to; needs no account."""

    wagtail_reference_index_ignore = True

    address = models.EmailField(
        unique=True, help_text=_("Normalised: lower case, domain in ASCII.")
    )
    address_hash = HashOfAddress(
        max_length=64,
        editable=False,
        db_default="",
        help_text=_("What erased addresses are compared by: they stand in no list in the clear."),
    )
    key = models.CharField(
        max_length=22, unique=True, default=new_key, help_text=_("Stands in the preference link.")
    )
    languages = ArrayField(
        models.CharField(max_length=12), help_text=_("The languages read, best first.")
    )
    discreet = models.BooleanField(
        default=False,
        help_text=_("Mails name neither subject nor network in sender, list and subject."),
    )
    plain_text = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("Newsletters come as plain text, without the designed version."),
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        constraints = [
            models.CheckConstraint(condition=Q(languages__len__gt=0), name="reads_some_language")
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(plain_text=True), name="subscriber_of_plain_text"
            )
        ]

    def __str__(self) -> str:
        return masked(self.address)


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Sets of subscriptions in an editor's words."""

    def confirmed(self) -> SubscriptionQuerySet:
        """Confirmed from the reader's own mailbox, and not left since."""
        return self.filter(state=Subscription.State.CONFIRMED)

    def begin(self, now: dt.datetime, **chosen: Any) -> int:
        """They receive from now on, whatever was before; `chosen` fields are set with it."""
        return self.update(
            state=Subscription.State.CONFIRMED,
            confirmed_at=now,
            caught_up_at=now,
            owed=None,
            heard_at=now,
            paused_until=None,
            left_at=None,
            left_how="",
            **chosen,
        )

    def forget_unconfirmed(self, now: dt.datetime) -> int:
        """Delete requests nobody confirmed in time, and addresses left without any; their count."""
        unconfirmed = self.filter(
            state=Subscription.State.PENDING,
            confirmed_at=None,
            created_at__lt=now - CONFIRM_WITHIN,
        )
        with transaction.atomic():
            asked = list(unconfirmed.values_list("subscriber", flat=True))
            unconfirmed.delete()
            idle = Subscriber.objects.filter(pk__in=asked, subscriptions=None)
            return idle.delete()[1].get("newsletters.Subscriber", 0)


class Subscription(models.Model):
    """A subscriber and a newsletter: what of it, how often, and up to when it was told."""

    class State(models.TextChoices):
        PENDING = "pending", _("waits for confirmation")
        CONFIRMED = "confirmed", _("receives")
        LEFT = "left", _("has left")

    COMPLAINT = "complaint"
    """How those left who marked our mail as spam."""
    MAIL_SERVICE = "button of the mail service"
    """How those left whom the mail service took at their word and reported to us."""

    wagtail_reference_index_ignore = True

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="subscriptions")
    newsletter = models.ForeignKey(Newsletter, models.PROTECT, related_name="subscriptions")
    key = models.CharField(
        max_length=22,
        unique=True,
        default=new_key,
        help_text=_("Stands in the unsubscribe link; never expires, survives new secrets."),
    )
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    frequency = models.CharField(max_length=10, choices=Frequency, default=Frequency.WEEKLY)
    interests = ArrayField(models.CharField(max_length=60), default=everything)
    caught_up_at = models.DateTimeField(
        null=True, help_text=_("Everything that became mailable up to here has been told.")
    )
    owed = MomentsField(
        null=True,
        editable=False,
        help_text=_("But for what became mailable in here: a mailing had no room for it yet."),
    )
    heard_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When the last mail of it went to the reader, or the subscription began."),
    )
    paused_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    left_how = models.CharField(max_length=30, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(
                fields=["subscriber", "newsletter"], name="one_subscription_a_newsletter"
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | Q(confirmed_at__isnull=False, caught_up_at__isnull=False),
                name="confirmed_says_since_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["newsletter", "frequency", "subscriber"],
                condition=Q(state="confirmed"),
                name="subscription_receives",
            ),
            GinIndex(fields=["interests"], name="subscription_interests"),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber}: {self.newsletter} ({self.get_state_display()})"

    def note_consent(self, *, given: bool, language: str, how: str, wording: str) -> None:
        """One append-only row: agreed, or withdrawn."""
        self.consent(given=given, language=language, how=how, wording=wording).save()

    def consent(self, *, given: bool, language: str, how: str, wording: str) -> Consent:
        """That row, not stored yet."""
        return Consent(
            subject=f"subscriber:{self.subscriber_id}",
            purpose=f"newsletter:{self.newsletter.slug}",
            given=given,
            wording=wording,
            wording_version=WORDING_VERSION,
            language=language,
            how=how,
        )
