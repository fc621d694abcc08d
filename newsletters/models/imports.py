"""A table of readers that a colleague brings in: its rows wait here until they are taken in."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsletters.addresses import new_key
from newsletters.models.newsletters import Frequency, Newsletter

KEPT_FOR = dt.timedelta(days=1)
"""How long the rows of a table stay, taken in or not."""


def in_a_day() -> dt.datetime:
    """When a table that comes in now goes."""
    return timezone.now() + KEPT_FOR


class ReaderTable(models.Model):
    """A table as it came, seen by whoever brought it in alone."""

    wagtail_reference_index_ignore = True

    key = models.CharField(max_length=22, unique=True, default=new_key)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=100, help_text=_("Of the file."))
    headings = ArrayField(models.CharField(max_length=200), default=list)
    unused = ArrayField(
        models.CharField(max_length=200), default=list, help_text=_("Headings nobody knows.")
    )
    size = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=in_a_day)
    taken_in_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.size}, {self.created_at:%Y-%m-%d %H:%M}"


class ReaderRow(models.Model):
    """One row of it: what it says, or what is to be mended, and what becomes of it."""

    class Outcome(models.TextChoices):
        NEW = "new", _("receives from now on")
        WAITING = "waiting", _("waits: no proof of consent, nothing is mailed")
        THERE = "there", _("receives it already")
        REPEATED = "repeated", _("stands in the table twice")
        LEFT = "left", _("has left, and is not brought back")
        KEPT_OUT = "kept_out", _("must not be written to")
        BROKEN = "broken", _("cannot be read")

    wagtail_reference_index_ignore = True

    table = models.ForeignKey(ReaderTable, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text=_("As the spreadsheet shows it."))
    cells = ArrayField(models.TextField(), default=list, help_text=_("As they came."))
    address = models.CharField(max_length=254, blank=True)
    address_hash = models.CharField(max_length=64, blank=True)
    languages = ArrayField(models.CharField(max_length=12), default=list)
    newsletter = models.ForeignKey(Newsletter, models.CASCADE, null=True, related_name="+")
    frequency = models.CharField(max_length=10, choices=Frequency, blank=True)
    interests = ArrayField(models.CharField(max_length=60), default=list)
    provenance = models.CharField(max_length=500, blank=True)
    agreed_at = models.DateTimeField(null=True)
    problems = ArrayField(models.TextField(), default=list)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table", "number"], name="a_table_has_a_row_once")
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.get_outcome_display()}"
