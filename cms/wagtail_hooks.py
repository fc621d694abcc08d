"""What Wagtail's admin is told of ours: addresses, menus, snippets, a trimmed front screen."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms import (
    byline_desk,
    corrections,
    countries_report,
    desk_guard,
    dispatch_desk,
    dispatch_views,
    facts_desk,
    manuscript_desk,
    naming_desk,
    page_actions,
    page_hooks,
    page_lists,
    page_reports,
    submission_desk,
    today_views,
    waiting,
)
from cms.country_desk import CountryDeskViewSet
from cms.models import Topic
from cms.translation_report import Translations

REPORTS = (Translations, page_reports.Scheduled, page_reports.Unfinished)
SCRIPTS = ("counters.js", "ticks.js", "short.js", "named.js", "autosave.js")


class TopicViewSet(SnippetViewSet):
    """Topics in the menu, in every language, with their codes beside them."""

    model = Topic
    icon = "tag"
    menu_label = _("Topics")
    menu_order = 310
    add_to_admin_menu = True
    list_display = ("title", "code", "parent")
    list_filter = ("locale",)
    ordering = ("order", "code")


register_snippet(TopicViewSet)
register_snippet(facts_desk.CountryFactViewSet)
register_snippet(manuscript_desk.ManuscriptViewSet)


@hooks.register("register_admin_urls")
def mailings_that_are_written() -> list[URLPattern]:
    """From the first word to the approval."""
    one = "writing/<slug:key>/"
    return [
        path("writing/", dispatch_views.Dispatches.as_view(), name="dispatches"),
        path("writing/new/", dispatch_desk.NewDispatch.as_view(), name="dispatch_new"),
        path(one, dispatch_views.OneDispatch.as_view(), name="dispatch"),
        path(f"{one}edit/", dispatch_desk.EditDispatch.as_view(), name="dispatch_edit"),
        path(f"{one}audience/", dispatch_desk.Audience.as_view(), name="dispatch_audience"),
        path(f"{one}look/", dispatch_desk.Looking.as_view(), name="dispatch_look"),
        path(f"{one}mail/<slug:language>/<slug:mode>/", dispatch_desk.mail, name="dispatch_mail"),
        path(f"{one}delete/", dispatch_desk.Deleting.as_view(), name="dispatch_delete"),
        path(f"{one}language/", dispatch_views.add_language, name="dispatch_language"),
        path(f"{one}test/", dispatch_views.send_test, name="dispatch_test"),
        path(f"{one}propose/", dispatch_views.propose, name="dispatch_propose"),
        path(f"{one}approve/", dispatch_views.approve, name="dispatch_approve"),
        path(f"{one}stop/", dispatch_views.stop, name="dispatch_stop"),
        path("mailings/<int:pk>/correct/", dispatch_desk.correct, name="mailing_correct"),
    ]


hooks.register("corrections_of_mailing", corrections.ways)


@hooks.register("register_admin_menu_item")
def register_writing() -> dispatch_views.WritingItem:
    """Before the mailings that leave."""
    return dispatch_views.WritingItem(
        _("Being written"), reverse("dispatches"), icon_name="edit", order=235
    )


@hooks.register("register_admin_urls")
def facts_from_tables() -> list[URLPattern]:
    """Facts of countries, in and out."""
    return [
        path("country-facts/table/", facts_desk.table, name="facts_table"),
        path("country-facts/all.csv", facts_desk.download, name="facts_download"),
    ]


@hooks.register("register_admin_viewset")
def register_lists() -> list[Any]:
    """Stories and calls, apart from the tree of pages."""
    return [page_lists.Stories(), page_lists.Calls()]


@hooks.register("register_admin_urls")
def register_reports() -> list[URLPattern]:
    """Reports of pages, and all that waits."""
    everything = today_views.EverythingThatWaits.as_view()
    found = [
        path("waiting/", everything, name="everything_that_waits"),
        path("reports/countries/", countries_report.Countries.as_view(), name="countries_report"),
    ]
    for view in REPORTS:
        route, rows = view.index_url_name, view.index_results_url_name
        address = f"reports/{route.replace('_', '-')}/"
        found += [
            path(address, view.as_view(), name=route),
            path(f"{address}results/", view.as_view(results_only=True), name=rows),
        ]
    return found


@hooks.register("construct_reports_menu")
def keep_reports_small(request: HttpRequest, items: list[MenuItem]) -> None:
    """Ours, and of Wagtail's those that are no figures about page types."""
    items[:] = [item for item in items if item.url not in _replaced()]
    ours: list[MenuItem] = [
        *(
            page_reports.PagesItem(
                view.page_title, reverse(view.index_url_name), icon_name=view.header_icon, order=n
            )
            for n, view in enumerate(REPORTS)
        ),
        page_reports.PagesItem(
            _("Countries"), reverse("countries_report"), icon_name="site", order=20
        ),
        FactsItem(_("Facts not verified"), waiting.facts_to_verify(), icon_name="form", order=21),
    ]
    items.extend(item for item in ours if item.is_shown(request))


