"""A new page is asked for its language: that settles where it is to stand. One press each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language, get_language_info, gettext
from wagtail.admin.views.pages.choose_parent import ChooseParentView
from wagtail.models import Page

from cms.models import CountryDesk, CountryPage


@dataclass(frozen=True)
class Beginning:
    """A button to the form of a new page."""

    label: str
    """The language in the desk's words; a country's page also says its name."""
    own_name: str
    """What the language calls itself; empty for the language of the desk."""
    code: str
    url: str


class ChooseLanguage(ChooseParentView):
    """Where a new page is to stand is the same as in which language it is written."""

    template_name = "cms/admin/choose_language.html"
    http_method_names = ["get", "head", "options"]

    def get_page_title(self) -> str:
        kind = capfirst(self.model.get_verbose_name())
        return gettext("%(kind)s: in which language?") % {"kind": kind}

    def get_page_subtitle(self) -> str:
        return ""

    def get_valid_parent_pages(self, user: Any) -> Any:
        """The lists of each language; for whoever keeps some countries the pages of those, too."""
        parents = super().get_valid_parent_pages(user).filter(alias_of=None)
        kept = CountryDesk.objects.filter(group__user=user).values_list("countries", flat=True)
        others = CountryPage.objects.exclude(country__in={code for codes in kept for code in codes})
        found = parents.exclude(pk__in=others.values("pk"))
        return found if found.exists() else parents

    def get_form(self) -> forms.Form:
        return forms.Form()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parents = self.get_valid_parent_pages(self.request.user).select_related(
            "locale", "content_type"
        )
        ordered = parents.order_by("locale__language_code", "draft_title")
        return super().get_context_data(**kwargs) | {"ways": [self._way(one) for one in ordered]}

    def _way(self, parent: Page) -> Beginning:
        code = parent.locale.language_code
        info = get_language_info(code)
        language = str(info["name_translated"]).capitalize()
        where = self.model._meta.app_label, self.model._meta.model_name, parent.pk
        return Beginning(
            label=f"{parent.draft_title}, {language}" if _is_a_country(parent) else language,
            own_name="" if code == get_language() else str(info["name_local"]),
            code=code,
            url=reverse("wagtailadmin_pages:add", args=where),
        )


def _is_a_country(page: Page) -> bool:
    return page.cached_content_type.model_class() is CountryPage
