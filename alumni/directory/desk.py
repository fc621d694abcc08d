"""For staff, in the admin: profiles nobody has looked at for a year, days of looking used up."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from alumni import reviews, visibility
from alumni.directory import quota

SHOWN = 100


class LookAfter(WagtailAdminTemplateMixin, TemplateView):
    """Whom to ask whether the profile is still right, and who looked at very many people."""

    http_method_names = ["get", "head"]
    template_name = "alumni/directory_desk.html"
    page_title = _("Profiles to look after")
    header_icon = "user"
    _show_breadcrumbs = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not visibility.is_staff(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        stale = reviews.stale(timezone.now())
        return super().get_context_data(**kwargs) | {
            "stale": stale[:SHOWN],
            "count": stale.count(),
            "used_up": quota.used_up()[:SHOWN],
        }
