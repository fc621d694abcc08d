"""Screens beside the pages: search, robots.txt, and the page for what is not there."""

from __future__ import annotations

import dataclasses
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from wagtail.models import Page
from wagtail.views import serve

from cms import facets, languages, routes
from cms.contexts import cards
from cms.models import Content
from cms.search import KINDS, search

MACHINERY = ("/cms/", "/documents/", "/n/", "/anymail/")
LONGEST_REPORTED = 200
NOT_FOR_ROBOTS = ("members", "accounts", "search")


def page(request: HttpRequest, path: str) -> HttpResponse:
    """A page of the tree: Wagtail's own view, shown a shorter way."""
    routes.go_straight(request, path)
    return serve(request, path)


@require_safe
def search_pages(request: HttpRequest) -> HttpResponse:
    """`/<language>/search/?q=`. Variables: `words`, `found` (cms.search.Found), and parts of
    addresses: `query` (the same search), `query_of_others` (without its language), `asked_of_all`
    (with nothing but the words)."""
    words = request.GET.get("q", "")
    language = get_language() or settings.LANGUAGE_CODE
    wanted = facets.asked(request, language, kinds=[kind.code for kind in KINDS])
    found = search(words, request, user=request.user, language=language, wanted=wanted)
    of_others = facets.query(dataclasses.replace(wanted, language=language), language, q=words)
    shown = {
        "words": words,
        "found": found,
        "query": facets.query(wanted, language, q=found.words),
        "query_of_others": f"{of_others}&in=",
        "asked_of_all": facets.query(facets.Asked(language=language), language, q=found.words),
    }
    response = render(request, "cms/search.html", shown)
    response["X-Robots-Tag"] = "noindex"
    if request.user.is_authenticated:
        response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def read_here(request: HttpRequest, key: UUID) -> HttpResponse:
    """`/<language>/read/<key>/`: a page from a language it is not written in.

    Its text stands there as it is, with what is around it in the reader's language; where there is
    a translation meanwhile, it leads on to that. What one may not read is not found.
    """
    language = get_language() or settings.LANGUAGE_CODE
    pages = Page.objects.live().filter(translation_key=key, alias_of=None).order_by("pk").specific()
    readable = [
        page for page in pages if isinstance(page, Content) and page.visible_to(request.user)
    ]
    if not readable:
        raise Http404
    own = next((page for page in readable if page.locale.language_code == language), None)
    if own is not None:
        return redirect(own.get_url(request))
    page = readable[0]
    page.reader_language = language
    response = page.serve(request)
    response["X-Robots-Tag"] = "noindex"
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same answer for what never was, is gone, or is not for this reader.

    Variables: `sign_in_query` (`next=` of this address) for those who are not signed in, `newest`
    (three Cards in the language of the moment), `report` (a mail to the centre, with the address).
    """
    user = getattr(request, "user", None) or AnonymousUser()
    language = get_language() or settings.LANGUAGE_CODE
    shown = {
        "sign_in_query": "" if user.is_authenticated else urlencode({"next": request.path}),
        # Not the same address in other languages: for a page that is not there, nor is that.
        "language_links": languages.links({}),
        "newest": cards.newest(request, user, language),
        "report": _report_of(request),
    }
    return render(request, "404.html", shown, status=404)


def _report_of(request: HttpRequest) -> str:
    where = quote(request.path[:LONGEST_REPORTED])
    return f"mailto:{settings.PACK.contact}?subject={quote(_('A page is missing'))}&body={where}"


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For those who ask for it without having been told of the mark."""
    return redirect(static("mark.svg"))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What machines need not visit, and where the sitemap stands."""
    members = [f"/{code}/{part}/" for code, _ in settings.LANGUAGES for part in NOT_FOR_ROBOTS]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in (*MACHINERY, *members))]
    lines.append(f"Sitemap: {settings.SITE_URL}/sitemap.xml")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
