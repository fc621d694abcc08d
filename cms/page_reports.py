"""Reports of pages: what has its day, what waits for one; and what such reports share."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Least
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.ui.tables.pages import PageStatusColumn
from wagtail.admin.views.reports import ReportView
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from alumni import vocabulary
from cms import places, scheduled

MAY = ("add", "change", "publish")


def _editing(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def _kind(page: Page) -> str:
    model = page.content_type.model_class()
    return capfirst(str(model._meta.verbose_name)) if model else ""


def _at(moment: Any) -> str:
    return places.by_the_clock(moment) if moment else "—"


class PagesItem(MenuItem):
    """Shown to whoever may do something with pages."""

    def is_shown(self, request: Any) -> bool:
        return bool(page_permission_policy.user_has_any_permission(request.user, MAY))


class Title(TitleColumn):
    """A page's title in its own language and direction, and the way to edit it."""

    def __init__(self) -> None:
        super().__init__("draft_title", label=_("Title"), sort_key="title", get_url=_editing)

    def get_link_attrs(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        own = {"lang": instance.locale.language_code, "dir": "auto"}
        return {**super().get_link_attrs(instance, parent_context), **own}


class PageReport(ReportView):
    """Pages that the colleague may do something with."""

    permission_policy = page_permission_policy
    any_permission_required = MAY
    paginate_by = 50
    note: Any = ""

    def pages(self) -> Any:
        """What the report is of."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        theirs = page_permission_policy.instances_user_has_any_permission_for(
            self.request.user, MAY
        )
        rows = self.pages().filter(pk__in=theirs.values("pk")).prefetch_workflow_states()
        return rows.select_related("locale", "content_type")


KIND = Column("kind", classname="at-a-desk", label=_("Kind"), accessor=lambda page: _kind(page))
LANGUAGE = Column(
    "language",
    classname="at-a-desk",
    label=_("Language"),
    accessor=lambda page: vocabulary.language_names([page.locale.language_code])[0],
)


class Scheduled(PageReport):
    """What is published or taken down by itself, the soonest first."""

    page_title = _("Scheduled")
    header_icon = "calendar-alt"
    index_url_name = "scheduled_pages"
    index_results_url_name = "scheduled_pages_results"
    columns = [
        Title(),
        KIND,
        LANGUAGE,
        Column("publishes", label=_("Published on"), accessor=lambda page: _at(page.goes_live_at)),
        Column("expires", label=_("Taken down on"), accessor=lambda page: _at(page.expire_at)),
        PageStatusColumn("status", label=_("Status")),
    ]

    def pages(self) -> Any:
        found = scheduled.pages().annotate_approved_schedule()
        coming = Q(goes_live_at__isnull=False) | Q(live=True, expire_at__gt=timezone.now())
        return found.filter(coming).order_by(Least("goes_live_at", "expire_at"), "pk")


class Unfinished(PageReport):
    """What editors have written and readers do not see, the oldest first."""

    page_title = _("Not published yet")
    header_icon = "draft"
    index_url_name = "unfinished_pages"
    index_results_url_name = "unfinished_pages_results"
    columns = [
        Title(),
        KIND,
        LANGUAGE,
        DateColumn("latest_revision_created_at", label=_("Updated")),
        PageStatusColumn("status", label=_("Status")),
    ]

    def pages(self) -> Any:
        found = scheduled.unfinished().annotate_approved_schedule()
        return found.order_by("latest_revision_created_at", "pk")
