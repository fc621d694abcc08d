"""The editors' screen of stories that are not signed as they were: their author has gone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.generic import ListView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.permissions import page_permission_policy

from cms.models import BylineChange


def of(user: Any) -> QuerySet[BylineChange]:
    """Of the pages this colleague may edit, whatever else the admin shows."""
    theirs = page_permission_policy.instances_user_has_permission_for(user, "change")
    rows = BylineChange.objects.filter(page__in=theirs.values("pk"))
    return rows.select_related("page__locale", "seen_by")


def waiting(user: Any) -> QuerySet[BylineChange]:
    """What no editor has looked at."""
    return of(user).filter(seen_at=None)


class Bylines(WagtailAdminTemplateMixin, ListView):
    """What nobody has seen yet first, then what was seen."""

    template_name = "cms/admin/bylines.html"
    page_title = _("Changed bylines")
    header_icon = "user"
    paginate_by = 30
    page_kwarg = "p"  # as Wagtail's own turning of pages says it
    _show_breadcrumbs = True

    def get_queryset(self) -> QuerySet[BylineChange]:
        return of(self.request.user).order_by(F("seen_at").desc(nulls_first=True), "-at")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]


@require_POST
def seen(request: HttpRequest, pk: int) -> HttpResponse:
    """An editor has looked at it and leaves the story as it is, or has changed it."""
    row = get_object_or_404(of(request.user), pk=pk)
    BylineChange.objects.filter(pk=row.pk, seen_at=None).update(
        seen_at=timezone.now(), seen_by=request.user
    )
    messages.success(request, gettext("Noted."))
    return redirect("bylines")
