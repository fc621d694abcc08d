"""Public pages, kept whole for visitors who are not signed in.

A page is kept under the site's present generation. Whatever changes what a page may show begins a
new generation, so that nothing older is ever answered again; a page that was being drawn meanwhile
is kept under the generation it was begun in, where nobody looks any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from cms.models.shown import SERVED, ShownPage

GENERATION = "pages:generation"
LONGEST_PATH = 300
HIGHEST_LEAF = 100


def renew() -> None:
    """Once what is being written is there for everyone, no page kept so far is answered."""
    transaction.on_commit(_begin_a_generation)


class PageCache:
    """Middleware, outside of sessions: it answers from what is kept, and keeps what may be kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        place = _place(request)
        if place is None:
            return self.get_response(request)
        key = f"page:{_generation()}:{place}"
        kept = cache.get(key)
        if kept is not None:
            content, headers = kept
            return HttpResponse(content, headers=headers)
        response = self.get_response(request)
        if _may_be_kept(request, response):
            kept = (response.content, dict(response.items()))
            cache.set(key, kept, settings.PAGE_CACHE_SECONDS)
        return response


def _place(request: HttpRequest) -> str | None:
    """What one kept page answers; None for a visitor or an address that is answered anew."""
    if (
        not settings.PAGE_CACHE_SECONDS
        or request.method not in {"GET", "HEAD"}
        or settings.SESSION_COOKIE_NAME in request.COOKIES
        or len(request.path_info) > LONGEST_PATH
    ):
        return None
    leaf = request.GET.get("page", "1")
    if set(request.GET) - {"page"} or not (leaf.isascii() and leaf.isdigit()):
        return None
    if not 1 <= int(leaf[:4]) <= HIGHEST_LEAF:
        return None
    try:
        return f"{request.get_host()}:{int(leaf)}:{request.path_info}"
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


def _generation() -> int:
    found = cache.get(GENERATION)
    return int(found) if found is not None else _begin_a_generation()


def _begin_a_generation() -> int:
    now = time.time_ns()
    cache.set(GENERATION, now, None)
    return now
