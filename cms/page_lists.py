"""Editors' lists: all stories, all calls, each with what one looks for them by."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.ui.tables.pages import BulkActionsColumn, PageStatusColumn
from wagtail.admin.views.pages.listing import IndexView
from wagtail.admin.viewsets.pages import PageListingViewSet

from alumni import vocabulary
from cms import audiences, places, scheduled
from cms.audiences import MEMBERS, PUBLIC
from cms.models import StoryPage, Topic, UpdatePage
from cms.page_languages import ChooseLanguage
from cms.page_reports import LANGUAGE, PagesItem, Title

AUDIENCES = {PUBLIC: _("Everyone"), MEMBERS: _("Members of the network")}
SELECTED = BulkActionsColumn("bulk_actions")
WHO = Column(
    "audience",
    classname="at-a-desk",
    label=_("Who may read it"),
    accessor=lambda page: AUDIENCES.get(page.audience, _("People of one course")),
)
UPDATED = DateColumn(
    "latest_revision_created_at",
    classname="at-a-desk",
    label=_("Updated"),
    sort_key="latest_revision_created_at",
)
STATUS = PageStatusColumn("status", label=_("Status"), sort_key="live")


def _topics() -> list[tuple[str, str]]:
    return list(Topic.objects.titles(vocabulary.language_now()).items())


class ContentFilters(WagtailFilterSet):
    """What every list of pages can be narrowed by.

    Through a subquery each: a search takes no condition on columns that it does not know.
    """

    state = django_filters.ChoiceFilter(
        label=_("Status"),
        choices=[
            ("live", _("published")),
            ("changed", _("published, with something newer")),
            ("draft", _("not published")),
            ("scheduled", _("published by itself on a day")),
        ],
        empty_label=_("Any"),
        method="by_state",
        widget=forms.RadioSelect,
    )
    audience = django_filters.ChoiceFilter(
        label=_("Who may read it"), choices=audiences.choices, method="by_audience"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "locale" in self.filters:
            self.filters["locale"].label = _("Language")

    def among(self, pages: QuerySet[Any], **these: Any) -> QuerySet[Any]:
        """Those of the pages that are so."""
        model = self._meta.model
        return pages.filter(pk__in=model.objects.filter(**these).values("pk"))

    def by_state(self, pages: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "scheduled":
            due = scheduled.pages().filter(goes_live_at__isnull=False)
            return pages.filter(pk__in=due.values("pk"))
        if value == "changed":
            return self.among(pages, live=True, has_unpublished_changes=True)
        return self.among(pages, live=value == "live")

    def by_audience(self, pages: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return self.among(pages, audience=value)

    def by_topic(self, pages: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return self.among(pages, topics__contains=[value])


class StoryFilters(ContentFilters):
    """Stories by country and topic as well."""

    country = django_filters.ChoiceFilter(
        label=_("Country"), choices=vocabulary.countries, method="by_country"
    )
    topic = django_filters.ChoiceFilter(label=_("Topic"), choices=_topics, method="by_topic")

    class Meta:
        model = StoryPage
        fields: list[str] = []

    def by_country(self, pages: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return self.among(pages, countries__contains=[value])


class CallFilters(ContentFilters):
    """Calls and courses by kind, topic and whether they are open."""

    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=UpdatePage.Kind.choices, method="by_kind"
    )
    topic = django_filters.ChoiceFilter(label=_("Topic"), choices=_topics, method="by_topic")
    country = django_filters.ChoiceFilter(
        label=_("Country"), choices=vocabulary.countries, method="by_country"
    )
    open = django_filters.ChoiceFilter(
        label=_("Deadline"),
        choices=[("yes", _("still open")), ("no", _("over"))],
        empty_label=_("Any"),
        method="by_deadline",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = UpdatePage
        fields: list[str] = []

    def by_kind(self, pages: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return self.among(pages, kind=value)

    def by_country(self, pages: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those open to it."""
        return pages.filter(pk__in=UpdatePage.objects.all().reaching(value).values("pk"))

    def by_deadline(self, pages: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        still = UpdatePage.objects.all().open().values("pk")
        return pages.filter(pk__in=still) if value == "yes" else pages.exclude(pk__in=still)


class WrittenPages(IndexView):
    """Pages somebody wrote: not the stand-ins that repeat another language's page."""

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().filter(alias_of=None)


class ContentList(PageListingViewSet):
    """A list in the menu, for whoever may do something with pages."""

    menu_item_class = PagesItem
    index_view_class = WrittenPages
    choose_parent_view_class = ChooseLanguage
    add_to_admin_menu = True


class Stories(ContentList):
    """All stories, in every language."""

    model = StoryPage
    name = "stories"
    url_prefix = "story-list"
    icon = "doc-full"
    menu_label = _("Stories")
    menu_order = 110
    filterset_class = StoryFilters
    columns = [
        SELECTED,
        Title(),
        LANGUAGE,
        Column(
            "countries",
            classname="at-a-desk",
            label=_("Countries"),
            accessor=lambda page: vocabulary.listed(
                places.names_of(page.countries, vocabulary.language_now())
            ),
        ),
        WHO,
        UPDATED,
        STATUS,
    ]


class Calls(ContentList):
    """All calls and courses, in every language."""

    model = UpdatePage
    name = "calls"
    url_prefix = "call-list"
    icon = "calendar-check"
    menu_label = _("Calls and courses")
    menu_order = 115
    filterset_class = CallFilters
    columns = [
        SELECTED,
        Title(),
        LANGUAGE,
        Column(
            "kind",
            classname="at-a-desk",
            label=_("Kind"),
            accessor="get_kind_display",
            sort_key="kind",
        ),
        Column(
            "deadline",
            label=_("Deadline"),
            accessor=lambda page: _day(page.deadline),
            sort_key="deadline",
        ),
        WHO,
        UPDATED,
        STATUS,
    ]


def _day(day: Any) -> str:
    return str(date_format(day, "DATE_FORMAT")) if day else "—"
