"""Public pages, kept whole for visitors who are not signed in.

A page is kept under the site's present generation (cms.generations). Whatever changes what a page
may show begins a new generation, so that nothing older is ever answered again; a page that was
being drawn meanwhile is kept under the generation it was begun in, where nobody looks any more.

A web server in front may keep for FRONT_SECONDS what the header X-Accel-Expires allows it to: the
same pages and nothing else. What is drawn for somebody who is signed in says `private`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

from cms import generations
from cms.generations import renew
from cms.models.shown import SERVED, ShownPage

__all__ = ["PageCache", "renew"]

LONGEST_PATH = 300
HIGHEST_LEAF = 100
FRONT_SECONDS = 2
"""How long a page that was taken down may still come from the web server in front."""
MOST_AT_HAND = 64
"""Pages that a process keeps itself, beside the cache."""

Kept = tuple[bytes, dict[str, str], float]
"""Content, headers, and until when (seconds since 1970)."""


class PageCache:
    """Middleware, the outermost: it answers from what is kept, and keeps what may be kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.languages = {code for code, _name in settings.LANGUAGES}
        self.at_hand: dict[str, Kept] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_screen = request.path_info[1:].partition("/")[0] in self.languages
        if not is_screen or request.method not in {"GET", "HEAD"}:
            return _for_one(request, self.get_response(request))
        generation, place = generations.present(), _place(request)
        if place is None:
            with generations.drawing(generation):
                return _for_one(request, self.get_response(request))
        key = f"page:{generation}:{place}"
        kept = self._find(key)
        if kept is not None:
            return HttpResponse(kept[0], headers=kept[1])
        with generations.drawing(generation):
            response = self.get_response(request)
        if _may_be_kept(request, response):
            response["X-Accel-Expires"] = str(FRONT_SECONDS)
            seconds = settings.PAGE_CACHE_SECONDS
            made = (response.content, dict(response.items()), time.time() + seconds)
            cache.set(key, made, seconds)
        return response

    def _find(self, key: str) -> Kept | None:
        kept = self.at_hand.get(key)
        if kept is None or kept[2] <= time.time():
            kept = cache.get(key)
            if kept is not None:
                if len(self.at_hand) >= MOST_AT_HAND:
                    self.at_hand = {}
                self.at_hand[key] = kept
        return kept if kept is not None and kept[2] > time.time() else None


def _place(request: HttpRequest) -> str | None:
    """What one kept page answers; None for a visitor or an address that is answered anew."""
    if (
        not settings.PAGE_CACHE_SECONDS
        or settings.SESSION_COOKIE_NAME in request.COOKIES
        or len(request.path_info) > LONGEST_PATH
    ):
        return None
    leaf = "1"
    if request.META.get("QUERY_STRING"):
        leaf = request.GET.get("page", "1")
        if set(request.GET) - {"page"} or not (leaf.isascii() and leaf.isdigit()):
            return None
        if not 1 <= int(leaf[:4]) <= HIGHEST_LEAF:
            return None
    try:
        return f"{request.scheme}:{request.get_host()}:{int(leaf)}:{request.path_info}"
    except SuspiciousOperation:
        return None


def _may_be_kept(request: HttpRequest, response: HttpResponse) -> bool:
    """A public page of the tree, drawn for nobody in particular."""
    page: Any = request.META.get(SERVED)
    return (
        isinstance(page, ShownPage)
        and page.is_public
        and request.method == "GET"
        and response.status_code == 200
        and not response.streaming
        and not response.cookies
        and "Cache-Control" not in response
    )


def _for_one(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """No cache between the site and somebody who is signed in may keep the answer."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES and "Cache-Control" not in response:
        response["Cache-Control"] = "private"
    return response
