"""The editors' report of countries: what each has told, and how fresh its facts are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.permissions import page_permission_policy

from cms import countries
from cms.models import CountryPage
from cms.page_reports import MAY


@dataclass(frozen=True)
class Row:
    """A country of the pack."""

    code: str
    name: str
    page: int | None
    """Its own page, in the first language that has one."""
    stories: int
    newest: dt.datetime | None
    facts: int
    oldest: dt.date | None
    """When the fact was verified that has waited longest."""


class Countries(WagtailAdminTemplateMixin, TemplateView):
    """The countries a colleague looks after, or those that have told nothing."""

    template_name = "cms/admin/countries.html"
    page_title = _("Countries")
    header_icon = "site"
    _show_breadcrumbs = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not page_permission_policy.user_has_any_permission(request.user, MAY):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = _rows(self.request.user)
        silent = [row for row in rows if not row.stories]
        only = self.request.GET.get("told") == "no"
        shown = {"rows": silent if only else rows, "all": len(rows), "silent": len(silent)}
        return super().get_context_data(**kwargs) | shown | {"only_silent": only}


def _rows(user: Any) -> list[Row]:
    told, facts = countries.told(user), countries.facts()
    pages = CountryPage.objects.filter(alias_of=None).order_by("-pk").values_list("country", "pk")
    own = dict(pages)
    return [
        Row(code, name, own.get(code), *told.get(code, (0, None)), *facts.get(code, (0, None)))
        for code, name in countries.looked_after(user)
    ]
