"""The terms by which content and expertise are ordered."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import TranslatableMixin
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField, TranslatableField

FALLBACK = "en"


class TopicQuerySet(models.QuerySet["Topic"]):
    """Topics by what is asked of them."""

    def titles(self, language: str) -> dict[str, str]:
        """Title by code: in the language, else in English, else in any; one query."""
        rank = {language: 0, FALLBACK: 1}
        rows = self.values_list("code", "title", "locale__language_code", "order")
        best: dict[str, tuple[int, int, str]] = {}
        for code, title, spoken, order in rows:
            offered = (rank.get(spoken, 2), order, title)
            if code not in best or offered[0] < best[code][0]:
                best[code] = offered
        return {code: best[code][2] for code in sorted(best, key=lambda c: (best[c][1], c))}

    def with_narrower(self, code: str) -> list[str]:
        """The code and those of the terms beneath it; nothing where there is no such topic."""
        family = self.filter(models.Q(code=code) | models.Q(parent=code))
        codes = set(family.values_list("code", flat=True))
        return [code, *sorted(codes - {code})] if code in codes else []


class Topic(TranslatableMixin, index.Indexed, models.Model):
    """A term of the expertise taxonomy. Pages, people and readers point at its code."""

    code = models.SlugField(
        _("code"),
        max_length=60,
        help_text=_("Short, in Latin letters, the same in every language; never change it."),
    )
    title = models.CharField(_("title"), max_length=120)
    parent = models.SlugField(
        _("part of"),
        max_length=60,
        blank=True,
        help_text=_("The code of the wider topic, or nothing."),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    panels = [
        FieldPanel("title"),
        FieldPanel("code"),
        FieldPanel("parent"),
        FieldPanel("order"),
    ]
    search_fields = [index.SearchField("title"), index.AutocompleteField("title")]
    translatable_fields = [
        TranslatableField("title"),
        SynchronizedField("code", overridable=False),
        SynchronizedField("parent", overridable=False),
        SynchronizedField("order", overridable=False),
    ]

    objects = TopicQuerySet.as_manager()

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["order", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "locale"],
                name="a_topic_stands_once_in_a_language",
                violation_error_message=_("There is a topic with this code in this language."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Pages, people and readers point at the code: it stays as it was first written."""
        super().clean()
        kept = Topic.objects.filter(pk=self.pk).values_list("code", flat=True).first()
        if kept is not None and kept != self.code:
            raise ValidationError({"code": _("The code of a topic cannot be changed.")})
