"""From an address to its page, and back, in as few queries as it takes.

Wagtail goes down the tree, two queries a step, and asks for sites and languages each time.
"""

from __future__ import annotations

import copy
from typing import Any, cast

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.translation import get_language, get_language_from_path, override
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Locale, Page, PageViewRestriction, Site
from wagtail.url_routing import RouteResult

from cms.generations import kept, kept_around
from newsletters.sources import DRAFT, LIVE, NOWHERE


def go_straight(request: HttpRequest, path: str) -> None:
    """Note the live page at this path of the request's language, where Wagtail will look for it;
    without one, Wagtail looks for itself. One query, and another for what is not kept."""
    around = cast("Any", request)
    where = (request.get_host(), request.get_port())
    site = kept_around(("site", *where), lambda: Site.find_for_request(request))
    if site is None:
        return
    around._wagtail_site = site
    around._wagtail_cached_site_root_paths = roots()
    spoken = get_language()
    for root in roots():
        if (root.site_id, root.language_code) == (site.pk, spoken):
            page = _page_at(f"{root.root_path}{path}")
            if page is not None:
                around._wagtail_route_for_request = RouteResult(page)
            return


def address(url_path: str) -> str:
    """The path that leads to a page, from what the page keeps of its place; else nothing."""
    return kept_around(("address", url_path), lambda: _address(url_path))


def standing(path: str) -> str:
    """Whether a path of the site is live, a page's draft, or nowhere; in a few queries.

    Files are taken for live: what serves them is not always this site.
    """
    if "\0" in path:
        return NOWHERE
    if path.startswith((settings.MEDIA_URL, settings.STATIC_URL)):
        return LIVE
    whole = path if path.endswith("/") else f"{path}/"
    spoken, inside = get_language_from_path(whole), whole[1:].partition("/")[2]
    places = [f"{root.root_path}{inside}" for root in roots() if root.language_code == spoken]
    pages = Page.objects.filter(slug__in=_slugs(places), url_path__in=places)
    if (live := pages.order_by("-live").values_list("live", flat=True).first()) is not None:
        return LIVE if live else DRAFT
    match = _match(path, spoken) or _match(whole, spoken)
    if match is not None and match.url_name != "wagtail_serve":
        return LIVE
    if spoken is None:  # the middleware leads on to a language
        return standing(f"/{settings.LANGUAGE_CODE}{path}")
    old = Redirect.objects.filter(old_path=Redirect.normalise_path(path))
    return LIVE if old.exists() else NOWHERE


def roots() -> list[Any]:
    """Wagtail's root paths: site_id, root_path, root_url, language_code."""
    return kept_around("roots", Site.get_site_root_paths)


def locales() -> dict[int, Locale]:
    """All languages of the tree by key; the rows are few."""
    return kept_around("locales", lambda: {locale.pk: locale for locale in Locale.objects.all()})


def some_are_restricted() -> bool:
    """Whether any page has a restriction of Wagtail's own; ours cannot be given one."""
    return kept_around("restricted", lambda: (PageViewRestriction.objects.exists(),))[0]


def _page_at(url_path: str) -> Page | None:
    name = ("index", url_path)
    index = kept_around(name, lambda: None)
    if index is not None:
        return copy.copy(index)
    found = kept(("route", url_path), lambda: _row_at(url_path))
    if found is None:
        return None
    key, kind = found
    model: Any = ContentType.objects.get_for_id(kind).model_class()
    if model is None or not issubclass(model, Page) or model.route is not Page.route:
        return None
    if getattr(model, "kept_in_memory", False):
        return copy.copy(kept_around(name, lambda: _whole(model, key, url_path)))
    return _whole(model, key, url_path)


def _match(path: str, language: str | None) -> ResolverMatch | None:
    with override(language):
        try:
            return resolve(path)
        except Resolver404:
            return None


def _whole(model: type[Page], key: int, url_path: str) -> Page | None:
    page = model._default_manager.filter(pk=key, url_path=url_path, live=True).order_by().first()
    if page is not None and page.locale_id in locales():
        page.locale = locales()[page.locale_id]
    return page


def _row_at(url_path: str) -> tuple[int, int] | None:
    # The index is on the slug.
    rows = Page.objects.filter(slug__in=_slugs([url_path]), url_path=url_path, live=True)
    return rows.values_list("pk", "content_type_id").order_by().first()


def _slugs(url_paths: list[str]) -> list[str]:
    return [url_path.rstrip("/").rpartition("/")[2] for url_path in url_paths]


def _address(url_path: str) -> str:
    for root in roots():
        if url_path.startswith(root.root_path):
            with override(root.language_code):
                return reverse("wagtail_serve", args=(url_path[len(root.root_path) :],))
    return ""
