"""The doors by which people on a roster join: invitations in waves, slips with a code, calls.

Tokens and codes stand here as keyed hashes alone; who holds the database can open no door.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alumni.models.profiles import Profile
from alumni.models.training import CourseRun

INVITATION_LASTS = dt.timedelta(days=14)
SLIP_LASTS = dt.timedelta(days=60)


class WaveQuerySet(models.QuerySet["Wave"]):
    """Sets of waves in an editor's words."""

    def running(self) -> WaveQuerySet:
        """Started by staff and not stopped since."""
        return self.filter(state=Wave.State.RUNNING)


class Wave(models.Model):
    """The inviting of one course run's people; nobody is mailed before staff start it."""

    class State(models.TextChoices):
        RUNNING = "running", _("inviting")
        STOPPED = "stopped", _("stopped")

    class Why(models.TextChoices):
        STAFF = "staff", _("stopped by a colleague")
        BOUNCES = "bounces", _("too many invitations came back")

    wagtail_reference_index_ignore = True

    run = models.OneToOneField(CourseRun, models.CASCADE, related_name="wave")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField(
        default=timezone.now, help_text=_("What came back is counted from here.")
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    stopped_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=10, choices=Why, blank=True)
    bounced = models.PositiveIntegerField(default=0, help_text=_("People, when it stopped."))
    invited = models.PositiveIntegerField(default=0, help_text=_("People, when it stopped."))

    objects = WaveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running", stopped_at__isnull=True, why="")
                | Q(state="stopped", stopped_at__isnull=False, why__in=["staff", "bounces"]),
                name="a_wave_that_stopped_says_when_and_why",
            )
        ]

    def __str__(self) -> str:
        return f"{self.run}: {self.get_state_display()}"


class Invitation(models.Model):
    """One mail with one link, for one person at one address."""

    class Step(models.TextChoices):
        FIRST = "first", _("invitation")
        REMINDER = "reminder", _("first reminder")
        LAST = "last", _("last reminder")
        FRESH = "fresh", _("fresh link")

    wagtail_reference_index_ignore = True

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="invitations")
    run = models.ForeignKey(CourseRun, models.CASCADE, related_name="invitations")
    address = models.EmailField()
    step = models.CharField(max_length=10, choices=Step)
    hash = models.CharField(max_length=64, unique=True)
    letter = models.ForeignKey(
        "newsletters.Letter", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "address", "step"],
                condition=~Q(step="fresh"),
                name="each_step_is_mailed_once",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("sent_at"))
                & Q(expires_at__lte=F("sent_at") + INVITATION_LASTS),
                name="an_invitation_lasts_two_weeks_at_most",
            ),
        ]
        indexes = [models.Index(fields=["sent_at"], name="invitation_sent")]

    def __str__(self) -> str:
        return f"{self.get_step_display()}, {self.sent_at:%Y-%m-%d}"


class Call(models.Model):
    """A call by a colleague to the number of the nomination."""

    class Result(models.TextChoices):
        REACHED = "reached", _("spoke with the person")
        NO_ANSWER = "no_answer", _("no answer")
        WRONG_NUMBER = "wrong", _("not the person's number")
        NOT_WANTED = "refused", _("does not want to join")

    wagtail_reference_index_ignore = True

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="calls")
    number = models.CharField(max_length=40)
    result = models.CharField(max_length=10, choices=Result)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(number=""), name="a_call_went_to_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.get_result_display()}, {self.at:%Y-%m-%d}"


class SlipQuerySet(models.QuerySet["Slip"]):
    """Sets of slips in an editor's words."""

    def live(self) -> SlipQuerySet:
        """Good now: not used, not replaced, not too old, and nobody has joined by it."""
        return self.filter(
            state=Slip.State.LIVE, expires_at__gt=timezone.now(), profile__user__isnull=True
        )


class Slip(models.Model):
    """A code with which one person joins once, printed or told by voice."""

    class State(models.TextChoices):
        LIVE = "live", _("good")
        USED = "used", _("used")
        REPLACED = "replaced", _("replaced by another")

    wagtail_reference_index_ignore = True

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="slips")
    door = models.CharField(
        max_length=4,
        choices=[("slip", _("joining slip")), ("call", _("call"))],
    )
    call = models.OneToOneField(Call, models.CASCADE, null=True, blank=True, related_name="slip")
    hash = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.LIVE)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    expires_at = models.DateTimeField()
    promised_to = models.CharField(
        max_length=64,
        blank=True,
        db_index=True,
        help_text=_("Hash of the address that its holder typed, until that mailbox says yes."),
    )
    used_at = models.DateTimeField(null=True)

    objects = SlipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile"], condition=Q(state="live"), name="one_live_code_a_person"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at"))
                & Q(expires_at__lte=F("made_at") + SLIP_LASTS),
                name="a_slip_lasts_sixty_days_at_most",
            ),
            models.CheckConstraint(
                condition=Q(door="slip", call__isnull=True) | Q(door="call", call__isnull=False),
                name="a_code_by_voice_names_its_call",
            ),
            models.CheckConstraint(
                condition=Q(state="used", used_at__isnull=False)
                | Q(state__in=["live", "replaced"], used_at__isnull=True),
                name="a_used_slip_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_door_display()}, {self.get_state_display()}"
