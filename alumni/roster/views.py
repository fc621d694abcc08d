"""The roster import in the admin: file → columns → what would happen → mend → confirm → done.

Each roster is seen by the one who sent it alone; for everyone else it does not exist.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Case, F, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alumni import roster
from alumni.joining import slips
from alumni.models import CourseRun, Profile, RosterRow, RosterUpload
from alumni.roster import Outcome, people
from alumni.roster.forms import ColumnsForm, FileForm, MendForm
from alumni.roster.hold import standing_still
from alumni.roster.screens import OfOne, Screen, ring
from alumni.roster.template import CSV_TYPE, XLSX_TYPE, as_csv, as_xlsx
from alumni.roster.terms import offered

State = RosterUpload.State

PREVIEWED = 3
LABELS = {
    Outcome.BROKEN: gettext_lazy("Waits"),
    Outcome.NEW: gettext_lazy("New"),
    Outcome.KNOWN: gettext_lazy("Known"),
    Outcome.THERE: gettext_lazy("On this course already"),
    Outcome.REPEATED: gettext_lazy("Stands twice"),
    Outcome.FORGOTTEN: gettext_lazy("Asked to be forgotten"),
}
SHARING = "sharing"


class Start(Screen):
    """Which course and which file; and what still waits."""

    template_name = "alumni/roster_start.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = RosterUpload.objects.current().filter(owner=self.officer)
        # A link may name the course.
        asked_for = self.request.GET.get("run", "").replace("\0", "")
        context = {
            "form": FileForm(initial={"run": CourseRun.objects.filter(slug=asked_for).first()}),
            "terms": offered(),
            "waiting": waiting.select_related("run__course"),
            "has_sample": sample() is not None,
        }
        return super().get_context_data(**context | kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Put the rows aside; nothing is imported yet."""
        form = FileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.again(form=form)
        file = form.cleaned_data["file"]
        try:
            upload = roster.hold(form.cleaned_data["run"], file, name=file.name, by=self.officer)
        except roster.UnreadableRoster as refused:
            form.add_error("file", str(refused))
            return self.again(form=form)
        return redirect("rosters:columns", upload.key)


