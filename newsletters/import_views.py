"""The editors' screens that bring readers in from a table: file → what would happen → done.

A table is seen by the one who sent it alone; for everyone else it does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView, TemplateView

from newsletters.admin_views import Screen
from newsletters.imports import carry, hold
from newsletters.imports.columns import LABELS, Column
from newsletters.models import ReaderRow, ReaderTable
from newsletters.reader_forms import BringInForm
from newsletters.spreadsheets.refusal import UnreadableTable
from newsletters.spreadsheets.written import CSV_TYPE, as_csv

A_PAGE = 50
Outcome = ReaderRow.Outcome
NOT_TAKEN_IN = (Outcome.BROKEN, Outcome.KEPT_OUT, Outcome.LEFT, Outcome.REPEATED)
"""What a person may want to look through again, in the table that can be taken home."""
SAID: dict[str, Promise] = {
    Outcome.KEPT_OUT: _("must not be written to; no list brings it back"),
    Outcome.LEFT: _("has left; only the person can come back"),
    Outcome.REPEATED: _("stands in the table twice; the first row counts"),
    Outcome.WAITING: _("no proof of consent: nothing is mailed; forgotten after seven days"),
    Outcome.THERE: _("receives it already; nothing changes"),
}

HELP = {
    Column.ADDRESS: _("Needed in every row."),
    Column.LANGUAGES: _("The languages read, best first: “fr, en” or “French, English”."),
    Column.NEWSLETTER: _("Its name in any language. Empty: the one you choose below."),
    Column.FREQUENCY: _("Every day, every week or every month. Empty: every week."),
    Column.INTERESTS: _("Countries and topics, parted by commas. Empty: everything."),
    Column.PROVENANCE: _("In words: “signed the list at the course in March, paper kept”."),
    Column.AGREED_ON: _("The day on which they agreed, like 2026-03-31."),
}


class Bringing(Screen):
    """A screen for whoever may add subscriptions and see who reads."""

    permission_required = "newsletters.add_subscription"
    header_icon = "group"

    def has_permission(self) -> bool:
        sees_people: bool = self.request.user.has_perm("newsletters.view_people")
        return sees_people and super().has_permission()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("readers"), "label": _("Readers")}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.get_page_title()}]


class Start(Bringing, TemplateView):
    """Which file, and what its columns may be called."""

    template_name = "newsletters/admin/bring_readers.html"
    page_title = _("Bring readers in")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = ReaderTable.objects.filter(
            owner=self.request.user.pk, taken_in_at=None, expires_at__gt=timezone.now()
        )
        return super().get_context_data(**kwargs) | {
            "form": kwargs.get("form") or BringInForm(initial={"language": get_language()}),
            "columns": [(str(LABELS[column]), HELP[column]) for column in Column],
            "waiting": waiting.order_by("-pk"),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Put the rows aside; nobody is brought in yet."""
        form = BringInForm(request.POST, request.FILES)
        if form.is_valid():
            wanted = form.cleaned_data
            file = wanted["file"]
            try:
                table = hold.hold(
                    file,
                    name=file.name,
                    newsletter=wanted["newsletter"],
                    language=wanted["language"],
                    by=request.user,
                )
            except UnreadableTable as refused:
                form.add_error("file", str(refused))
            else:
                return redirect("brought_readers", table.key)
        return self.render_to_response(self.get_context_data(form=form), status=400)


class Found(Bringing, DetailView):
    """Row by row what would happen, or what did; POST takes it in."""

    template_name = "newsletters/admin/brought_readers.html"
    slug_field = slug_url_kwarg = "key"
    object: ReaderTable

    def get_queryset(self) -> QuerySet[ReaderTable]:
        return ReaderTable.objects.filter(owner=self.request.user.pk, expires_at__gt=timezone.now())

    def get_page_title(self) -> str:
        if self.object.taken_in_at:
            return gettext("What became of each row")
        return gettext("What would become of each row")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("form") != "csv":
            return super().get(request, *args, **kwargs)
        table = get_object_or_404(self.get_queryset(), key=kwargs["key"])
        headings = [gettext("Row"), gettext("Why not"), *table.headings]
        answer = HttpResponse(as_csv(headings, _rows_to_mend(table)), content_type=CSV_TYPE)
        answer["Content-Disposition"] = 'attachment; filename="rows-to-look-at.csv"'
        answer["Cache-Control"] = "private, no-store"
        return answer

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Take the table in, or put it away with its rows."""
        table = get_object_or_404(self.get_queryset(), key=key)
        if "discard" in request.POST:
            table.delete()
            messages.success(request, gettext("The table is put away; nobody was brought in."))
            return redirect("bring_readers")
        if not carry.take_in(table):
            messages.info(request, gettext("The table had been taken in already."))
        return redirect("brought_readers", key)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        table = self.object
        counted = table.rows.order_by().values_list("outcome").annotate(n=Count("pk"))
        counts = dict(counted)
        only = self.request.GET.get("only", "")
        rows = table.rows.order_by("number")
        if only in Outcome.values:
            rows = rows.filter(outcome=only)
        page = Paginator(rows, A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(**kwargs) | {
            "counts": [(one, counts[one]) for one in Outcome if counts.get(one)],
            "new": counts.get(Outcome.NEW, 0),
            "to_write": counts.get(Outcome.NEW, 0) + counts.get(Outcome.WAITING, 0),
            "to_mend": sum(counts.get(one, 0) for one in NOT_TAKEN_IN),
            "only": only,
            "page_obj": page,
            "rows": [(row, _said(row)) for row in page],
        }


def _said(row: ReaderRow) -> list[str]:
    """What is to be said of a row besides what it says itself."""
    if row.problems:
        return row.problems
    return [str(SAID[row.outcome])] if row.outcome in SAID else []


def _rows_to_mend(table: ReaderTable) -> Iterator[list[str]]:
    rows = table.rows.filter(outcome__in=NOT_TAKEN_IN).order_by("number")
    for row in rows.iterator(chunk_size=2000):
        yield [str(row.number), " ".join(_said(row)), *row.cells]
