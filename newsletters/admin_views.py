"""The editors' screens of the engine: every mailing with its sum, and the button that sends."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import get_language, get_language_info, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.generic import DetailView, ListView
from kombu.exceptions import OperationalError
from wagtail import hooks
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from newsletters import again, attention, issues, progress, reports, tallies, tasks
from newsletters.correcting import Ways
from newsletters.models import Edition, Issue, Newsletter

COMMANDS = {"pause": issues.pause, "resume": issues.resume, "cancel": issues.cancel}

BUTTONS = (
    ("pause", _("Pause"), {Issue.State.SENDING}),
    ("resume", _("Go on sending"), {Issue.State.PAUSED, Issue.State.HALTED}),
)


class Screen(PermissionRequiredMixin, WagtailAdminTemplateMixin):
    """A screen of mailings; with `?parts` it answers only what moves, for `follow.js`."""

    permission_required = "newsletters.view_issue"
    header_icon = "mail"
    parts_template_name = ""
    _show_breadcrumbs = True

    def get_template_names(self) -> list[str]:
        wanted = self.parts_template_name if "parts" in self.request.GET else ""
        return [wanted or self.template_name]

    def beneath(self, mailing: Issue) -> list[dict[str, Any]]:
        """The breadcrumbs of a screen that asks about a mailing."""
        above = {"url": reverse("mailings"), "label": _("Mailings")}
        its_own = {"url": reverse("mailing", args=[mailing.pk]), "label": str(mailing)}
        return [
            *self.breadcrumbs_items,
            above,
            its_own,
            {"url": "", "label": self.get_page_title()},
        ]


class Mailings(Screen, ListView):
    """What was sent, what is on its way, what is next, and what is in the way."""

    queryset = Issue.objects.select_related("newsletter").prefetch_related("newsletter__wordings")
    paginate_by = 20
    template_name = "newsletters/admin/mailings.html"
    parts_template_name = "newsletters/admin/_mailings.html"
    page_title = _("Mailings")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        due = progress.due_now()
        context = super().get_context_data(**kwargs)
        shown, open_ones = list(context["object_list"]), list(progress.on_its_way())
        sums = tallies.tallies([*shown, *open_ones])
        subjects = reports.subjects(shown, get_language() or "")
        on_its_way = progress.of(open_ones, sums)
        waiting = progress.waiting(on_its_way, due)
        context |= {
            "rows": [
                (issue, subjects.get(issue.pk, ""), sums[issue.pk], reports.reason(issue))
                for issue in shown
            ],
            "on_its_way": [(found, reports.reason(found.issue)) for found in on_its_way],
            "waiting": waiting,
            "happening": waiting + progress.happening(on_its_way),
            "warnings": attention.warnings(),
            "next_mailings": reports.next_mailings(),
            "newsletters": Newsletter.objects.filter(kind=Newsletter.Kind.DIGEST).prefetch_related(
                "wordings"
            ),
        }
        return context


class Mailing(Screen, DetailView):
    """One mailing: the sum that closes, who was left out, what came back, what follows it."""

    queryset = Mailings.queryset.select_related("follows__newsletter")
    template_name = "newsletters/admin/mailing.html"
    parts_template_name = "newsletters/admin/_mailing.html"

    def get_page_title(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("mailings"), "label": _("Mailings")}
        return [*self.breadcrumbs_items, above, {"url": "", "label": str(self.object)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        issue = self.object
        sums = tallies.tallies([issue])
        tally, (found,) = sums[issue.pk], progress.of([issue], sums)
        context |= {
            "tally": tally,
            "progress": found,
            "happening": progress.happening([found]),
            "commands": self._commands(),
            "can_be_cancelled": issue.state in Issue.UNFINISHED,
            "parts": [(tallies.LABELS[name], count) for name, count in tally.parts.items()],
            "left_out": reports.left_out(issue),
            "reason": reports.reason(issue),
            "failures": reports.failures(issue) if tally.failed else [],
            "offers": again.offers(issue, tally) if self._may_send() else [],
            "followed_by": self._followed_by(),
            "corrections": self._corrections(),
            "editions": [
                (get_language_info(edition.language)["name_local"], edition)
                for edition in Edition.objects.filter(issue=issue).order_by("language", "pk")
            ],
        }
        return context

    def _commands(self) -> list[tuple[str, Any]]:
        """What can be pressed now; what was taken down cannot go on."""
        offered = [(verb, label) for verb, label, states in BUTTONS if self.object.state in states]
        if offered and issues.was_taken_down(self.object):
            return [(verb, label) for verb, label in offered if verb != "resume"]
        return offered

    def _may_send(self) -> bool:
        return bool(self.request.user.has_perm("newsletters.send_issue"))

    def _followed_by(self) -> QuerySet[Issue]:
        """What sends it again or corrects it; a correction that never left stands elsewhere."""
        followers = Mailings.queryset.filter(follows=self.object).order_by("pk")
        return followers.exclude(why=Issue.Why.CORRECT, frozen_at=None)

    def _corrections(self) -> list[Ways]:
        """Asked of whoever lets editors write; nothing before it has ended."""
        if self.object.closed_at is None:
            return []
        asked = hooks.get_hooks("corrections_of_mailing")
        return [ways(self.object, self.request.user) for ways in asked]


class Cancelling(Screen, DetailView):
    """What cannot be undone is asked first: GET asks, POST cancels."""

    permission_required = "newsletters.send_issue"
    model = Issue
    template_name = "newsletters/admin/cancel.html"
    page_title = _("Cancel what has not left")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.beneath(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tally = tallies.tally(self.object)
        return super().get_context_data(**kwargs) | {
            "to_come": tally.queued,
            "gone": tally.audience - tally.queued,
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.get_object().state not in Issue.UNFINISHED:
            return _too_late(request, kwargs["pk"])
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return command(request, pk, "cancel")


@require_POST
def command(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Pause, resume or cancel; a press that comes too late says so."""
    if not request.user.has_perm("newsletters.send_issue"):
        raise PermissionDenied
    issue = get_object_or_404(Issue, pk=pk)
    try:
        if not COMMANDS[verb](issue, by=request.user):
            return _too_late(request, pk)
    except issues.CannotGoOn as why:
        messages.error(request, str(why))
        return redirect("mailing", pk)
    ring()
    return redirect("mailing", pk)


def ring() -> bool:
    """Ring the worker; False when nobody can hear it. The rows say what is to do anyway."""
    try:
        tasks.send_due.delay()
    except OperationalError:
        return False
    return True


def _too_late(request: HttpRequest, pk: int) -> HttpResponse:
    messages.error(request, gettext("The mailing had changed meanwhile: look again."))
    return redirect("mailing", pk)
