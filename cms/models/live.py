"""Languages of a page: when each first went live, and those that have title and standfirst only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel
from wagtail.admin.widgets import AdminAutoHeightTextInput
from wagtail.models import Page


def site_languages() -> list[tuple[str, Any]]:
    """The site's languages; a function, so that a pack's choice of them is no migration."""
    return list(settings.LANGUAGES)


class FirstLive(models.Model):
    """When a page first went live in a language: its `mailable_at`.

    Written once and never again, whatever is edited, unpublished or published anew. It stands
    apart from the page because a revision holds every column of the page and would write it back.
    """

    page = models.ForeignKey("wagtailcore.Page", models.CASCADE, related_name="first_live")
    language = models.CharField(_("language"), max_length=12)
    mailable_at = models.DateTimeField(_("first live at"), db_index=True)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["page", "language"], name="a_page_goes_live_first_once_in_a_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.page_id} {self.language} {self.mailable_at:%Y-%m-%d %H:%M}"


class ShortTranslations(models.QuerySet["ShortTranslation"]):
    """Short translations by what stands beside them."""

    def without_full(self) -> ShortTranslations:
        """Those whose language has no live page with the full text."""
        same = Page.objects.live().filter(translation_key=models.OuterRef("page__translation_key"))
        full = same.filter(locale__language_code=models.OuterRef("language"), alias_of=None)
        return self.filter(~models.Exists(full))

    def alone(self) -> ShortTranslations:
        """The same, one a text and language."""
        earlier = ShortTranslation.objects.filter(
            language=models.OuterRef("language"),
            page__translation_key=models.OuterRef("page__translation_key"),
            page__live=True,
            page__lt=models.OuterRef("page"),
        )
        return self.without_full().filter(~models.Exists(earlier))


class ShortTranslation(models.Model):
    """Title and standfirst in a language that has no full text of the page."""

    page = ParentalKey("wagtailcore.Page", related_name="short_translations")
    language = models.CharField(_("language"), max_length=12, choices=site_languages)
    title = models.CharField(_("title"), max_length=255)
    standfirst = models.TextField(_("standfirst"), max_length=300, blank=True)

    panels = [
        FieldPanel("language", help_text=_("A language that has no full text of this page.")),
        FieldPanel(
            "title",
            help_text=_("The title in that language."),
            widget=forms.TextInput(attrs={"dir": "auto"}),
        ),
        FieldPanel(
            "standfirst",
            widget=AdminAutoHeightTextInput(attrs={"dir": "auto"}),
            help_text=_("One or two sentences in that language: all that its readers see."),
        ),
    ]
    wagtail_reference_index_ignore = True

    objects = ShortTranslations.as_manager()

    class Meta:
        verbose_name = _("short translation")
        verbose_name_plural = _("short translations")
        constraints = [
            models.UniqueConstraint(
                fields=["page", "language"],
                name="a_page_has_one_short_translation_in_a_language",
                violation_error_message=_("There is a short translation in this language."),
            )
        ]

    def __str__(self) -> str:
        return self.title
