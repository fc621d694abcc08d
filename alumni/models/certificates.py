"""What an enrolment was certified with; anyone with the number may ask whether it holds."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alumni.models.training import Enrolment

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without letters and figures that are taken for one another."""


def new_number() -> str:
    """`7KQX-93MD-W4`: 49 random bits, so that numbers cannot be tried out."""
    letters = [secrets.choice(ALPHABET) for _letter in range(10)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, 10, 4))


class Certificate(models.Model):
    """One person's certificate of one course run."""

    class Reason(models.TextChoices):
        MISTAKE = "mistake", _("it was given by mistake")
        WRONG = "wrong", _("name or date on it is wrong")
        REPLACED = "replaced", _("another one takes its place")
        NOT_MET = "not_met", _("what the course asks for was not met")
        MISUSED = "misused", _("it was lost or misused")
        OTHER = "other", _("another reason")

    wagtail_reference_index_ignore = True

    enrolment = models.OneToOneField(
        Enrolment, models.CASCADE, related_name="certificate", verbose_name=_("enrolment")
    )
    number = models.CharField(
        _("number"),
        max_length=40,
        default=new_number,
        help_text=_("As it is printed. A number of your own is fine; the one offered is random."),
    )
    issued_on = models.DateField(_("issued on"), default=timezone.localdate)
    revoked_on = models.DateField(
        _("revoked on"),
        null=True,
        blank=True,
        help_text=_("From this day on the check page says that it is not valid."),
    )
    revoked_for = models.CharField(_("why"), max_length=10, choices=Reason, blank=True)
    revoked_why = models.CharField(
        _("note"), max_length=200, blank=True, help_text=_("Only staff read it.")
    )

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-issued_on", "number"]
        constraints = [
            models.UniqueConstraint(
                Upper("number"),
                name="a_certificate_number_is_given_once",
                violation_error_message=_("Another certificate has this number."),
            ),
            models.CheckConstraint(
                condition=Q(revoked_on__isnull=False) | Q(revoked_why="", revoked_for=""),
                name="what_is_not_revoked_has_no_reason",
                violation_error_message=_("Say from which day it is revoked."),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def holds_on(self, day: dt.date) -> bool:
        """Whether the check page calls it valid on that day."""
        return self.revoked_on is None or self.revoked_on > day
