"""Where people worked before, and how much of the directory a member has looked at in a day."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from alumni import vocabulary
from alumni.models.profiles import Profile


class Position(models.Model):
    """Where a person worked before. Where he or she works now stands on the profile alone."""

    wagtail_reference_index_ignore = True

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="positions")
    institution = models.CharField(_("institution"), max_length=200, blank=True)
    institution_type = models.CharField(
        _("kind of institution"), max_length=40, blank=True, choices=vocabulary.institution_types
    )
    post = models.CharField(_("post"), max_length=200, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), help_text=_("The month is enough: any day in it."))

    class Meta:
        verbose_name = _("earlier position")
        verbose_name_plural = _("earlier positions")
        ordering = ["-ends_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(institution="") | ~Q(post=""),
                name="a_position_has_a_place_or_a_title",
                violation_error_message=_("Write the institution or the post."),
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="a_position_ends_after_it_began",
                violation_error_message=_("The last day must not be before the first day."),
            ),
        ]

    def __str__(self) -> str:
        return self.institution or self.post


class DirectoryUse(models.Model):
    """What one member looked at on one day; kept for thirty days, for staff to see."""

    wagtail_reference_index_ignore = True

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("member"))
    day = models.DateField(_("day"))
    lists = models.PositiveIntegerField(_("lists"), default=0)
    people = models.PositiveIntegerField(_("profiles"), default=0)
    used_up_at = models.DateTimeField(_("reached the limit"), null=True, blank=True)

    class Meta:
        verbose_name = _("use of the directory")
        verbose_name_plural = _("use of the directory")
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "day"], name="a_day_of_a_member_is_one_row")
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.day}"
