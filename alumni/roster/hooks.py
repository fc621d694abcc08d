"""Where the roster import stands in the admin: its addresses and its line in the menu."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, re_path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet

from alumni.roster import begin, views
from alumni.roster.screens import may_import


class RosterItem(MenuItem):
    """Shown to whoever may import one."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_import(request.user)


class RosterViewSet(ViewSet):
    """Importing a roster."""

    name = "rosters"
    icon = "upload"
    menu_label = _("Import a roster")
    menu_item_class = RosterItem

    def get_urlpatterns(self) -> list[Any]:
        """The steps, the buttons, the empty table."""
        own: list[URLPattern] = [
            path("", begin.Start.as_view(), name="start"),
            re_path(r"^roster\.(?P<kind>csv|xlsx)$", begin.Template.as_view(), name="template"),
            path("sample.csv", begin.Sample.as_view(), name="sample"),
            path("<str:key>/", views.Roster.as_view(), name="roster"),
            path("<str:key>/columns/", views.Columns.as_view(), name="columns"),
            path("<str:key>/rows/<int:number>/", views.Mend.as_view(), name="mend"),
            path("<str:key>/confirm/", views.Confirm.as_view(), name="confirm"),
            path("<str:key>/go-on/", views.GoOn.as_view(), name="go_on"),
            path("<str:key>/discard/", views.Discard.as_view(), name="discard"),
        ]
        return own
