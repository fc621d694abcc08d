"""The editors' screens of the engine: every mailing with its sum, and the button that sends."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.generic import DetailView, ListView
from kombu.exceptions import OperationalError
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from newsletters import issues, reports, schedule, tasks
from newsletters.models import Edition, Issue, Newsletter

COMMANDS = {"pause": issues.pause, "resume": issues.resume, "cancel": issues.cancel}

BUTTONS = (
    ("pause", _("Pause"), {Issue.State.SENDING}),
    ("resume", _("Go on sending"), {Issue.State.PAUSED, Issue.State.HALTED}),
    ("cancel", _("Cancel what has not left"), set(Issue.UNFINISHED)),
)


class Mailings(PermissionRequiredMixin, WagtailAdminTemplateMixin, ListView):
    """What was sent, what is on its way, what is next, and what is in the way."""

    permission_required = "newsletters.view_issue"
    queryset = Issue.objects.select_related("newsletter").prefetch_related("newsletter__wordings")
    paginate_by = 20
    template_name = "newsletters/admin/mailings.html"
    page_title = _("Mailings")
    header_icon = "mail"
    _show_breadcrumbs = True

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        sums = reports.tallies(context["object_list"])
        context["rows"] = [
            (issue, sums[issue.pk], reports.reason(issue)) for issue in context["object_list"]
        ]
        context["warnings"] = reports.warnings()
        context["next_mailings"] = reports.next_mailings()
        context["newsletters"] = Newsletter.objects.filter(
            kind=Newsletter.Kind.DIGEST
        ).prefetch_related("wordings")
        return context


class Mailing(PermissionRequiredMixin, WagtailAdminTemplateMixin, DetailView):
    """One mailing: the sum that closes, who was left out, what came back, its editions."""

    permission_required = "newsletters.view_issue"
    model = Issue
    template_name = "newsletters/admin/mailing.html"
    header_icon = "mail"
    _show_breadcrumbs = True

    def get_page_title(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("mailings"), "label": _("Mailings")}
        return [*self.breadcrumbs_items, above, {"url": "", "label": str(self.object)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        issue = self.object
        tally = reports.tally(issue)
        context |= {
            "tally": tally,
            "commands": [(verb, label) for verb, label, states in BUTTONS if issue.state in states],
            "parts": [(reports.LABELS[name], count) for name, count in tally.parts.items()],
            "left_out": [
                (reports.LEFT_OUT.get(why, why), count) for why, count in issue.excluded.items()
            ],
            "reason": reports.reason(issue),
            "facts": reports.facts(issue),
            "editions": [
                (get_language_info(edition.language)["name_local"], edition)
                for edition in Edition.objects.filter(issue=issue).order_by("language", "pk")
            ],
        }
        return context


@require_POST
def command(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Pause, resume or cancel; a press that comes too late says so."""
    if not request.user.has_perm("newsletters.send_issue"):
        raise PermissionDenied
    issue = get_object_or_404(Issue, pk=pk)
    if COMMANDS[verb](issue, by=request.user):
        ring()
    else:
        messages.error(request, gettext("The mailing had changed meanwhile: look again."))
    return redirect("mailing", pk)


@require_POST
def send_now(request: HttpRequest) -> HttpResponse:
    """Make a newsletter's digests due now. Each reader gets only what is new to him or her."""
    if not request.user.has_perm("newsletters.send_issue"):
        raise PermissionDenied
    newsletter = Newsletter.objects.filter(
        slug=request.POST.get("newsletter", ""), kind=Newsletter.Kind.DIGEST
    ).first()
    if newsletter is None:
        messages.error(request, gettext("This newsletter does not exist any more."))
        return redirect("mailings")
    in_the_way = Issue.objects.unfinished().filter(newsletter=newsletter).first()
    if in_the_way is not None:
        messages.warning(
            request,
            gettext("“%(issue)s” has to end first: look at it, go on with it or cancel it.")
            % {"issue": in_the_way},
        )
        return redirect("mailing", in_the_way.pk)
    schedule.bring_forward(newsletter)
    if ring():
        messages.success(
            request, gettext("What is due is on its way. Reload this page to follow it.")
        )
    else:
        messages.error(
            request,
            gettext("The broker does not answer. What is due leaves as soon as it runs again."),
        )
    return redirect("mailings")


def ring() -> bool:
    """Ring the worker; False when nobody can hear it. The rows say what is to do anyway."""
    try:
        tasks.send_due.delay()
    except OperationalError:
        return False
    return True
