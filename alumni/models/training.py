"""Programmes, projects, courses and their runs; an enrolment makes someone an alumnus."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from alumni import vocabulary
from alumni.models.profiles import Profile
from alumni.texts import TextsField


class Titled(models.Model):
    """Something with a title in several languages and a stable short name."""

    title = TextsField(_("title"), help_text=_("In at least one language."))
    slug = models.SlugField(
        _("short name"),
        max_length=80,
        unique=True,
        help_text=_("Small letters, figures and hyphens. Rosters and web addresses use it."),
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.title) or self.slug

    def title_in(self, language: str) -> str:
        """The title in this language, else in the site's first, else in any."""
        return str(self.title.in_language(language))


class Programme(Titled):
    """A thematic line that projects and courses belong to."""

    description = TextsField(_("description"), multiline=True, blank=True)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["slug"]


class Project(Titled):
    """A funded intervention, with its donor and the acknowledgement the agreement requires."""

    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="projects", verbose_name=_("programme")
    )
    donor = TextsField(_("donor"), blank=True)
    administering_partner = TextsField(
        _("administering partner"),
        blank=True,
        help_text=_("The body that administers the donor's funds, where there is one."),
    )
    acknowledgement = TextsField(
        _("acknowledgement"),
        multiline=True,
        blank=True,
        help_text=_(
            "The sentence the agreement asks for. It stands on the course page, on stories that "
            "came out of the course and in mails that carry them."
        ),
    )
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
                name="a_project_ends_after_it_began",
                violation_error_message=_("The last day must not be before the first day."),
            )
        ]


class Course(ClusterableModel, Titled):
    """A curriculum; it is held again and again, each time as a run."""

    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="courses", verbose_name=_("programme")
    )
    description = TextsField(_("description"), multiline=True, blank=True)

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["slug"]


class Module(models.Model):
    """One part of a course's curriculum."""

    course = ParentalKey(Course, on_delete=models.CASCADE, related_name="modules")
    order = models.PositiveSmallIntegerField(default=0, editable=False)
    title = TextsField(_("title"))
    text = TextsField(_("text"), multiline=True, blank=True)

    sort_order_field = "order"

    class Meta:
        verbose_name = _("module")
        verbose_name_plural = _("modules")
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return str(self.title)

    def title_in(self, language: str) -> str:
        """The title in this language, else in the site's first, else in any."""
        return str(self.title.in_language(language))


class CourseRunManager(models.Manager["CourseRun"]):
    """A run cannot be named without its course: every list fetches both."""

    def get_queryset(self) -> models.QuerySet[CourseRun]:
        return super().get_queryset().select_related("course")


class CourseRun(models.Model):
    """One run of a course: dates, place, languages, project. Its people are the cohort."""

    class Format(models.TextChoices):
        REGIONAL = "regional", _("regional: people from several countries")
        BILATERAL = "bilateral", _("bilateral: with one partner country")
        NATIONAL = "national", _("national: people from one country")

    slug = models.SlugField(
        _("short name"),
        max_length=80,
        unique=True,
        help_text=_(
            "Small letters, figures and hyphens, like winter-2022. Rosters are imported by it and "
            "what is published for this course alone refers to it: do not change it later."
        ),
    )
    course = models.ForeignKey(
        Course, models.PROTECT, related_name="runs", verbose_name=_("course")
    )
    project = models.ForeignKey(
        Project,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="runs",
        verbose_name=_("project"),
        help_text=_("Its acknowledgement is shown wherever this course is."),
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(
        _("last day"), help_text=_("Follow-up questions count their weeks from this day.")
    )
    place = TextsField(_("place"), blank=True, help_text=_("The town, or “online”."))
    country = models.CharField(_("country"), max_length=2, blank=True, choices=vocabulary.countries)
    languages = ArrayField(
        models.CharField(max_length=12),
        default=list,
        blank=True,
        verbose_name=_("languages"),
        help_text=_("Languages of work and interpretation."),
    )
    format = models.CharField(_("format"), max_length=10, choices=Format, default=Format.REGIONAL)
    partners = TextsField(
        _("partners"), blank=True, help_text=_("Bodies that gave the course with the centre.")
    )

    objects = CourseRunManager()

    class Meta:
        verbose_name = _("course run")
        verbose_name_plural = _("course runs")
        ordering = ["-ends_on", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="a_run_ends_after_it_began",
                violation_error_message=_("The last day must not be before the first day."),
            )
        ]

    def __str__(self) -> str:
        return vocabulary.listed([self.course, date_format(self.ends_on, "YEAR_MONTH_FORMAT")])

    @property
    def title(self) -> str:
        """The course's title in the language of the moment."""
        return str(self.course.title)

    def title_in(self, language: str) -> str:
        """The course's title in this language."""
        return self.course.title_in(language)


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    """Sets of enrolments in an editor's words."""

    def taken_up(self) -> EnrolmentQuerySet:
        """Of people who came: being nominated alone makes nobody one of the cohort."""
        return self.exclude(completion=Enrolment.Completion.NOMINATED)


class Enrolment(models.Model):
    """A person in a course run, with institution, post and country as they were then."""

    class Role(models.TextChoices):
        PARTICIPANT = "participant", _("participant")
        TRAINER = "trainer", _("trainer")
        RESOURCE_PERSON = "resource_person", _("resource person")
        OBSERVER = "observer", _("observer")

    class Completion(models.TextChoices):
        NOMINATED = "nominated", _("nominated")
        ATTENDED = "attended", _("attended")
        COMPLETED = "completed", _("completed")
        LEFT = "left", _("left early")

    wagtail_reference_index_ignore = True

    profile = models.ForeignKey(
        Profile, models.CASCADE, related_name="enrolments", verbose_name=_("person")
    )
    run = models.ForeignKey(
        CourseRun, models.PROTECT, related_name="enrolments", verbose_name=_("course run")
    )
    role = models.CharField(
        _("took part as"), max_length=20, choices=Role, default=Role.PARTICIPANT
    )
    completion = models.CharField(
        _("completion"), max_length=20, choices=Completion, default=Completion.COMPLETED
    )
    completed_on = models.DateField(
        _("completed on"),
        null=True,
        blank=True,
        help_text=_("Only where it differs from the last day of the run."),
    )
    institution = models.CharField(_("institution then"), max_length=200, blank=True)
    post = models.CharField(_("post then"), max_length=200, blank=True)
    country = models.CharField(
        _("country then"), max_length=2, blank=True, choices=vocabulary.countries
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["-run__ends_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "run"],
                name="a_person_is_enrolled_in_a_run_once",
                violation_error_message=_("This person is already enrolled in this course run."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.profile}: {self.run}"

    def clean(self) -> None:
        """Nobody has completed a course on a day to come."""
        if self.completed_on and self.completed_on > timezone.localdate():
            raise ValidationError({"completed_on": _("Write a day up to today.")})
