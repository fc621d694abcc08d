"""Hooks of pages: a story waits for whoever is in it, links and documents keep secrets.

`wagtail_hooks.py` registers them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import Button
from wagtail.documents.models import AbstractDocument
from wagtail.models import Page
from wagtail.rich_text.pages import PageLinkHandler

from cms import documents, moderation, namings
from cms.models import StoryPage
from cms.models.namings import lacks_sign_off, may_be_published


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


def links_keep_secrets(features: Any) -> None:
    """Takes the place of Wagtail's own handler."""
    features.register_link_type(OpenPageLinks)


def ask_first(request: HttpRequest, page: Page) -> HttpResponse | None:
    """What was typed is saved; the story waits for whoever is in it."""
    if not isinstance(page, StoryPage) or may_be_published(page):
        return None
    row = moderation.seen_by(request.user).filter(story=page.translation_key).first()
    if row is not None and lacks_sign_off(page):
        messages.warning(
            request,
            _("Saved, not published: note here who at the author’s institution has agreed."),
        )
        return redirect("submission", row.key)
    if not request.user.has_perm("alumni.view_profile"):
        messages.warning(
            request,
            _(
                "Saved, not published: somebody in this story has not agreed yet. Tell a colleague "
                "who looks after people."
            ),
        )
        return redirect("wagtailadmin_pages:edit", page.pk)
    messages.warning(
        request,
        _("Saved, not published: somebody in this story has not agreed yet. Ask the person here."),
    )
    return redirect("story_people", page.pk)


def ask_anew(request: HttpRequest, page: Page, new_page: Page) -> None:
    """Who is in a story is in its copy; a stand-in that repeats the page is the page."""
    stories, copies = (
        root.get_descendants(inclusive=True).type(StoryPage).order_by("path").specific()
        for root in (page, new_page)
    )
    for story, copy in zip(stories, copies, strict=False):
        if copy.alias_of_id is None:
            namings.carry(page=story, to=copy)


def who_is_in_it(page: Page, user: Any, view_name: str, **kwargs: Any) -> Iterator[Button]:
    """On each story, for whoever may see people."""
    if isinstance(page, StoryPage) and page.pk and user.has_perm("alumni.view_profile"):
        yield Button(
            _("Who is in it"),
            reverse("story_people", args=[page.pk]),
            icon_name="group",
            priority=60,
        )


def documents_are_for_whom_their_page_is(document: AbstractDocument, request: HttpRequest) -> None:
    """A document has the audience of the resources that offer it; the others are the desk's.

    Their addresses count, so that whoever guesses a name would be given the file.
    """
    if not documents.may_open(document.pk, request.user):
        raise Http404
