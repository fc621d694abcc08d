"""The editors' side: topics as snippets, a trimmed front screen, links that keep secrets."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.site_summary import SummaryItem
from wagtail.documents.models import AbstractDocument
from wagtail.models import Page
from wagtail.rich_text.pages import PageLinkHandler
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.audiences import reads_everything
from cms.models import Topic

KEPT_SUMMARIES = {"PagesSummaryItem", "ImagesSummaryItem"}


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


@hooks.register("construct_homepage_summary_items")
def keep_what_editors_count(request: HttpRequest, items: list[SummaryItem]) -> None:
    """Pages and pictures; the rest is no editor's figure."""
    items[:] = [item for item in items if type(item).__name__ in KEPT_SUMMARIES]


class OpenPageLinks(PageLinkHandler):
    """Links from a text to pages of the site: an address holds a slug, and a slug tells a title."""

    @classmethod
    def get_many(cls, attrs_list: list[dict[str, Any]]) -> list[Page | None]:
        """Pages that are live and for everyone; the words of any other link stand without it."""
        pages = super().get_many(attrs_list)
        return [
            page if page and page.live and getattr(page, "is_public", True) else None
            for page in pages
        ]


@hooks.register("register_rich_text_features", order=100)
def links_keep_secrets(features: Any) -> None:
    """Takes the place of Wagtail's own handler."""
    features.register_link_type(OpenPageLinks)


@hooks.register("before_serve_document")
def documents_have_no_audience(document: AbstractDocument, request: HttpRequest) -> None:
    """No page links to the library's documents, and none says for whom it is: they are the desk's.

    Their addresses count, so that whoever guesses a name would be given the file.
    """
    if not reads_everything(request.user):
        raise Http404


@hooks.register("insert_global_admin_css")
def admin_colours() -> str:
    """The site's colours in Wagtail's own look."""
    return format_html('<link rel="stylesheet" href="{}">', static("admin.css"))
