"""The screen that asks before a mailing goes again to those it failed for or may have missed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView

from newsletters import issues, reports, tallies
from newsletters.admin_views import Screen, ring
from newsletters.again import Offer
from newsletters.models import Issue
from newsletters.pipeline import follow

SHOWN = 50
"""People named on the page; the rest is counted."""

TITLES: dict[str, Promise] = {
    Issue.Why.UNKNOWN: _("Send it again"),
    Issue.Why.RETRY: _("Try it again"),
}


class SendingAgain(Screen, DetailView):
    """GET asks and says what may happen, POST sends; a second press leads to the first one's."""

    permission_required = "newsletters.send_issue"
    queryset = Issue.objects.select_related("newsletter").prefetch_related("newsletter__wordings")
    template_name = "newsletters/admin/again.html"

    def get_page_title(self) -> Promise:
        return TITLES[self.kwargs["why"]]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.beneath(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        issue, why = self.object, self.kwargs["why"]
        left_out = follow.counts(issue, why)
        offer = Offer(why, left_out.pop("", 0))
        sees_people = self.request.user.has_perm("newsletters.view_people")
        people = follow.first(issue, why, SHOWN) if sees_people else []
        latest = issues.sent_again(issue, why=why)
        return super().get_context_data(**kwargs) | {
            "offer": offer,
            "latest": latest.pk if latest else "",
            "left_out": [(reports.LEFT_OUT.get(out, out), n) for out, n in left_out.items()],
            "sees_people": sees_people,
            "people": [
                (address, get_language_info(language)["name_local"], tallies.LABELS[fate])
                for address, language, fate in people
            ],
            "more": offer.people - len(people),
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        latest = issues.sent_again(self.get_object(), why=kwargs["why"])
        if latest and latest.state in Issue.UNFINISHED:
            return _already(request, latest)
        return self._refusal() or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, pk: int, why: str) -> HttpResponse:
        issue = self.get_object()
        latest = issues.sent_again(issue, why=why)
        if latest and str(latest.pk) != request.POST.get("latest"):
            return _already(request, latest)
        if refusal := self._refusal():
            return refusal
        try:
            again = issues.send_again(issue, why=why, by=request.user)
        except issues.CannotFollow as refusal:
            newer = issues.sent_again(issue, why=why)
            if newer and newer != latest:
                return _already(request, newer)
            messages.error(request, str(refusal))
            return redirect("mailing", pk)
        ring()
        return redirect("mailing", again.pk)

    def _refusal(self) -> HttpResponse | None:
        """Back to the mailing, if there is nobody (any more) to send it to, or nothing to send."""
        issue, why = self.get_object(), self.kwargs["why"]
        try:
            issues.look(issue)
        except issues.CannotFollow as refusal:
            messages.error(self.request, str(refusal))
            return redirect("mailing", issue.pk)
        if issue.closed_at and follow.counts(issue, why).get(""):
            return None
        messages.error(self.request, gettext("There is nobody to send it to again."))
        return redirect("mailing", issue.pk)


def _already(request: HttpRequest, issue: Issue) -> HttpResponse:
    messages.info(request, gettext("It is sent again already: this is the mailing that does it."))
    return redirect("mailing", issue.pk)
