"""A roster between upload and import: its rows wait for a day, then nothing is left of them."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alumni.models.profiles import Profile
from alumni.models.training import CourseRun
from newsletters.addresses import new_key

KEPT_FOR = dt.timedelta(days=1)


def _in_a_day() -> dt.datetime:
    return timezone.now() + KEPT_FOR


class RosterUploadQuerySet(models.QuerySet["RosterUpload"]):
    """Sets of uploads in an officer's words."""

    def current(self) -> RosterUploadQuerySet:
        """Those whose day is not over; the others are as good as gone."""
        return self.filter(expires_at__gt=timezone.now())

    def over(self) -> RosterUploadQuerySet:
        """Those whose day is over."""
        return self.filter(expires_at__lte=timezone.now())


class RosterUpload(models.Model):
    """A roster as one person sent it, and how far its import is."""

    class State(models.TextChoices):
        COLUMNS = "columns", _("waits for its columns to be named")
        READING = "reading", _("is being looked through")
        READ = "read", _("waits for your word")
        CARRYING = "carrying", _("is being imported")
        DONE = "done", _("imported")

    wagtail_reference_index_ignore = True

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="+",
        help_text=_("Who sent it, and the only one who sees it. Nobody: by command."),
    )
    run = models.ForeignKey(CourseRun, models.CASCADE, related_name="+")
    name = models.CharField(_("file"), max_length=100, blank=True)
    language = models.CharField(
        max_length=12, help_text=_("In which what there is to say is said.")
    )
    headings = ArrayField(models.TextField(), default=list)
    columns = ArrayField(models.CharField(max_length=20, blank=True), default=list)
    state = models.CharField(max_length=10, choices=State, default=State.COLUMNS)
    size = models.PositiveIntegerField(default=0, help_text=_("Rows that came."))
    added = models.PositiveIntegerField(default=0)
    enrolled = models.PositiveIntegerField(default=0)
    filled = models.PositiveIntegerField(default=0)
    standing = ArrayField(
        models.BigIntegerField(),
        default=list,
        help_text=_("People of the list who stood on the course before it was imported."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    moved_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=_in_a_day, db_index=True)

    objects = RosterUploadQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["columns", "reading", "read", "carrying", "done"]),
                name="how_far_a_roster_is_is_known",
            )
        ]

    def __str__(self) -> str:
        return self.name or str(self.run)

    @property
    def has_written(self) -> bool:
        """Whether some of it is imported already: then its columns are settled."""
        return bool(self.added or self.enrolled or self.filled)

    @property
    def is_moving(self) -> bool:
        """Whether a worker has it."""
        return self.state in {self.State.READING, self.State.CARRYING}


class RosterRow(models.Model):
    """One row of a roster and what becomes of it. Goes when it is imported, or with its day."""

    wagtail_reference_index_ignore = True

    upload = models.ForeignKey(RosterUpload, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    cells = ArrayField(models.TextField(blank=True))
    outcome = models.CharField(max_length=10, blank=True, help_text=_("Empty: not looked at yet."))
    is_sound = models.BooleanField(
        default=False, help_text=_("Nothing is wrong with it by itself.")
    )
    needs = models.CharField(max_length=10, blank=True)
    asked = ArrayField(models.CharField(max_length=20), default=list)
    problems = ArrayField(models.TextField(), default=list)
    notes = ArrayField(models.TextField(), default=list)
    adds = models.JSONField(default=dict)
    name = models.TextField(blank=True)
    name_key = models.TextField(blank=True)
    address = models.TextField(blank=True)
    shares_mailbox = models.BooleanField(default=False)
    profile = models.ForeignKey(Profile, models.SET_NULL, null=True, related_name="+")
    written_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["upload", "number"], name="a_roster_has_each_row_once")
        ]
        indexes = [
            models.Index(fields=["upload", "outcome", "number"], name="roster_row_outcome"),
            models.Index(fields=["upload", "name_key"], name="roster_row_name"),
            models.Index(fields=["upload", "address"], name="roster_row_address"),
        ]

    def __str__(self) -> str:
        return f"{self.number}"
