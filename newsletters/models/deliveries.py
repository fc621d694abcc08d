"""The ledger: batches are the queue, deliveries the people, attempts the append-only record."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsletters.models.editions import Edition
from newsletters.models.issues import Issue


class Batch(models.Model):
    """What one call hands over: people of one edition. It carries the state for all of them."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        CLAIMED = "claimed", _("taken up")
        SUBMITTING = "submitting", _("being handed over")
        ACCEPTED = "accepted", _("handed to the mail service")
        FAILED = "failed", _("failed")
        UNCERTAIN = "uncertain", _("no answer yet")
        UNKNOWN = "unknown", _("not known whether it arrived")
        CANCELLED = "cancelled", _("cancelled")
        EXPIRED = "expired", _("too late")

    IN_HAND = (State.QUEUED, State.CLAIMED, State.SUBMITTING)
    """States from which a call may still be made, or is being made."""
    OPEN = (*IN_HAND, State.UNCERTAIN)
    """States of which something is still to come; `unknown` is what `uncertain` may end as."""

    wagtail_reference_index_ignore = True

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="batches")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField(help_text=_("Counts within the edition, from 0."))
    size = models.PositiveIntegerField(help_text=_("Deliveries that point here."))
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=300, blank=True)
    owner = models.CharField(max_length=80, blank=True, help_text=_("The worker that holds it."))
    epoch = models.PositiveIntegerField(
        default=0, help_text=_("Grows with each claim; a holder of an older one is ignored.")
    )
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(
        default=timezone.now, help_text=_("Not handed over, or not looked up, before this.")
    )
    key = models.UUIDField(
        default=uuid.uuid4, unique=True, help_text=_("The mail service knows the call by it.")
    )
    looks = models.PositiveSmallIntegerField(
        default=0, help_text=_("Times the mail service was asked and knew nothing of the call.")
    )
    plain_text = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("Its people want the text alone: their mails have no designed version."),
    )
    is_second_call = models.BooleanField(
        default=False, help_text=_("The mail service knew nothing of a first one: sent once more.")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "number"], name="batches_are_numbered_once")
        ]
        indexes = [
            models.Index(
                fields=["next_at", "id"],
                condition=Q(state="queued"),
                name="batch_waiting",
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=["claimed", "submitting"]),
                name="batch_leased",
            ),
            models.Index(
                fields=["next_at", "id"],
                condition=Q(state="uncertain"),
                name="batch_doubtful",
            ),
            models.Index(fields=["issue", "state"], name="batch_of_issue_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.issue_id}/{self.edition_id}/{self.number}: {self.get_state_display()}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Sets of deliveries in an editor's words."""

    def fared(self, *fates: str) -> DeliveryQuerySet:
        """Whose own exception, else the state of whose batch, is one of these."""
        fate = Coalesce(NullIf("exception", Value("")), "batch__state")
        return self.annotate(fate=fate).filter(fate__in=fates)


class Delivery(models.Model):
    """One mail to one person. Written at freezing; touched again only when a fact arrives."""

    class Exception(models.TextChoices):
        NONE = "", _("as its batch")
        SUPPRESSED = "suppressed", _("do not mail")
        LEFT = "left", _("left before it was handed over")
        NOT_THEIRS = "not_theirs", _("not meant for them any more")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("not known whether it arrived")
        ACCEPTED = "accepted", _("handed to the mail service")

    wagtail_reference_index_ignore = True

    # Keys without a constraint of the database: checking them row by row took two thirds of the
    # time in which a list is drawn up. See docs/adr/0004.
    issue = models.ForeignKey(
        Issue, models.PROTECT, related_name="deliveries", db_index=False, db_constraint=False
    )
    batch = models.ForeignKey(
        Batch, models.PROTECT, related_name="deliveries", db_index=False, db_constraint=False
    )
    subscriber_id = models.BigIntegerField()
    exception = models.CharField(max_length=10, choices=Exception, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    delivered_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    complained_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "subscriber_id"], name="nobody_gets_an_issue_twice"
            )
        ]
        indexes = [
            models.Index(fields=["batch"], name="delivery_of_batch"),
            models.Index(
                fields=["issue", "exception"],
                condition=~Q(exception=""),
                name="delivery_exception",
            ),
            models.Index(
                fields=["issue"],
                condition=Q(complained_at__isnull=False),
                name="delivery_complained",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issue_id}: {self.subscriber_id}"


class Attempt(models.Model):
    """One try to hand a batch over. Started before the call; only its outcome is added after."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        RECIPIENT = "recipient", _("address refused")
        CONTENT = "content", _("content refused")
        NOT_SENT = "not_sent", _("certainly not sent")
        AMBIGUOUS = "ambiguous", _("no clear answer")
        ACCOUNT = "account", _("account or configuration")
        QUOTA = "quota", _("quota used up")
        HELD_BACK = "held_back", _("not called")

    wagtail_reference_index_ignore = True

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="attempts")
    epoch = models.PositiveIntegerField()
    account = models.CharField(
        max_length=150,
        blank=True,
        default="",
        help_text=_("Who was called: another account knows nothing of it."),
    )
    key = models.CharField(max_length=80)
    body_sha256 = models.CharField(max_length=64)
    started_at = models.DateTimeField(default=timezone.now)
    deadline_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=2048, blank=True)
    fates = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("Delivery → outcome, where people of the batch fared differently."),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "epoch"], name="one_attempt_a_claim")
        ]
        indexes = [models.Index(fields=["-finished_at"], name="attempt_latest")]

    def __str__(self) -> str:
        return f"{self.batch_id}.{self.epoch}: {self.outcome or 'open'}"


class Letter(models.Model):
    """A transactional mail; its address and parameters are wiped once it is handed over."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        CLAIMED = "claimed", _("being handed over")
        HANDED_OVER = "handed_over", _("handed to the mail service")
        FAILED = "failed", _("failed")

    wagtail_reference_index_ignore = True

    kind = models.CharField(max_length=30)
    to = models.EmailField(blank=True)
    to_hash = models.CharField(max_length=64, db_index=True)
    language = models.CharField(max_length=12)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    handed_over_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state__in=["queued", "claimed"]),
                name="letter_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.get_state_display()}"
