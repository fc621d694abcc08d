"""What came of a course: answers to its questions, plans, and changes at work."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alumni import vocabulary
from alumni.models.profiles import Profile
from alumni.models.training import Enrolment, Project
from alumni.texts import TextsField
from newsletters.addresses import new_key


class Answer(models.Model):
    """What one person answered in one wave about one course. Named staff read it, nobody else."""

    class How(models.TextChoices):
        MAIL = "mail", _("by the link in the mail")
        SITE = "site", _("on the own page")
        CALL = "call", _("on the phone")

    wagtail_reference_index_ignore = True

    enrolment = models.ForeignKey(
        Enrolment, models.CASCADE, related_name="answers", verbose_name=_("enrolment")
    )
    wave = models.CharField(_("asked"), max_length=20, choices=vocabulary.waves)
    first = models.CharField(
        _("first answer"), max_length=40, help_text=_("The code of the answer, as the pack has it.")
    )
    others = models.JSONField(
        _("other answers"), default=dict, help_text=_("Codes, figures and words, by question.")
    )
    language = models.CharField(_("language"), max_length=12)
    how = models.CharField(_("answered"), max_length=10, choices=How)
    answered_at = models.DateTimeField(_("first saved"), auto_now_add=True)
    changed_at = models.DateTimeField(_("last saved"), auto_now=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["-answered_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "wave"], name="one_answer_a_person_and_wave"
            )
        ]
        indexes = [models.Index(fields=["wave", "enrolment"], name="answers_of_a_wave")]

    def __str__(self) -> str:
        return f"{self.enrolment} ({self.wave})"


class ActionPlan(models.Model):
    """What someone set out to do after a course. The person and named staff read it."""

    wagtail_reference_index_ignore = True

    enrolment = models.OneToOneField(
        Enrolment, models.CASCADE, related_name="plan", verbose_name=_("enrolment")
    )
    goal = models.TextField(
        _("what I want to change"),
        max_length=1000,
        help_text=_("One thing at work that should be different in a year. No names, no cases."),
    )
    rating = models.PositiveSmallIntegerField(
        _("how far I am"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(4)],
        choices=[
            (0, _("not begun")),
            (1, _("begun")),
            (2, _("half way")),
            (3, _("nearly there")),
            (4, _("done")),
        ],
    )
    blocker = models.TextField(_("what stands in the way"), max_length=500, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("action plan")
        verbose_name_plural = _("action plans")
        constraints = [
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__range=(0, 4)),
                name="a_plan_is_rated_from_0_to_4",
            )
        ]

    def __str__(self) -> str:
        return self.goal[:60]


class PlanStep(models.Model):
    """One step of an action plan."""

    wagtail_reference_index_ignore = True

    plan = models.ForeignKey(ActionPlan, models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField(default=0)
    text = models.CharField(_("step"), max_length=200)
    due_on = models.DateField(_("until"), null=True, blank=True)
    is_done = models.BooleanField(_("done"), default=False)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.text


class Change(models.Model):
    """Something that is different at work since a course, and whether it may be told."""

    class Use(models.TextChoices):
        NOBODY = "nobody", _("Nobody: only the centre's staff read it")
        UNNAMED = "unnamed", _("The donor, without my name, institution or country")
        PUBLIC = "public", _("Everyone, with my name")

    wagtail_reference_index_ignore = True

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    profile = models.ForeignKey(
        Profile, models.CASCADE, related_name="changes", verbose_name=_("person")
    )
    enrolment = models.ForeignKey(
        Enrolment,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="changes",
        verbose_name=_("course"),
    )
    kind = models.CharField(_("kind"), max_length=40, choices=vocabulary.change_kinds)
    text = models.TextField(
        _("what is different"),
        max_length=1500,
        help_text=_("What you did and what came of it. No names of others, no cases."),
    )
    where = models.CharField(
        _("where"), max_length=200, blank=True, help_text=_("The office, town or country.")
    )
    happened_on = models.DateField(
        _("since when"),
        null=True,
        blank=True,
        help_text=_("About: the first of the month is fine."),
    )
    evidence = models.CharField(
        _("how one can see it"),
        max_length=300,
        blank=True,
        help_text=_("A number, a document's title, a web address. Only if you like."),
    )
    use = models.CharField(_("who may read it"), max_length=10, choices=Use, default=Use.NOBODY)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(use__in=["nobody", "unnamed", "public"]),
                name="a_change_is_for_somebody",
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Indicator(models.Model):
    """A figure that a project promised: where it began, what it should reach, where it stands."""

    wagtail_reference_index_ignore = True

    project = models.ForeignKey(
        Project, models.CASCADE, related_name="indicators", verbose_name=_("project")
    )
    title = TextsField(_("title"))
    unit = TextsField(_("unit"), blank=True, help_text=_("As in “people” or “per cent”."))
    baseline = models.DecimalField(
        _("baseline"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    target = models.DecimalField(_("target"), max_digits=12, decimal_places=2)
    value = models.DecimalField(_("value"), max_digits=12, decimal_places=2, null=True, blank=True)
    as_at = models.DateField(_("as at"), null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["project", "order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(as_at__isnull=False),
                name="a_value_says_when_it_was_true",
                violation_error_message=_("Say from which day the value is."),
            )
        ]

    def __str__(self) -> str:
        return str(self.title)
