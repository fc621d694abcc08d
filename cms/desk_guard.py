"""At the editors' side nobody opens a page he may not explore, nor a picture he may not choose.

Wagtail's screens ask for rights where something is changed; its choosers, which answer to counting
numbers, ask for none. What is refused answers like what is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from wagtail.images.permissions import permission_policy as picture_policy
from wagtail.permissions import page_permission_policy

from cms.audiences import keeps_some_countries

PAGES = ("cms/choose-page/", "cms/bulk/wagtailcore/")
PICTURES = ("cms/images/", "cms/bulk/cms/")
NAMES_A_PAGE = ("page_id", "parent_page_id", "page_to_move_id", "destination_id", "page_pk")
NOT_BY_COUNTRY = (
    "cms/api/main/images/",
    "cms/api/main/documents/",
    "cms/documents/",
    "cms/localize/api/",
    "cms/localize/reports/",
    "cms/reports/page-types-usage/",
)
"""Lists of everything, for whoever may see everything."""


class DeskGuard:
    """Middleware, after it is known who comes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]
    ) -> None:
        """Raises Http404. Costs a query where an address names a page or a picture."""
        path = request.path.lstrip("/")
        if not path.startswith("cms/") or not request.user.is_authenticated:
            return
        if not keeps_some_countries(request.user):
            return
        if path.startswith(NOT_BY_COUNTRY):
            raise Http404
        asked = request.GET.getlist("id")
        pages = [kwargs[name] for name in NAMES_A_PAGE if name in kwargs]
        if path.startswith(PAGES):
            pages += asked
        _all_there(page_permission_policy.explorable_instances(request.user), pages)
        if path.startswith(PICTURES):
            theirs = picture_policy.instances_user_has_any_permission_for(
                request.user, ["change", "choose"]
            )
            named = [kwargs[name] for name in ("pk", "image_id") if name in kwargs]
            _all_there(theirs, named + asked)


def only_theirs(pages: Any, request: HttpRequest) -> Any:
    """What the page chooser lists."""
    if not keeps_some_countries(request.user):
        return pages
    theirs = page_permission_policy.explorable_instances(request.user)
    return pages.filter(pk__in=theirs.values("pk"))


def _all_there(rows: Any, named: list[Any]) -> None:
    keys = {str(key) for key in named}
    if not keys:
        return
    numbers = [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 12]
    if len(numbers) != len(keys) or rows.filter(pk__in=numbers).count() != len(numbers):
        raise Http404
