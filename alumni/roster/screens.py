"""What the screens of the roster import have in common: who may, whose it is, how it goes on."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from kombu.exceptions import OperationalError
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from alumni import tasks
from alumni.models import RosterUpload, User
from alumni.roster.report import Outcome
from alumni.visibility import is_staff

State = RosterUpload.State

AT_ONCE = 1000
"""Rows that are worked on while the browser waits, some two seconds; more go to a worker."""
ROWS_ON_A_PAGE = 50


def may_import(user: Any) -> bool:
    """Whoever looks after people and may add one."""
    return is_staff(user) and user.has_perm("alumni.add_profile")


class Screen(WagtailAdminTemplateMixin, TemplateView):
    """A screen of the import; whoever may not add people is refused."""

    header_icon = "upload"
    page_title = gettext_lazy("Import a roster")
    _show_breadcrumbs = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_import(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def officer(self) -> User:
        """Who is at work."""
        return cast(User, self.request.user)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def again(self, **context: Any) -> HttpResponse:
        """The same screen with what is wrong."""
        return self.render_to_response(self.get_context_data(**context), status=422)


class OfOne(Screen):
    """A screen of one roster: a foreign one, and one whose day is over, are not found."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.upload: RosterUpload | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if may_import(request.user):
            self.upload = get_object_or_404(
                RosterUpload.objects.current().select_related("run"),
                owner=request.user,
                key=kwargs["key"],
            )
        return super().dispatch(request, *args, **kwargs)

    @property
    def roster(self) -> RosterUpload:
        """The roster that the address names."""
        return cast(RosterUpload, self.upload)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("rosters:start"), "label": self.page_title}
        return [*self.breadcrumbs_items, above, {"url": "", "label": str(self.roster.run)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"roster": self.roster}

    def on(self, anchor: str = "") -> HttpResponse:
        """Back to the roster, wherever it is by now."""
        return on(self.roster, anchor)


def on(upload: RosterUpload, anchor: str = "") -> HttpResponse:
    """To a roster, wherever it is by now."""
    return redirect(reverse("rosters:roster", args=[upload.key]) + anchor)


def next_to_mend(upload: RosterUpload, *, after: int = 0) -> str:
    """Page and fragment of the row to be mended next, from row `after` on; "" where none waits.

    Rows that wait are the first of the table.
    """
    rows = upload.rows.filter(outcome=Outcome.BROKEN.value).order_by("number")
    row = rows.filter(number__gte=after).first() or rows.first()
    if row is None:
        return ""
    named = [column for column in upload.columns if column in row.asked]
    page = rows.filter(number__lt=row.number).count() // ROWS_ON_A_PAGE + 1
    place = f"#row-{row.number}" + (f"-{named[0]}" if named else "")
    return f"?p={page}{place}" if page > 1 else place


def bring_on(upload: RosterUpload) -> None:
    """A short roster at once, a long one by a worker."""
    todo = upload.rows.filter(written_at=None)
    if upload.state == State.READING:
        todo = todo.filter(outcome="")
    if todo.count() <= AT_ONCE:
        tasks.VERBS[State(upload.state)](upload)
        upload.refresh_from_db(fields=["state"])
    else:
        ring(upload)


def ring(upload: RosterUpload) -> None:
    """Call a worker. Where the bell is broken, `tidy_rosters` rings within two minutes."""
    with suppress(OperationalError):
        tasks.bring_on.delay(upload.pk)
