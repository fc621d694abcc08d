"""Follow-up: steps that fall due by each reader's own date, and who went through them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsletters.models.issues import Issue
from newsletters.models.newsletters import Newsletter
from newsletters.models.subscribers import Subscriber


class Step(models.Model):
    """A mould for ordinary mailings of a written newsletter, one a day and anchor."""

    wagtail_reference_index_ignore = True

    newsletter = models.ForeignKey(Newsletter, models.PROTECT, related_name="steps")
    code = models.SlugField(max_length=40, help_text=_("Stands in the manuscript's reference."))
    order = models.PositiveSmallIntegerField(default=0)
    criteria = models.JSONField(
        default=dict, help_text=_("Handed to whoever knows when it is due for whom.")
    )
    after = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="next_steps",
        help_text=_("Only for those who went through this one: a reminder."),
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["newsletter", "order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["newsletter", "code"], name="steps_have_own_codes"),
            models.CheckConstraint(
                condition=Q(after__isnull=True) | ~Q(after=F("id")),
                name="no_step_comes_after_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.newsletter}: {self.code}"


class Passage(models.Model):
    """One reader went through one step for one anchor. It happens once, whoever asks again."""

    wagtail_reference_index_ignore = True

    step = models.ForeignKey(Step, models.PROTECT, related_name="passages")
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="passages")
    anchor = models.CharField(max_length=80, help_text=_("What the date is of: a course run."))
    issue = models.ForeignKey(Issue, models.PROTECT, related_name="passages")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["step", "subscriber", "anchor"], name="a_step_happens_once"
            )
        ]
        indexes = [models.Index(fields=["anchor", "subscriber"], name="passages_of_an_anchor")]

    def __str__(self) -> str:
        return f"{self.step.code}, {self.anchor}"
