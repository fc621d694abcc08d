"""Wagtail's generic screens for people, refused before anything is looked up."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy


class JoinedIndexView(IndexView):
    """A list whose rows name other rows: fetched with them, not one by one."""

    joined: tuple[str, ...] = ()

    def get_base_queryset(self) -> Any:
        """The rows with what they name."""
        rows = super().get_base_queryset()
        # Without a name, Django would fetch whatever can be joined.
        return rows.select_related(*self.joined) if self.joined else rows


class GuardedViewSet(ModelViewSet):
    """Ids count: whoever has no right at all learns of none whether it is there.

    Wagtail's own views fetch the row first and ask for the right then.
    """

    index_view_class = JoinedIndexView
    joined: tuple[str, ...] = ()
    """What the rows of the list name."""

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """With what the rows name."""
        return {**super().get_index_view_kwargs(**kwargs), "joined": self.joined}

    def construct_view(self, view_class: type[Any], **kwargs: Any) -> Callable[..., HttpResponse]:
        """The view behind its guard."""
        view = super().construct_view(view_class, **kwargs)
        rights = {"view", "add", "change", "delete"}

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.permission_policy.user_has_any_permission(request.user, rights):
                raise PermissionDenied
            response: HttpResponse = view(request, *args, **kwargs)
            return response

        return guarded


class NobodyByHand(ModelPermissionPolicy):
    """People come by a list, or by two colleagues: no form of one colleague makes a person."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Every right as it was given, but that to add."""
        return action != "add" and bool(super().user_has_permission(user, action))
