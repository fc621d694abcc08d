"""A new page is asked for its language: that settles where it is to stand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.pages.choose_parent import ChooseParentView
from wagtail.models import Page

from cms.models import CountryDesk, CountryPage


class LanguageField(forms.ModelChoiceField):
    """Pages to write beneath, each called by its language; a country's also by its name."""

    widget = forms.RadioSelect

    def label_from_instance(self, page: Page) -> str:
        language = str(get_language_info(page.locale.language_code)["name_translated"]).capitalize()
        return f"{page.draft_title}, {language}" if _is_a_country(page) else language


class ChooseLanguage(ChooseParentView):
    """Where a new page is to stand is the same as in which language it is written."""

    page_title = _("In which language?")

    def get_valid_parent_pages(self, user: Any) -> Any:
        """The lists of each language; for whoever keeps some countries the pages of those, too."""
        parents = super().get_valid_parent_pages(user).filter(alias_of=None)
        kept = CountryDesk.objects.filter(group__user=user).values_list("countries", flat=True)
        others = CountryPage.objects.exclude(country__in={code for codes in kept for code in codes})
        found = parents.exclude(pk__in=others.values("pk"))
        return found if found.exists() else parents

    def get_form(self) -> forms.Form:
        parents = self.get_valid_parent_pages(self.request.user).select_related(
            "locale", "content_type"
        )
        form = forms.Form(self.request.POST if self.request.method == "POST" else None)
        form.fields["parent_page"] = LanguageField(
            parents.order_by("locale__language_code", "draft_title"),
            empty_label=None,
            label=_("Written in"),
            help_text=_("The language that you begin in. Translations are added afterwards."),
        )
        return form


def _is_a_country(page: Page) -> bool:
    return page.cached_content_type.model_class() is CountryPage