def _replaced() -> set[str]:
    """Reports of Wagtail's in whose place stands one of ours, or that say nothing to editors."""
    names = ("wagtail_localize:translations_report", "wagtailadmin_reports:page_types_usage")
    return {reverse(name) for name in names}


class FactsItem(MenuItem):
    """Shown to whoever may verify facts."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("cms.change_countryfact")


@hooks.register("register_log_actions")
def register_what_is_held_back(actions: Any) -> None:
    """What the history of a story says when its day has come and it may not be published."""
    actions.register_action(
        waiting.HELD_BACK,
        _("Hold back"),
        _("Was not published on its day: somebody in it has not agreed"),
    )


@hooks.register("construct_homepage_panels")
def add_today(request: HttpRequest, panels: list[Component]) -> None:
    """For everyone who signs in here: each sees what is the own business."""
    panels.append(today_views.Today(request.user))


@hooks.register("register_admin_urls")
def register_bylines() -> list[URLPattern]:
    """Stories that are not signed as they were."""
    return [
        path("submissions/", submission_desk.Submissions.as_view(), name="submissions"),
        path(
            "submissions/pictures/<slug:key>/",
            never_cache(submission_desk.picture),
            name="submission_picture",
        ),
        path("submissions/<slug:key>/", submission_desk.one, name="submission"),
        path("bylines/", byline_desk.Bylines.as_view(), name="bylines"),
        path("bylines/<int:pk>/seen/", byline_desk.seen, name="byline_seen"),
    ]


@hooks.register("register_admin_menu_item")
def register_submissions() -> submission_desk.SubmissionsItem:
    """Beside the pages that they become."""
    return submission_desk.SubmissionsItem(
        _("Stories from members"),
        reverse("submissions"),
        name="stories-from-members",
        icon_name="doc-full",
        order=150,
    )


@hooks.register("register_admin_viewset")
def register_country_editors() -> CountryDeskViewSet:
    """Who looks after which countries."""
    return CountryDeskViewSet()


hooks.register("construct_page_chooser_queryset", desk_guard.only_theirs)
hooks.register("register_rich_text_features", page_hooks.links_keep_secrets, order=100)
hooks.register("construct_page_action_menu", page_actions.publish_in_sight)
hooks.register("before_publish_page", page_hooks.ask_first)
hooks.register("after_copy_page", page_hooks.ask_anew)
hooks.register("register_page_header_buttons", page_hooks.who_is_in_it)
hooks.register("before_serve_document", page_hooks.documents_are_for_whom_their_page_is)


@hooks.register("register_admin_urls")
def story_urls() -> list[URLPattern]:
    """Who is in a story."""
    return [path("stories/<int:page_id>/people/", naming_desk.people, name="story_people")]


@hooks.register("insert_global_admin_css")
def admin_colours() -> str:
    """The site's colours in Wagtail's own look."""
    return format_html('<link rel="stylesheet" href="{}">', static("admin.css"))


@hooks.register("insert_editor_js")
def help_with_forms() -> str:
    """Counts beside the lines whose length an inbox limits; countries and topics found by typing;
    short translations in the next language; names for editors of texts; publishing that waits for
    the draft that is being kept at that moment."""
    return format_html_join("", '<script src="{}" defer></script>', [(static(f),) for f in SCRIPTS])
