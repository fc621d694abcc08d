"""A newsletter, its words in each language, and when its digests fall due."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _


class Frequency(models.TextChoices):
    """How often a reader wants a digest."""

    DAILY = "daily", _("every day")
    WEEKLY = "weekly", _("every week")
    MONTHLY = "monthly", _("every month")


class Weekday(models.IntegerChoices):
    """Days as Python counts them: Monday is 0."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Weekend(models.TextChoices):
    """The days on which nobody is at work, as Python counts them."""

    SATURDAY_SUNDAY = "56", _("Saturday and Sunday")
    FRIDAY_SATURDAY = "45", _("Friday and Saturday")
    THURSDAY_FRIDAY = "34", _("Thursday and Friday")
    FRIDAY = "4", _("Friday")
    SUNDAY = "6", _("Sunday")


def validate_timezone(name: str) -> None:
    """A zone of the IANA database."""
    if name not in available_timezones():
        raise ValidationError(_("Write a time zone as Region/City, the way computers name them."))


class Newsletter(models.Model):
    """A list one can subscribe to."""

    class Kind(models.TextChoices):
        WRITTEN = "written", _("written by editors")
        DIGEST = "digest", _("compiled from what was published")

    wagtail_reference_index_ignore = True

    slug = models.SlugField(unique=True, help_text=_("Stands in the archive's web address."))
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.DIGEST)
    from_email = models.EmailField(
        help_text=_("The address mails come from. Its domain must be set up at the mail service.")
    )
    reply_to = models.EmailField(help_text=_("Replies arrive here and should be read by a person."))
    postal_address = models.TextField(help_text=_("Stands below every mail, as the law asks."))
    list_id = models.CharField(
        max_length=120,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")],
        help_text=_("Stable for ever, like stories.network.example.org: mail filters rely on it."),
    )
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_timezone])
    hour = models.PositiveSmallIntegerField(
        default=9,
        validators=[MaxValueValidator(23)],
        help_text=_("The local hour at which digests leave."),
    )
    weekday = models.PositiveSmallIntegerField(
        choices=Weekday,
        default=Weekday.MONDAY,
        help_text=_("Weekly digests leave on this day, monthly ones on the first such day."),
    )
    weekend = models.CharField(
        max_length=7,
        choices=Weekend,
        default=Weekend.SATURDAY_SUNDAY,
        help_text=_(
            "The days on which nobody is at work: they do not count in the 24 hours for which a "
            "digest waits after it was announced to you."
        ),
    )
    grace_hours = models.PositiveSmallIntegerField(
        default=48,
        help_text=_("A digest overdue by more hours than this waits until a person looks at it."),
    )
    small_team = models.BooleanField(
        _("small team"),
        default=False,
        help_text=_(
            "Whoever proposes a written mailing may approve it alone. It then waits for thirty "
            "minutes, and the colleagues who may approve get a copy and can stop it."
        ),
    )
    is_open = models.BooleanField(
        default=True, help_text=_("People can subscribe. Otherwise it is not offered.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("newsletter")
        verbose_name_plural = _("newsletters")

    def __str__(self) -> str:
        return self.wording().name

    @property
    def zone(self) -> ZoneInfo:
        """The clock its readers and editors go by."""
        return ZoneInfo(self.timezone)

    def wording(self, language: str | None = None) -> Wording:
        """Its words in the language asked for, else in the first one that was written."""
        wordings = {wording.language: wording for wording in self.wordings.all()}
        language = language or get_language() or ""
        if not wordings:
            return Wording(newsletter=self, language=language, name=self.slug, plain_name=self.slug)
        return wordings.get(language) or min(wordings.values(), key=lambda wording: wording.pk)


class Wording(models.Model):
    """A newsletter's words in one language."""

    wagtail_reference_index_ignore = True

    newsletter = models.ForeignKey(Newsletter, models.CASCADE, related_name="wordings")
    language = models.CharField(max_length=12)
    name = models.CharField(max_length=80)
    plain_name = models.CharField(
        max_length=80,
        help_text=_("A name that tells neither subject nor network, for readers at risk."),
    )
    description = models.CharField(
        max_length=300, blank=True, help_text=_("One sentence: what comes, and how often.")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["newsletter", "language"], name="one_wording_a_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class Cadence(models.Model):
    """When the digest of one frequency is due next. Due times live in rows, never in a broker."""

    wagtail_reference_index_ignore = True

    newsletter = models.ForeignKey(Newsletter, models.CASCADE, related_name="cadences")
    frequency = models.CharField(max_length=10, choices=Frequency)
    next_at = models.DateTimeField(db_index=True)
    announced_for = models.DateTimeField(
        null=True, help_text=_("The due time of which the editors were told.")
    )

    class Meta:
        ordering = ["next_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["newsletter", "frequency"], name="one_due_row_a_newsletter_and_frequency"
            )
        ]

    def __str__(self) -> str:
        comma = pgettext("between the words of a list", ", ")
        return f"{self.newsletter}{comma}{self.get_frequency_display()}"

    @property
    def expires_at(self) -> dt.datetime:
        """After this the digest is not sent without a person."""
        return self.next_at + dt.timedelta(hours=self.newsletter.grace_hours)


class SiteInstance(models.Model):
    """The deployment this database belongs to: a restored or cloned one never mails."""

    wagtail_reference_index_ignore = True

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_site_instance")
        ]

    def __str__(self) -> str:
        return self.name


class Pulse(models.Model):
    """The last sign of life of something that runs beside the web: `tick`, `sweep`."""

    wagtail_reference_index_ignore = True

    name = models.CharField(primary_key=True, max_length=30)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.at:%Y-%m-%d %H:%M:%S}"
