"""Screens beside the pages: search, robots.txt, and the page for what is not there."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from wagtail.views import serve

from cms import languages, routes
from cms.search import search

MACHINERY = ("/cms/", "/documents/", "/n/", "/anymail/")
NOT_FOR_ROBOTS = ("members", "accounts", "search")


def page(request: HttpRequest, path: str) -> HttpResponse:
    """A page of the tree: Wagtail's own view, shown a shorter way."""
    routes.go_straight(request, path)
    return serve(request, path)


@require_safe
def search_pages(request: HttpRequest) -> HttpResponse:
    """`/<language>/search/?q=`. Variables: `words`, `found` (cms.search.Found)."""
    words = request.GET.get("q", "")
    language = get_language() or settings.LANGUAGE_CODE
    found = search(words, request, user=request.user, language=language)
    response = render(request, "cms/search.html", {"words": words, "found": found})
    response["X-Robots-Tag"] = "noindex"
    if request.user.is_authenticated:
        response["Cache-Control"] = "private, no-store"
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same answer for what never was, is gone, or is not for this reader.

    Variables: `sign_in_query` (`next=` of this address) for those who are not signed in.
    """
    signed_in = getattr(request, "user", None) is not None and request.user.is_authenticated
    query = "" if signed_in else urlencode({"next": request.path})
    # Not the same address in other languages: for a page that is not there, nor is that.
    shown = {"sign_in_query": query, "language_links": languages.links({})}
    return render(request, "404.html", shown, status=404)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What machines need not visit, and where the sitemap stands."""
    members = [f"/{code}/{part}/" for code, _ in settings.LANGUAGES for part in NOT_FOR_ROBOTS]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in (*MACHINERY, *members))]
    lines.append(f"Sitemap: {settings.SITE_URL}/sitemap.xml")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
