"""The report of translations: each published page, and how it stands in each language."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.models import Page

from alumni import vocabulary
from cms import translations
from cms.models import CountryPage, StoryPage, UpdatePage
from cms.page_reports import KIND, PageReport, Title
from cms.translations import Standing


class InLanguage(Column):
    """How each page stands in one language."""

    cell_template_name = "cms/admin/_standing_cell.html"

    def __init__(self, language: str) -> None:
        label = vocabulary.language_names([language])[0]
        super().__init__(language, label=label, accessor=lambda page: page.standings[language])


class TranslationFilters(WagtailFilterSet):
    """By language and how the pages stand in it, by kind, by country."""

    language = django_filters.ChoiceFilter(
        label=_("Language"),
        choices=lambda: [(code, name) for code, name in settings.LANGUAGES],
        empty_label=_("Any"),
        method="unchanged",
        widget=forms.RadioSelect,
    )
    there = django_filters.ChoiceFilter(
        label=_("How it stands there"),
        choices=[
            ("none", _("in one language alone")),
            (Standing.MISSING, _("missing")),
            (Standing.SHORT, _("title and standfirst")),
            (Standing.DRAFT, _("draft")),
            (Standing.FULL, _("full text")),
        ],
        empty_label=_("Any"),
        method="by_standing",
        widget=forms.RadioSelect,
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind"),
        choices=lambda: [
            (model._meta.model_name, capfirst(model._meta.verbose_name))
            for model in translations.kinds()
        ],
        empty_label=_("Any"),
        method="by_kind",
        widget=forms.RadioSelect,
    )
    country = django_filters.ChoiceFilter(
        label=_("Country"), choices=vocabulary.countries, method="by_country"
    )

    class Meta:
        model = Page
        fields: list[str] = []

    def _add_locale_filter(self) -> None:
        """The language asked for here is that of the translation."""

    def unchanged(self, pages: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """A language alone: what is missing in it."""
        if self.form.cleaned_data.get("there"):
            return pages
        return translations.standing_in(pages, value, Standing.MISSING)

    def by_standing(self, pages: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In the language asked for, else in any."""
        if value == "none":
            alone = translations.in_one_language_alone(code for code, _name in settings.LANGUAGES)
            return pages.filter(pk__in=alone.values("pk"))
        asked = self.form.cleaned_data.get("language")
        found = Q()
        for code in [asked] if asked else [code for code, _name in settings.LANGUAGES]:
            standing = translations.standing_in(Page.objects.all(), code, value)
            found |= Q(pk__in=standing.values("pk"))
        return pages.filter(found)

    def by_kind(self, pages: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return pages.filter(content_type__model=value)

    def by_country(self, pages: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Stories of it, calls it is named in, its own page."""
        return pages.filter(
            Q(pk__in=StoryPage.objects.filter(countries__contains=[value]).values("pk"))
            | Q(pk__in=UpdatePage.objects.filter(eligible_countries__contains=[value]).values("pk"))
            | Q(pk__in=CountryPage.objects.filter(country=value).values("pk"))
        )


class Translations(PageReport):
    """Each published page, and how it stands in each language of the site."""

    page_title = _("Translations")
    header_icon = "globe"
    index_url_name = "translations"
    index_results_url_name = "translations_results"
    filterset_class = TranslationFilters

    @cached_property
    def columns(self) -> list[Any]:
        languages = [InLanguage(code) for code, _name in settings.LANGUAGES]
        return [Title(), KIND, *languages]

    def pages(self) -> Any:
        found = translations.firsts(*translations.kinds())
        return found.order_by(F("first_published_at").desc(nulls_last=True), "-pk")

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        """Each page with `standings`, by language."""
        may = self.request.user.has_perm("wagtail_localize.submit_translation")
        found = translations.standings(list(object_list))
        for page in object_list:
            page.standings = {
                code: {
                    "standing": standing,
                    "edit": reverse("wagtailadmin_pages:edit", args=[pk or page.pk]),
                    "translate": may
                    and reverse("wagtail_localize:submit_page_translation", args=[page.pk]),
                }
                for code, (standing, pk) in found[page.pk].items()
            }
        return object_list
