"""A project's report as it was on a day, and the links by which others read it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alumni.models.training import Project
from newsletters.addresses import new_key


class ProjectReport(models.Model):
    """What a project came to in a period. Figures are frozen; they name nobody."""

    wagtail_reference_index_ignore = True

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="reports", verbose_name=_("project")
    )
    starts_on = models.DateField(_("from"), help_text=_("Courses that ended on this day or later."))
    ends_on = models.DateField(_("until"), help_text=_("Courses that ended on this day or before."))
    figures = models.JSONField(default=dict, editable=False)
    made_at = models.DateTimeField(_("as at"), default=timezone.now, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = _("project report")
        verbose_name_plural = _("project reports")
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="a_period_ends_after_it_began",
                violation_error_message=_("The last day must not be before the first day."),
            )
        ]

    def __str__(self) -> str:
        return gettext("%(project)s, %(first)s to %(last)s") % {
            "project": self.project,
            "first": date_format(self.starts_on),
            "last": date_format(self.ends_on),
        }


class ReportLinkQuerySet(models.QuerySet["ReportLink"]):
    """Sets of links."""

    def live(self) -> ReportLinkQuerySet:
        """Those that still open the report."""
        return self.filter(ended_at=None, expires_at__gt=timezone.now())


class ReportLink(models.Model):
    """Whoever has it reads one report without an account, until it expires or is ended."""

    wagtail_reference_index_ignore = True

    report = models.ForeignKey(ProjectReport, models.CASCADE, related_name="links")
    hash = models.CharField(max_length=64, unique=True, editable=False)
    note = models.CharField(_("for whom"), max_length=120, blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    expires_at = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = ReportLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link to a report")
        verbose_name_plural = _("links to reports")
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.note or str(self.report)
