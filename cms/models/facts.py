"""What a country has signed, set up or written into law: each with its source and a date."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel

from alumni import vocabulary
from alumni.texts import TextsField

IN_THE_OPEN = URLValidator(schemes=["http", "https"])


def kinds() -> vocabulary.Choices:
    """The pack's kinds of facts, in its order."""
    pack, language = settings.PACK, vocabulary.language_now()
    return [(kind.code, pack.name_of(kind.names, language)) for kind in pack.fact_kinds]


def not_to_come(day: dt.date) -> None:
    """Nobody has verified anything tomorrow."""
    if day > timezone.localdate():
        raise ValidationError(_("This day is still to come: write when it was verified."))


def a_year_before(day: dt.date) -> dt.date:
    """The same day twelve months ago; the last of February for a day that year lacks."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


class CountryFactQuerySet(models.QuerySet["CountryFact"]):
    """Facts by when somebody looked at their source."""

    def stale(self, day: dt.date) -> CountryFactQuerySet:
        """Those nobody has verified for a year."""
        return self.filter(as_at__lt=a_year_before(day))


class CountryFact(models.Model):
    """One fact of a country, kept once for all languages.

    Not a part of the country's page: a revision would hold it, and publishing an older draft would
    write over what a table has brought in since.
    """

    country = models.CharField(_("country"), max_length=2, choices=vocabulary.countries)
    kind = models.CharField(
        _("what it is about"),
        max_length=60,
        blank=True,
        choices=kinds,
        help_text=_("Nothing fits: leave it empty and say it in the next field."),
    )
    label = TextsField(
        _("in particular"),
        blank=True,
        help_text=_("Such as a law's name, or what the list above does not have."),
    )
    value = TextsField(_("what holds"), longest=300)
    source = models.URLField(
        _("source"),
        max_length=500,
        validators=[IN_THE_OPEN],
        help_text=_("The address where a reader can see it; without one it is no fact."),
    )
    as_at = models.DateField(
        _("verified on"),
        validators=[not_to_come],
        help_text=_("After a year the page says that nobody has verified it since."),
    )

    objects = CountryFactQuerySet.as_manager()

    panels = [
        HelpPanel(_("A fact stands on its country's page in every language, with its source.")),
        FieldPanel("country"),
        MultiFieldPanel([FieldPanel("kind"), FieldPanel("label")], heading=_("What")),
        FieldPanel("value"),
        FieldRowPanel([FieldPanel("source"), FieldPanel("as_at")]),
    ]

    class Meta:
        verbose_name = _("country fact")
        verbose_name_plural = _("country facts")
        ordering = ["country", "kind", "id"]
        indexes = [models.Index(fields=["country"], name="facts_of_a_country")]

    def __str__(self) -> str:
        return f"{self.get_country_display()}: {self.title_in(vocabulary.language_now())}"

    @property
    def name(self) -> tuple[str, str, str]:
        """Country, kind and label: a country has one such fact."""
        return (self.country, self.kind, self.label.in_language(settings.LANGUAGE_CODE))

    def title_in(self, language: str) -> str:
        """The kind's name, and what it is in particular."""
        pack = settings.PACK
        same = (kind for kind in pack.fact_kinds if kind.code == self.kind)
        named = [pack.name_of(kind.names, language) for kind in same]
        return ": ".join(text for text in (*named, self.label.in_language(language)) if text)

    def clean(self) -> None:
        """It is about something, and said once."""
        super().clean()
        if not self.kind and not self.label:
            raise ValidationError({"label": _("Choose what it is about, or write it here.")})
        same = CountryFact.objects.filter(country=self.country, kind=self.kind).exclude(pk=self.pk)
        if any(fact.name == self.name for fact in same):
            raise ValidationError(_("This country has this fact already: change that one."))
