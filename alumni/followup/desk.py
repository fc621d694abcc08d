"""The colleagues' screens of follow-up: who of a course run was asked, who answered, and what."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from kombu.exceptions import OperationalError
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from alumni.followup import answers, before, timeline
from alumni.followup.rounds import Round, newsletter, rounds
from alumni.models import Answer, CourseRun
from alumni.privacy import access
from alumni.signed_in import user_of
from alumni.vocabulary import language_now
from newsletters import plans, tasks
from newsletters.models import Issue

SEES, READS, SENDS = "alumni.view_profile", "alumni.view_answer", "newsletters.send_issue"


class OfARun(PermissionRequiredMixin, WagtailAdminTemplateMixin, TemplateView):
    """A screen about one course run; whoever may not see any learns of none."""

    permission_required: str | tuple[str, ...] = SEES
    header_icon = "clipboard-list"
    _show_breadcrumbs = True
    run: CourseRun

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.has_permission():
            self.run = _run(kwargs["slug"])
        return super().dispatch(request, *args, **kwargs)

    def get_page_title(self) -> str:
        return str(self.run)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        steps = [
            (reverse("joining"), _("Joining")),
            (reverse("joining_run", args=[self.run.slug]), str(self.run)),
            *self.below(),
        ]
        return [*self.breadcrumbs_items, *({"url": url, "label": label} for url, label in steps)]

    def below(self) -> list[tuple[str, Any]]:
        """The last breadcrumbs."""
        return [("", _("Follow-up"))]


class FollowUp(OfARun):
    """Wave by wave: asked, answered, what can be sent now; `?parts` answers only what moves."""

    page_subtitle = _("Follow-up")

    def get_template_names(self) -> list[str]:
        return [
            "alumni/_followup_run.html"
            if "parts" in self.request.GET
            else "alumni/followup_run.html"
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = timeline.of(self.run, timezone.localdate())
        mailings = [issue for wave in found.waves for issue in wave.mailings]
        return super().get_context_data(**kwargs) | {
            "run": self.run,
            "timeline": found,
            "happening": any(issue.state in Issue.UNFINISHED for issue in mailings)
            or any(wave.mailings and wave.next for wave in found.waves),
            "may_send": self.request.user.has_perm(SENDS),
            "may_read": self.request.user.has_perm(READS),
        }


class Answers(OfARun):
    """What people wrote, for named staff; each look stands in the person's own record."""

    permission_required = READS
    template_name = "alumni/followup_answers.html"

    def below(self) -> list[tuple[str, Any]]:
        own = reverse("followup_run", args=[self.run.slug])
        return [(own, _("Follow-up")), ("", _("Answers"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        given = list(
            Answer.objects.filter(enrolment__run=self.run)
            .select_related("enrolment__profile")
            .order_by("wave", "enrolment__profile")
        )
        people = {answer.enrolment.profile_id: answer.enrolment.profile for answer in given}
        access.note_all(
            profiles=people.values(),
            what=access.What.ANSWERS,
            by=user_of(self.request),
            detail=str(self.run),
        )
        words = [(answer, answers.in_words(answer)) for answer in given]
        return super().get_context_data(**kwargs) | {"run": self.run, "answers": words}


class Asking(OfARun):
    """GET shows what leaves, to how many and to whom not; POST asks now, or reminds early."""

    permission_required = (SEES, SENDS)
    template_name = "alumni/followup_asking.html"
    page_subtitle = _("Before it leaves")

    def below(self) -> list[tuple[str, Any]]:
        own = reverse("followup_run", args=[self.run.slug])
        return [(own, _("Follow-up")), ("", _("Before it leaves"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        one = _round(self.kwargs["code"])
        closed = self._closed(one)
        return super().get_context_data(**kwargs) | {
            "run": self.run,
            "round": one,
            "wave": settings.PACK.name_of(one.wave.names, language_now()),
            "closed": closed,
            "before": None if closed else before.look(self.run, one),
        }

    def _closed(self, one: Round) -> str:
        """Why nobody can be asked today; "" where people can."""
        falls, ends = timeline.span(self.run, one.wave)
        day = timezone.localdate()
        if day < falls:
            return gettext("Its day has not come yet. The question leaves by itself when it has.")
        return "" if day < ends else gettext("Its time is over. Nobody is asked this any more.")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """To those alone who are silent."""
        run, one = self.run, _round(kwargs["code"])
        if closed := self._closed(one):
            messages.warning(request, closed)
            return redirect("followup_run", run.slug)
        people = before.look(run, one).people
        asks = newsletter()
        step = asks.steps.filter(code=one.code).first() if asks and people else None
        issue = (
            plans.send(step, anchor=run.slug, day=one.day_for(run), by=user_of(request))
            if step
            else None
        )
        if issue is None:
            messages.warning(request, gettext("Nobody is left to be written to."))
            return redirect("followup_run", run.slug)
        sentence = ngettext(
            "A mail is on its way to %(people)d person.",
            "A mail is on its way to %(people)d people.",
            people,
        )
        if _ring():
            messages.success(request, sentence % {"people": people})
        else:
            messages.error(
                request,
                gettext("The broker does not answer. What is due leaves as soon as it runs again."),
            )
        return redirect("followup_run", run.slug)


def _ring() -> bool:
    try:
        tasks.send_due.delay()
    except OperationalError:
        return False
    return True


def _run(slug: str) -> CourseRun:
    return get_object_or_404(CourseRun.objects.select_related("course"), slug=slug)


def _round(code: str) -> Round:
    found = next((one for one in rounds() if one.code == code), None)
    if found is None:
        raise Http404
    return found
