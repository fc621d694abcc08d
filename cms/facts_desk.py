"""The editors' screens of country facts: the list, and bringing in a table."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.widgets import HeaderButton
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from alumni.models import User
from cms import facts
from cms.models import CountryFact
from cms.models.facts import kinds
from newsletters.spreadsheets.refusal import UnreadableTable

READ_SALT = "cms.facts.read"
AN_HOUR = 3600


class FactIndex(IndexView):
    """The list, with the way to bring in a table."""

    @cached_property
    def header_buttons(self) -> list[Any]:
        table = HeaderButton(_("Bring in a table"), url=reverse("facts_table"), icon_name="upload")
        return [*super().header_buttons, table]


class FactFilters(WagtailFilterSet):
    """By country, by kind, by whether somebody has looked at the source within a year."""

    verified = django_filters.ChoiceFilter(
        label=_("Verified"),
        choices=[("no", _("not for a year")), ("yes", _("within a year"))],
        empty_label=_("Any"),
        method="by_verified",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = CountryFact
        fields = ["country", "kind"]

    def by_verified(self, rows: Any, name: str, value: str) -> Any:
        stale = CountryFact.objects.stale(timezone.localdate())
        keys = stale.values("pk")
        return rows.filter(pk__in=keys) if value == "no" else rows.exclude(pk__in=keys)


class CountryFactViewSet(SnippetViewSet):
    """Facts in the menu, by country."""

    model = CountryFact
    index_view_class = FactIndex
    icon = "form"
    menu_label = _("Country facts")
    menu_order = 320
    add_to_admin_menu = True
    list_display = ("__str__", "value", "source", "as_at")
    filterset_class = FactFilters
    ordering = ("country", "kind", "pk")


class TableForm(forms.Form):
    """The file with the facts."""

    file = forms.FileField(
        label=_("The table"),
        help_text=_("A CSV file, one fact in a row, up to 512 KB and 2,000 rows."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def table(request: HttpRequest) -> HttpResponse:
    """Read a table and say what would happen; on the second push it happens.

    What was read travels in the form, sealed: nothing is kept of a table that nobody brings in.
    """
    by = _editor(request)
    form = TableForm(request.POST or None, request.FILES or None)
    shown: dict[str, Any] = {"form": form, "done": False}
    if request.method == "POST" and "sealed" in request.POST:
        try:
            rows = signing.loads(request.POST["sealed"], salt=READ_SALT, max_age=AN_HOUR)
        except signing.BadSignature:
            form = TableForm()
            shown["form"], shown["refusal"] = form, gettext("Please choose the file once more.")
        else:
            lines = facts.bring_in(rows=[(n, cells) for n, cells in rows], by=by)
            shown |= _report(lines) | {"done": True}
    elif request.method == "POST" and form.is_valid():
        try:
            rows = facts.read(form.cleaned_data["file"].file)
        except UnreadableTable as error:
            shown["refusal"] = str(error)
        else:
            sealed = signing.dumps(rows, salt=READ_SALT, compress=True)
            shown |= _report(facts.plan(rows)) | {"sealed": sealed}
    return render(request, "cms/admin/facts_table.html", _around() | shown)


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """All facts as a table: to be mended in a spreadsheet and brought in again."""
    _editor(request)
    response = HttpResponse(facts.as_csv(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="country-facts.csv"'
    return response


def _editor(request: HttpRequest) -> User:
    user = request.user
    rights = ["cms.add_countryfact", "cms.change_countryfact"]
    if not isinstance(user, User) or not user.has_perms(rights):
        raise PermissionDenied
    return user


def _report(lines: list[facts.Line]) -> dict[str, Any]:
    counts = {
        does: sum(line.does == does for line in lines)
        for does in ("new", "changed", "same", "refused")
    }
    return {"lines": lines, "counts": counts, "to_write": counts["new"] + counts["changed"]}


def _around() -> dict[str, Any]:
    """What Wagtail's frame of a screen asks for, and the terms a table can name."""
    title = gettext("Bring in country facts")
    back = {"url": reverse(CountryFactViewSet().get_url_name("list")), "label": gettext("Facts")}
    return {
        "page_title": title,
        "header_title": title,
        "header_icon": "upload",
        "breadcrumbs_items": [back, {"url": "", "label": title}],
        "kinds": kinds(),
        "columns": facts.COLUMNS,
        "example": f"value ({settings.PACK.languages[-1]})",
    }
