"""The colleagues' screens of joining: who of a course run has come, and the doors for others."""

from __future__ import annotations

import csv
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from kombu.exceptions import OperationalError
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from alumni import reviews, tasks
from alumni.joining import accounts, doors, invitations, qr, slips, vouching
from alumni.joining.forms import CallForm, CallListForm
from alumni.models import CourseRun, Profile, RosterUpload, User, Vouching, Wave
from alumni.privacy import access
from alumni.roster import people
from alumni.vocabulary import language_now

SEES, ACTS = "alumni.view_profile", "alumni.change_profile"
acts = permission_required(ACTS, raise_exception=True)


class Screen(PermissionRequiredMixin, WagtailAdminTemplateMixin, TemplateView):
    """A screen of joining, for whoever looks after people."""

    permission_required: str | tuple[str, ...] = SEES
    header_icon = "group"
    _show_breadcrumbs = True

    def trail(self, *steps: tuple[str, Any]) -> list[dict[str, Any]]:
        """The breadcrumbs to this screen."""
        above = [(reverse("joining"), _("Joining")), *steps]
        return [*self.breadcrumbs_items, *({"url": url, "label": label} for url, label in above)]


class Joining(Screen):
    """Every course run: how many have joined."""

    template_name = "alumni/doors_runs.html"
    page_title = _("Joining")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"sums": doors.sums()}


class OfARun(Screen):
    """Something about one course run; whoever may not see any learns of none."""

    run: CourseRun

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.has_permission():
            self.run = _run(kwargs["slug"])
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        its_own = (reverse("joining_run", args=[self.run.slug]), str(self.run))
        return self.trail(its_own, ("", self.get_page_title()))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"run": self.run}


class JoiningOfARun(OfARun):
    """Who has joined, who was invited, who is left; `?parts` answers only what moves."""

    def get_template_names(self) -> list[str]:
        return [
            "alumni/_doors_run.html" if "parts" in self.request.GET else "alumni/doors_run.html"
        ]

    def get_page_title(self) -> str:
        return str(self.run)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.trail(("", str(self.run)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows, now = doors.people_of(self.run), timezone.now()
        may_add = self.request.user.has_perm(vouching.MAY)
        unconfirmed = Vouching.objects.unconfirmed().filter(run=self.run)
        joined = sum(row.profile.has_accepted for row in rows)
        return super().get_context_data(**kwargs) | {
            "rows": rows,
            "joined": joined,
            "people": len(rows),
            "happening": joined < len(rows),
            "needs_doors": any(row.waits for row in rows),
            "stale": [row.profile for row in rows if reviews.is_stale(row.profile, now)],
            "wave": Wave.objects.filter(run=self.run).first(),
            "to_invite": sum(row.stand is doors.Stand.NOT_INVITED for row in rows),
            "to_call": [row for row in rows if row.has_to_be_called],
            "call_list_form": CallListForm(),
            "may_act": self.request.user.has_perm(ACTS),
            "may_add": may_add,
            "proposals": list(unconfirmed) if may_add else [],
        }


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
        person = _person(self.run, self.kwargs["key"])
        return {"form": CallForm()} | super().get_context_data(**kwargs) | {"person": person}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The code stands in this one answer."""
        person, form = _person(self.run, kwargs["key"]), CallForm(request.POST)
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
@acts
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Start inviting, or go on after a stop."""
    run = _run(slug)
    with transaction.atomic():
        invitations.start(run=run, by=user_of(request))
        log(run, "alumni.invite", user=request.user)
        transaction.on_commit(_ring, robust=True)
    messages.success(
        request, gettext("Invitations leave in small groups from now on, some every day.")
    )
    return redirect("joining_run", slug)


@require_POST
@acts
def stop(request: HttpRequest, slug: str) -> HttpResponse:
    """No more invitations for now."""
    run = _run(slug)
    invitations.stop(run=run, by=user_of(request))
    log(run, "alumni.invite_no_more", user=request.user)
    messages.success(request, gettext("No further invitation of this course leaves."))
    return redirect("joining_run", slug)


@require_POST
@acts
def identify(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """This is the person."""
    person = _person(_run(slug), key)
    if accounts.identify(profile=person, by=user_of(request)):
        messages.success(
            request,
            gettext("%(name)s is a member now like everyone else.") % {"name": person.name},
        )
    return redirect("joining_run", slug)


@require_POST
@acts
def turn_away(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """This is not the person."""
    run = _run(slug)
    person = _person(run, key)
    if accounts.turn_away(profile=person, by=user_of(request), language=language_now()):
        log(run, "alumni.turned_away", user=request.user, data={"person": person.key})
        messages.warning(
            request,
            gettext("%(name)s's place waits again. Look whether the profile was altered.")
            % {"name": person.name},
        )
    return redirect("joining_run", slug)


@require_POST
@never_cache
@permission_required(SEES, raise_exception=True)
def call_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The call list as a file; what it is for is written down."""
    run, form = _run(slug), CallListForm(request.POST)
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


def user_of(request: HttpRequest) -> User:
    """The colleague at the screen."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _drawn(card: slips.Card) -> str:
    """One card in the person's language and direction."""
    with override(card.language):
        context = {"card": card, "qr": qr.svg(card.link)}
        return mark_safe(render_to_string("alumni/_doors_card.html", context))  # noqa: S308


def _ring() -> None:
    try:
        tasks.invite.delay()
    except OperationalError:
        return  # the beat rings anyway


def _run(slug: str) -> CourseRun:
    return get_object_or_404(CourseRun, slug=slug)


def _person(run: CourseRun, key: str) -> Profile:
    return get_object_or_404(Profile, key=key, pk__in=run.enrolments.taken_up().values("profile"))