class Columns(OfOne):
    """What was found in the file and what it is taken for."""

    template_name = "alumni/roster_columns.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.roster.state not in {State.COLUMNS, State.READ} or self.roster.has_written:
            return self.on()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {"form": ColumnsForm(upload=self.roster)} | kwargs
        rows = list(self.roster.rows.all()[:PREVIEWED])
        context["columns"] = [
            (field, [row.cells[n][:80] if n < len(row.cells) else "" for row in rows])
            for n, field in enumerate(context["form"])
        ]
        return super().get_context_data(**context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Look through all rows with these columns."""
        form = ColumnsForm(request.POST, upload=self.roster)
        if not form.is_valid():
            return self.again(form=form)
        if roster.name_columns(self.roster, form.columns, by=self.officer):
            self.bring_on()
        return self.on(self.next())


class Roster(OfOne):
    """How far it is: on its way, what would happen, or what did; `?parts` for `follow.js`."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.roster.state == State.COLUMNS:
            return redirect("rosters:columns", self.roster.key)
        return super().get(request, *args, **kwargs)

    def get_template_names(self) -> list[str]:
        parts = "parts" in self.request.GET
        return ["alumni/_roster_now.html" if parts else "alumni/roster.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | {"step": self.roster.state}
        if self.roster.is_moving:
            return context | self._progress()
        tally = roster.tally(self.roster)
        waits = tally.count(Outcome.BROKEN)
        context |= {
            "tally": tally,
            "summary": roster.summary(tally),
            "done": roster.done(roster.done_so_far(self.roster)),
            "waits": waits,
            "next": self.next() if waits else "",
            "filters": self._filters(tally),
            "unused": roster.columns_of(self.roster).count(None),
        }
        if self.roster.state == State.DONE and self.officer.has_perm("alumni.change_profile"):
            context |= self._cards()
        if self.roster.state == State.READ or waits:
            context |= self._table(kwargs.get("mending"))
        return context

    def _cards(self) -> dict[str, Any]:
        """For how many of the list slips can be printed, and how many codes that would undo."""
        waiting = people.waiting(self.roster)
        if waiting is None:
            return {"prints_all": True}
        return {"cards": waiting.count(), "replaced": slips.unredeemed(waiting)}

    def _progress(self) -> dict[str, Any]:
        rows, size = self.roster.rows.all(), self.roster.size
        carrying = self.roster.state == State.CARRYING
        left = (
            rows.filter(outcome__in=[o.value for o in roster.READY], written_at=None)
            if carrying
            else rows.filter(outcome="")
        ).count()
        return {
            "carrying": carrying,
            "size": size,
            "moved": size - left,
            "stands_still": self.roster.pk in standing_still(),
        }

    def _filters(self, tally: roster.Tally) -> list[tuple[str, Any, int]]:
        found: list[tuple[str, Any, int]] = []
        found += [(o.value, label, tally.count(o)) for o, label in LABELS.items()]
        found.append((SHARING, _("Share a mailbox"), tally.sharing))
        return [("", _("All"), sum(tally.outcomes.values())), *(f for f in found if f[2])]

    def _table(self, mending: MendForm | None) -> dict[str, Any]:
        show = self.request.GET.get("show", "")
        page = self._page(show)
        rows = []
        for row in page.object_list:
            form = None
            if row.outcome == Outcome.BROKEN.value:
                is_this = mending is not None and mending.row.pk == row.pk
                form = mending if is_this else MendForm(upload=self.roster, row=row)
            rows.append((row, LABELS[Outcome(row.outcome)], changes(row), form))
        return {"rows": rows, "page_obj": page, "show": show}

    def _page(self, show: str) -> Page[RosterRow]:
        rows: QuerySet[RosterRow] = self.roster.rows.select_related("profile").exclude(outcome="")
        if show == SHARING:
            rows = rows.filter(shares_mailbox=True)
        elif show:
            rows = rows.filter(outcome=show)
        first = Case(When(outcome=Outcome.BROKEN.value, then=Value(0)), default=Value(1))
        ordered = rows.order_by(first, F("number"))
        return Paginator(ordered, self.rows_on_a_page).get_page(self.request.GET.get("p"))


class Mend(Roster):
    """Other words for the cells of one row that waits."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Put them in and look at the row anew, with those it touches."""
        row = get_object_or_404(
            self.roster.rows, number=kwargs["number"], outcome=Outcome.BROKEN.value
        )
        form = MendForm(request.POST, upload=self.roster, row=row)
        if not form.is_valid():
            return self.again(mending=form)
        if roster.mend(self.roster, row, form.mended, by=self.officer):
            self.bring_on()
        # The same row where it is still wrong; once nothing waits, the button that imports.
        return self.on("" if self.roster.is_moving else self.next(after=row.number) or "#import")


class Confirm(OfOne):
    """The word that is waited for."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Import what is ready."""
        people.remember(self.roster)
        if roster.confirm(self.roster, by=self.officer):
            self.bring_on()
        return self.on()


class GoOn(OfOne):
    """A roster whose worker died is taken up where it was left."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ring again; what is written is not written twice."""
        if self.roster.is_moving:
            ring(self.roster)
        return self.on()


class Discard(OfOne):
    """Let go of what waits."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Delete the rows; who was imported stays."""
        if self.roster.is_moving:
            return self.on()
        roster.discard(self.roster, by=self.officer)
        messages.success(request, _("Nothing of this list is kept any more."))
        return redirect("rosters:start")


class Template(Screen):
    """An empty roster with the headings we know, in the language of the one who asks."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        is_csv = kwargs["kind"] == "csv"
        return HttpResponse(
            as_csv() if is_csv else as_xlsx(),
            content_type=CSV_TYPE if is_csv else XLSX_TYPE,
            headers={"Content-Disposition": f'attachment; filename="roster.{kwargs["kind"]}"'},
        )


class Sample(Screen):
    """The invented list of a demonstration; anywhere else there is none."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        file = sample()
        if file is None:
            raise Http404
        return HttpResponse(
            file.read_bytes(),
            content_type="text/csv; charset=utf-16",
            headers={"Content-Disposition": f'attachment; filename="{file.name}"'},
        )


def sample() -> Path | None:
    """The file to try the import with."""
    return settings.PACK.sample_roster if getattr(settings, "DEMO", False) else None


def changes(row: RosterRow) -> list[tuple[str, str]]:
    """Each blank that is filled, with what goes into it, as a person reads it."""
    found = []
    for name, value in row.adds.items():
        is_then = name.startswith("then_")
        field = name.removeprefix("then_")
        if field == "completed_on":
            found.append((_("completed on"), value))
            continue
        known: Any = Profile._meta.get_field(field)
        label, shown = str(known.verbose_name), dict(known.flatchoices).get(value, value)
        found.append((_("%(field)s then") % {"field": label} if is_then else label, str(shown)))
    return found
