"""A roster in the admin: columns → what would happen → mend → confirm → done; `begin` takes it in.

Each roster is seen by the one who sent it alone; for everyone else it does not exist.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Case, F, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alumni import roster
from alumni.joining import slips
from alumni.models import Profile, RosterRow, RosterUpload
from alumni.roster import Outcome, people
from alumni.roster.forms import ColumnsForm, MendForm
from alumni.roster.hold import standing_still
from alumni.roster.screens import ROWS_ON_A_PAGE, OfOne, bring_on, next_to_mend, ring

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
            bring_on(self.roster)
        return self.on(next_to_mend(self.roster))


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
            "next": next_to_mend(self.roster) if waits else "",
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
        return Paginator(ordered, ROWS_ON_A_PAGE).get_page(self.request.GET.get("p"))


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
            bring_on(self.roster)
        # The same row where it is still wrong; once nothing waits, the button that imports.
        if self.roster.is_moving:
            return self.on()
        return self.on(next_to_mend(self.roster, after=row.number) or "#import")


class Confirm(OfOne):
    """The word that is waited for."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Import what is ready."""
        people.remember(self.roster)
        if roster.confirm(self.roster, by=self.officer):
            bring_on(self.roster)
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
