"""The colleagues' screens of the doors beside mail: printed slips, calls and the list of them."""

from __future__ import annotations

import csv
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from wagtail.log_actions import log

from alumni.joining import doors, qr, slips
from alumni.joining.desk import ACTS, SEES, OfARun, person_in, run_at
from alumni.joining.forms import CallForm, CallListForm
from alumni.models import Profile, RosterUpload
from alumni.privacy import access
from alumni.roster import people
from alumni.signed_in import user_of


class Slips(OfARun):
    """GET asks, POST prints: the codes stand in this one answer and nowhere else.

    For everyone of the run who has not joined, or for those alone of a list just imported.
    """

    permission_required = ACTS
    template_name = "alumni/doors_print.html"
    page_title = _("Print joining slips")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        among, key = self._among(self.request.GET)
        return super().get_context_data(**kwargs) | {
            "waiting": among.count(),
            "replaced": slips.unredeemed(among),
            "roster": key,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A page made for paper."""
        among, _key = self._among(request.POST)
        with transaction.atomic():
            cards = slips.print_sheet(run=self.run, by=user_of(request), among=among)
            log(self.run, "alumni.slips", user=request.user, data={"people": len(cards)})
        context = {"cards": [_drawn(card) for card in cards], "run": self.run}
        return render(request, "alumni/doors_sheet.html", context)

    def _among(self, asked: QueryDict) -> tuple[QuerySet[Profile], str]:
        key = asked.get("roster", "")
        if not key:
            return slips.waiting(self.run), ""
        uploads = RosterUpload.objects.current().filter(
            owner=user_of(self.request), run=self.run, state=RosterUpload.State.DONE
        )
        found = people.waiting(get_object_or_404(uploads.select_related("run"), key=key))
        if found is None:
            raise Http404
        return found, key


class Calling(OfARun):
    """Record a call to the number of the nomination; who was reached is told the code shown."""

    permission_required = ACTS
    template_name = "alumni/doors_call.html"
    page_title = _("Record a call")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = person_in(self.run, self.kwargs["key"])
        return {"form": CallForm()} | super().get_context_data(**kwargs) | {"person": person}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The code stands in this one answer."""
        person, form = person_in(self.run, kwargs["key"]), CallForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        result = form.cleaned_data["result"]
        try:
            call, code = slips.record_call(profile=person, result=result, by=user_of(request))
        except PermissionDenied:
            messages.error(request, gettext("Has joined meanwhile, or has no telephone number."))
            return redirect("joining_run", self.run.slug)
        if code:
            return self.render_to_response(self.get_context_data(call=call, code=code))
        messages.success(request, gettext("The call is written down."))
        return redirect("joining_run", self.run.slug)


@require_POST
@never_cache
@permission_required(SEES, raise_exception=True)
def call_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The call list as a file; what it is for is written down."""
    run, form = run_at(slug), CallListForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Write in a few words what the list is for."))
        return redirect("joining_run", slug)
    rows = doors.people_of(run)
    lines = doors.call_list(rows)
    access.note_all(
        profiles=[row.profile for row in rows if row.has_to_be_called],
        what=access.What.LIST,
        by=user_of(request),
        detail=form.cleaned_data["purpose"],
    )
    data = {"purpose": form.cleaned_data["purpose"], "people": len(lines) - 1}
    log(run, "alumni.call_list", user=request.user, data=data)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="calls-{run.slug}.csv"'
    answer.write("\ufeff")  # without it, a spreadsheet takes Arabic for gibberish
    csv.writer(answer).writerows(lines)
    return answer


def _drawn(card: slips.Card) -> str:
    """One card in the person's language and direction."""
    with override(card.language):
        context = {"card": card, "qr": qr.svg(card.link)}
        return mark_safe(render_to_string("alumni/_doors_card.html", context))  # noqa: S308
