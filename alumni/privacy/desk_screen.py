"""What every screen about people's rights has in common."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest
from django.utils.functional import Promise
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin


class Screen(PermissionRequiredMixin, WagtailAdminTemplateMixin):
    """A screen about people; refused, not redirected, for whoever has no business there."""

    raise_exception = True
    _show_breadcrumbs = True
    request: HttpRequest
    page_title: Promise | str

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]
