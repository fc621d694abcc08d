"""The editors' first screen, and all that waits behind its seven sentences."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.ui.components import Component
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms import today


class Today(Component):
    """On the front screen, before all else: what waits for this colleague."""

    name = "today"
    template_name = "cms/admin/today.html"
    order = 10

    def __init__(self, user: Any) -> None:
        self.user = user

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        return {
            "today": today.today(self.user),
            "suggestions": list(today.suggestions(self.user)),
        }


class EverythingThatWaits(WagtailAdminTemplateMixin, TemplateView):
    """The whole list, in the order of the first screen."""

    template_name = "cms/admin/everything_that_waits.html"
    page_title = _("Everything that waits")
    header_icon = "list-ul"
    _show_breadcrumbs = True

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"sentences": today.everything(self.request.user)}
