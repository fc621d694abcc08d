"""A country's own page and the list of countries."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel
from wagtail.fields import StreamField
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField

from alumni import vocabulary
from cms.blocks import TextBlock
from cms.models import panels
from cms.models.content import Content
from cms.models.shown import IndexPage


class CountryIndexPage(IndexPage):
    """Countries by region."""

    subpage_types: ClassVar[list[str]] = ["cms.CountryPage"]
    template = "cms/country_index_page.html"
    context_function = "cms.contexts.front.countries"

    class Meta:
        verbose_name = _("list of countries")
        verbose_name_plural = _("lists of countries")


class CountryPage(Content):
    """The editorial home of a country. The code is a value and may stand on several pages:
    a unique one would break copies and translations."""

    country = models.CharField(_("country"), max_length=2, choices=vocabulary.countries)
    picture = models.ForeignKey(
        "cms.Picture",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("picture"),
    )
    body = StreamField(TextBlock(), blank=True, verbose_name=_("text"))

    parent_page_types: ClassVar[list[str]] = ["cms.CountryIndexPage"]
    subpage_types: ClassVar[list[str]] = ["cms.StoryPage"]
    template = "cms/country_page.html"
    context_function = "cms.contexts.front.country"

    content_panels = [
        *Content.top_panels,
        FieldPanel(
            "country", help_text=_("Stories beneath this page carry the country by themselves.")
        ),
        HelpPanel(
            _(
                "Treaties, laws and bodies are kept once for all languages: see “Country facts” in "
                "the menu."
            )
        ),
        panels.PICTURE,
        panels.BODY,
        *Content.reach_panels,
    ]
    search_fields = [*Content.search_fields, index.FilterField("country")]
    override_translatable_fields = [
        *Content.override_translatable_fields,
        SynchronizedField("country", overridable=False),
    ]

    class Meta:
        verbose_name = _("country page")
        verbose_name_plural = _("country pages")

    @property
    def country_name(self) -> str:
        """The country's name in the page's language."""
        return vocabulary.country_name(self.country, self.locale.language_code)
