"""One mailing: whom it is for, when it may leave, how far it is and why it stopped."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from newsletters.addresses import new_key
from newsletters.models.newsletters import Frequency, Newsletter


class IssueQuerySet(models.QuerySet["Issue"]):
    """Sets of issues in an editor's words."""

    def unfinished(self) -> IssueQuerySet:
        """Neither done nor cancelled: something may still happen by itself or by a person."""
        return self.filter(state__in=Issue.UNFINISHED)

    def in_the_way(self, newsletter: Newsletter) -> IssueQuerySet:
        """What its next digest waits for; a correction that is written tells nothing new."""
        return self.unfinished().filter(newsletter=newsletter, kind=Newsletter.Kind.DIGEST)

    def to_draw_up(self, now: dt.datetime) -> IssueQuerySet:
        """Approved, and their moment has come: neither held for a colleague nor too early."""
        return self.filter(
            Q(not_before=None) | Q(not_before__lte=now),
            Q(held_until=None) | Q(held_until__lte=now),
            state=Issue.State.APPROVED,
        )

    def halt(self, reason: str) -> int:
        """Stop what is being sent, for a person to look at; nothing of it is lost. The count."""
        return self.filter(state=Issue.State.SENDING).update(
            state=Issue.State.HALTED, reason=reason[:300]
        )


class Issue(models.Model):
    """One mailing to an audience frozen at a moment. No form ever writes it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("waits for approval")
        APPROVED = "approved", _("approved")
        FREEZING = "freezing", _("the list is being drawn up")
        READY = "ready", _("ready to leave")
        SENDING = "sending", _("being sent")
        PAUSED = "paused", _("paused")
        HALTED = "halted", _("stopped")
        DONE = "done", _("sent")
        CANCELLED = "cancelled", _("cancelled")

    class Why(models.TextChoices):
        RETRY = "retry", _("again to those it failed for")
        UNKNOWN = "unknown", _("again to those it may not have reached")
        CORRECT = "correct", _("a correction to those who received it")

    UNFINISHED = (
        State.DRAFT,
        State.APPROVED,
        State.FREEZING,
        State.READY,
        State.SENDING,
        State.PAUSED,
        State.HALTED,
    )

    wagtail_reference_index_ignore = True

    newsletter = models.ForeignKey(Newsletter, models.PROTECT, related_name="issues")
    key = models.CharField(
        max_length=22, unique=True, default=new_key, help_text=_("Stands in the archive's address.")
    )
    kind = models.CharField(max_length=10, choices=Newsletter.Kind)
    frequency = models.CharField(max_length=10, choices=Frequency, blank=True)
    cutoff_at = models.DateTimeField(help_text=_("The mailing tells what was new up to here."))
    reference = models.CharField(
        max_length=130,
        blank=True,
        help_text=_("The manuscript of a written mailing; of a notice the call that it tells of."),
    )
    criteria = models.JSONField(default=dict, blank=True)
    step = models.ForeignKey(
        "newsletters.Step",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="issues",
        help_text=_("Of a follow-up: it goes to those who pass through this step by it."),
    )
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    reason = models.CharField(
        max_length=300, blank=True, help_text=_("Why it stopped, or why nobody was written to.")
    )
    fallback = models.CharField(
        max_length=12,
        blank=True,
        help_text=_("In which language it goes to those who read none of its languages."),
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    proposed_at = models.DateTimeField(null=True)
    seen = models.PositiveIntegerField(
        default=0, help_text=_("People it would have gone to when it was proposed.")
    )
    seal = models.CharField(
        max_length=64,
        blank=True,
        help_text=_("SHA-256 over the editions, the audience, the window and the people seen."),
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(
        null=True, help_text=_("Until then a colleague can stop what one person approved alone.")
    )
    not_before = models.DateTimeField(null=True, help_text=_("It does not leave before."))
    not_after = models.DateTimeField(help_text=_("What has not left by then, stays."))
    audience = models.PositiveIntegerField(default=0, help_text=_("People frozen into it."))
    excluded = models.JSONField(default=dict, help_text=_("Candidates left out, by reason."))
    frozen_at = models.DateTimeField(null=True)
    resumed_at = models.DateTimeField(
        null=True, help_text=_("When a person let it go on; what went wrong before is forgiven.")
    )
    closed_at = models.DateTimeField(null=True)
    caught_up_to = models.BigIntegerField(
        default=0, help_text=_("Up to this delivery its readers know what they were told.")
    )
    told_from = models.DateTimeField(
        null=True,
        help_text=_("Too much was new for one mailing: it tells what came after this, and all."),
    )
    owed_until = models.DateTimeField(
        null=True,
        help_text=_("It also tells what earlier mailings had no room for, up to here."),
    )
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(
        max_length=20, blank=True, choices=Why, help_text=_("What it does for the mailing before.")
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = IssueQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["newsletter", "frequency", "cutoff_at"],
                condition=~Q(frequency=""),
                name="one_digest_a_period",
            ),
            # Readers' caught_up_at moves when an issue closes; two open ones would tell it twice.
            models.UniqueConstraint(
                fields=["newsletter"],
                condition=Q(kind="digest")
                & Q(
                    state__in=[
                        "draft",
                        "approved",
                        "freezing",
                        "ready",
                        "sending",
                        "paused",
                        "halted",
                    ]
                ),
                name="one_open_digest_a_newsletter",
            ),
            models.CheckConstraint(
                condition=Q(follows=None, why="") | Q(follows__isnull=False) & ~Q(why=""),
                name="what_follows_says_why",
            ),
            # Pressed twice, "send again" writes to nobody twice.
            models.UniqueConstraint(
                fields=["follows", "why"],
                condition=Q(
                    state__in=[
                        "draft",
                        "approved",
                        "freezing",
                        "ready",
                        "sending",
                        "paused",
                        "halted",
                    ]
                ),
                name="one_open_follower_a_reason",
            ),
        ]
        permissions = [
            ("compose_issue", _("Can write mailings")),
            ("approve_issue", _("Can approve mailings")),
            ("send_issue", _("Can send what is due")),
            ("view_people", _("Can see who receives mail")),
        ]

    def __str__(self) -> str:
        local = self.cutoff_at.astimezone(self.newsletter.zone)
        words = gettext("%(newsletter)s, %(when)s")
        what = self.get_frequency_display() or self.get_why_display()
        if what:
            words = gettext("%(newsletter)s (%(rhythm)s), %(when)s")
        if self.is_notice and not self.why:
            words = gettext("%(newsletter)s (a call that closes soon, %(rhythm)s), %(when)s")
        return words % {
            "newsletter": self.newsletter,
            "rhythm": what,
            "when": date_format(local, "DATETIME_FORMAT"),
        }

    @property
    def standing(self) -> str:
        """Its state in words; “sent” is said only of what had somebody on its list."""
        if self.state == self.State.DONE and not self.audience:
            return gettext("no mail sent")
        return self.get_state_display()

    @property
    def is_notice(self) -> bool:
        """Whether it is of a digest and tells of one call alone, which cannot wait for it."""
        return self.kind == Newsletter.Kind.DIGEST and bool(self.reference)
