"""What members write to one another on the site. No address stands in any of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alumni.models.profiles import Profile
from newsletters.addresses import new_key


class Conversation(models.Model):
    """Two members; the first message asks, and more follows when the other one accepts."""

    class State(models.TextChoices):
        ASKED = "asked", _("waits for an answer")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    wagtail_reference_index_ignore = True

    key = models.CharField(max_length=22, unique=True, default=new_key)
    asker = models.ForeignKey(Profile, models.SET_NULL, null=True, related_name="asked")
    asked = models.ForeignKey(Profile, models.SET_NULL, null=True, related_name="was_asked")
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    began_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(
                Least("asker", "asked"),
                Greatest("asker", "asked"),
                condition=Q(asker__isnull=False, asked__isnull=False),
                name="two_people_have_one_conversation",
            ),
            models.CheckConstraint(
                condition=~Q(asker=F("asked")), name="nobody_writes_to_himself_or_herself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d}: {self.get_state_display()}"


class Message(models.Model):
    """What one of the two wrote."""

    wagtail_reference_index_ignore = True

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    author = models.ForeignKey(
        Profile,
        models.SET_NULL,
        null=True,
        related_name="messages",
        help_text=_("Empty: someone who has left."),
    )
    text = models.TextField(max_length=4000)
    written_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    is_withheld = models.BooleanField(
        default=False, help_text=_("Its author was blocked: only the author sees it.")
    )

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["written_at", "id"]
        indexes = [models.Index(fields=["author", "written_at"], name="message_of_author_by_time")]

    def __str__(self) -> str:
        return f"{self.conversation_id}, {self.written_at:%Y-%m-%d %H:%M}"


class Block(models.Model):
    """A member does not want to hear from another one, who is not told."""

    wagtail_reference_index_ignore = True

    by = models.ForeignKey(Profile, models.CASCADE, related_name="blocks")
    against = models.ForeignKey(Profile, models.CASCADE, related_name="blocked_by")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "against"], name="blocked_once"),
            models.CheckConstraint(condition=~Q(by=F("against")), name="nobody_blocks_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.by_id} / {self.against_id}"


class MutingQuerySet(models.QuerySet["Muting"]):
    """Sets of these in an editor's words."""

    def in_force(self) -> MutingQuerySet:
        """Not ended yet."""
        return self.filter(ended_at=None)


class Muting(models.Model):
    """Staff took from a member the right to write to members, for a while or for good."""

    wagtail_reference_index_ignore = True

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="mutings")
    why = models.CharField(_("why"), max_length=300)
    began_at = models.DateTimeField(_("since"), default=timezone.now)
    began_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    objects = MutingQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["profile"], condition=Q(ended_at=None), name="muted_once_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(why=""), name="a_muting_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id}, {self.began_at:%Y-%m-%d}"


class Complaint(models.Model):
    """A conversation that a member asked staff to read."""

    wagtail_reference_index_ignore = True

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="complaints")
    by = models.ForeignKey(Profile, models.SET_NULL, null=True, related_name="complaints")
    why = models.CharField(_("what is wrong"), max_length=1000, blank=True)
    at = models.DateTimeField(_("reported"), default=timezone.now)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    outcome = models.CharField(_("what was done"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("reported conversation")
        verbose_name_plural = _("reported conversations")
        ordering = ["settled_at", "-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "by"],
                condition=Q(settled_at=None),
                name="reported_once_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
