"""The colleagues' screens of joining: who of a course run has come, and who is invited."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from kombu.exceptions import OperationalError
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from alumni import reviews, tasks
from alumni.joining import accounts, doors, invitations, vouching
from alumni.joining.forms import CallListForm
from alumni.models import CourseRun, Profile, Vouching, Wave
from alumni.signed_in import user_of
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
            self.run = run_at(kwargs["slug"])
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
            "undoable": set(
                accounts.just_identified(by=user_of(self.request)).values_list("pk", flat=True)
            ),
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


@require_POST
@acts
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Start inviting, or go on after a stop."""
    run = run_at(slug)
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
    run = run_at(slug)
    invitations.stop(run=run, by=user_of(request))
    log(run, "alumni.invite_no_more", user=request.user)
    messages.success(request, gettext("No further invitation of this course leaves."))
    return redirect("joining_run", slug)


@require_POST
@acts
def identify(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """This is the person."""
    person = person_in(run_at(slug), key)
    if accounts.identify(profile=person, by=user_of(request)):
        messages.success(
            request,
            gettext("%(name)s is a member now like everyone else.") % {"name": person.name},
        )
    return redirect("joining_run", slug)


@require_POST
@acts
def undo(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """It was the wrong button."""
    run = run_at(slug)
    person = person_in(run, key)
    if accounts.undo_identify(profile=person, by=user_of(request)):
        # The row does not know any more that it was said.
        log(run, "alumni.not_identified", user=request.user, data={"person": person.key})
        said = gettext("Taken back: %(name)s sees nobody until a colleague knows the person.")
        messages.success(request, said % {"name": person.name})
    elif person.is_member:
        said = gettext(
            "%(name)s stays a member: only whoever said “This is the person” can take it back, "
            "within the hour. Hide the person if it was wrong."
        )
        messages.warning(request, said % {"name": person.name})
    return redirect("joining_run", slug)


class TurningAway(OfARun):
    """GET says what it does, POST turns whoever came away from this place."""

    permission_required = (SEES, ACTS)
    template_name = "alumni/doors_turn_away.html"
    page_title = _("This is not the person")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self._row() is None:
            return redirect("joining_run", self.run.slug)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"row": self._row()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The place waits again."""
        person = person_in(self.run, kwargs["key"])
        if accounts.turn_away(profile=person, by=user_of(request), language=language_now()):
            data = {"person": person.key}
            log(self.run, "alumni.turned_away", user=request.user, data=data)
            messages.warning(
                request,
                gettext("%(name)s's place waits again. Look whether the profile was altered.")
                % {"name": person.name},
            )
        else:
            said = gettext("Nobody was turned away from %(name)s's place. Look how it stands now.")
            messages.warning(request, said % {"name": person.name})
        return redirect("joining_run", self.run.slug)

    def _row(self) -> doors.Row | None:
        """Who came, as long as nobody has looked."""
        row = doors.row_of(person_in(self.run, self.kwargs["key"]))
        return row if row.stand is doors.Stand.TO_IDENTIFY else None


def _ring() -> None:
    try:
        tasks.invite.delay()
    except OperationalError:
        return  # the beat rings anyway


def run_at(slug: str) -> CourseRun:
    """Http404 where there is none."""
    return get_object_or_404(CourseRun, slug=slug)


def person_in(run: CourseRun, key: str) -> Profile:
    """Somebody who took part in it; else Http404."""
    return get_object_or_404(Profile, key=key, pk__in=run.enrolments.taken_up().values("profile"))
