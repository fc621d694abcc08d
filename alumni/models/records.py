"""What is kept beside people: who looked at what, who asked to be forgotten, and bare counts."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alumni.models.training import CourseRun


class Access(models.Model):
    """Staff looked at or took out something of a person; the database refuses to change a row.

    No foreign key leads out of it: deleting a colleague would have to change rows.
    """

    class What(models.TextChoices):
        RECORD = "record", _("opened your record, with address and phone")
        PAGE = "page", _("opened your page")
        CONVERSATION = "conversation", _("read a conversation that was reported")
        ANSWERS = "answers", _("read your answers after a course")
        LIST = "list", _("took out a list with you on it")
        HIDDEN = "hidden", _("hid you")
        SHOWN = "shown", _("ended your hiding")
        STOPPED = "stopped", _("stopped all mail to you, because you asked")
        MUTED = "muted", _("took from you the right to write to members")
        UNMUTED = "unmuted", _("gave you back the right to write to members")
        VOUCHED = "vouched", _("brought you in with a colleague, since you stood on no list")
        LOOKS = "looks", _("read who looked at what of yours")
        TAKEN_OUT = "taken_out", _("took out everything about you, because you asked by letter")
        ERASED = "erased", _("erased somebody who had asked by letter")
        RETURNED = "returned", _("let somebody come back who had been erased")

    wagtail_reference_index_ignore = True

    subject = models.CharField(
        max_length=30, blank=True, db_index=True, help_text=_("A person's key; empty: a list.")
    )
    what = models.CharField(max_length=20, choices=What)
    detail = models.CharField(max_length=500, blank=True, help_text=_("Purpose, fields, count."))
    by = models.BigIntegerField(help_text=_("The colleague's number."))
    by_name = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("accesses")
        ordering = ["-at", "-id"]
        permissions = [
            ("take_out_list", _("Can take lists of people out")),
            ("answer_request", _("Can erase whoever wrote to us, or take everything out")),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {self.what}"


class Forgotten(models.Model):
    """A keyed hash of somebody who asked to be forgotten, so that no list brings the person back.

    Of the address, of name and address where others share the mailbox, and of name and course run.
    """

    wagtail_reference_index_ignore = True

    hash = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return self.hash[:8]


class Departed(models.Model):
    """How many forgotten people took part in a run, by one trait at a time, never by two.

    Reports still count them as trained; which country goes with which gender is not kept.
    """

    class Trait(models.TextChoices):
        GENDER = "gender", _("gender")
        COUNTRY = "country", _("country")

    wagtail_reference_index_ignore = True

    run = models.ForeignKey(CourseRun, models.CASCADE, related_name="departed")
    completion = models.CharField(max_length=20)
    trait = models.CharField(max_length=10, choices=Trait)
    value = models.CharField(max_length=2, blank=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "completion", "trait", "value"], name="departed_are_counted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id}, {self.trait}: {self.count}"
