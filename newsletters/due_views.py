"""The screen that shows what would leave, as readers would get it, and lets a colleague decide."""

from __future__ import annotations

import datetime as dt
from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, get_language_info, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.generic import DetailView

from newsletters import preview, schedule
from newsletters.admin_views import Screen, ring
from newsletters.interests import in_words
from newsletters.models import Cadence, Issue, Newsletter

VERBS = ("send", "skip")
DIGESTS = Cadence.objects.filter(newsletter__kind=Newsletter.Kind.DIGEST)


# The mails on it carry their styles in themselves; nothing in their frames can run.
@method_decorator(csp_update({"style-src": [SELF, UNSAFE_INLINE]}), name="dispatch")
class WhatWouldLeave(Screen, DetailView):
    """A digest before it leaves: how many get it, and what three of them would read."""

    queryset = DIGESTS.select_related("newsletter").prefetch_related("newsletter__wordings")
    template_name = "newsletters/admin/due.html"
    page_title = _("What would leave now")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row: Cadence = self.object
        skipped = _number(self.request.GET.get("from", ""))
        found = preview.would_leave(row, skip=skipped)
        language = get_language() or ""
        after = schedule.next_due(row.newsletter, row.frequency, max(row.next_at, timezone.now()))
        shown = skipped + len(found.readings)
        return super().get_context_data(**kwargs) | {
            "newsletter": row.newsletter,
            "rhythm": row.get_frequency_display(),
            "leaves": row.next_at.astimezone(row.newsletter.zone),
            "then": after.astimezone(row.newsletter.zone),
            "seen": row.next_at.isoformat(),
            "people": found.people,
            "readings": [
                (
                    reading,
                    [get_language_info(code)["name_local"] for code in reading.languages],
                    in_words(reading.interests, language),
                )
                for reading in found.readings
            ],
            "others": shown % found.people if found.people > preview.SHOWN else None,
            "in_the_way": _in_the_way(row.newsletter),
            "may_send": self.request.user.has_perm("newsletters.send_issue"),
        }


class SendingNow(Screen, DetailView):
    """All rhythms of a newsletter at once: GET says how many would get it, POST sends.

    A press on a page that is old changes nothing.
    """

    permission_required = "newsletters.send_issue"
    queryset = Newsletter.objects.filter(kind=Newsletter.Kind.DIGEST).prefetch_related("wordings")
    slug_url_kwarg = "newsletter"
    template_name = "newsletters/admin/send_now.html"
    page_title = _("Send what is due")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("mailings"), "label": _("Mailings")}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = _rhythms_of(self.object)
        counts = [(row, preview.would_leave(row, shown=0).people) for row in rows]
        return super().get_context_data(**kwargs) | {
            "counts": counts,
            "people": sum(people for _row, people in counts),
            "seen": _moments(rows),
            "in_the_way": _in_the_way(self.object),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        newsletter: Newsletter = self.get_object()
        if _in_the_way(newsletter):
            return self.get(request, *args, **kwargs)
        if request.POST.get("seen") != _moments(_rhythms_of(newsletter)):
            messages.error(request, gettext("The digest had changed meanwhile: look again."))
            return redirect("mailings_send", newsletter.slug)
        schedule.bring_forward(newsletter)
        _say_it_is_drawn_up(request, newsletter)
        return redirect("mailings")


@require_POST
def decide(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Send it at once, or let it pass this time; a press on a page that is old changes nothing."""
    if not request.user.has_perm("newsletters.send_issue"):
        raise PermissionDenied
    row = get_object_or_404(DIGESTS.select_related("newsletter"), pk=pk)
    seen = _moment(request.POST.get("seen", ""))
    move = {"send": schedule.send_early, "skip": schedule.skip}[verb]
    if seen is None or not move(row, seen=seen):
        messages.error(request, gettext("The digest had changed meanwhile: look again."))
        return redirect("mailing_due", pk)
    if verb == "skip":
        text = gettext(
            "“%(newsletter)s” is skipped this time. What is new stays new and comes with the next "
            "one."
        )
        messages.success(request, text % {"newsletter": row.newsletter})
    else:
        _say_it_is_drawn_up(request, row.newsletter)
    return redirect("mailings")


def _in_the_way(newsletter: Newsletter) -> Issue | None:
    return Issue.objects.in_the_way(newsletter).select_related("newsletter").first()


def _rhythms_of(newsletter: Newsletter) -> list[Cadence]:
    rows = DIGESTS.filter(newsletter=newsletter).select_related("newsletter")
    return list(rows.order_by("pk"))


def _moments(rows: list[Cadence]) -> str:
    """When each is due: another one than was seen on a page that is old."""
    return " ".join(row.next_at.isoformat() for row in rows)


def _say_it_is_drawn_up(request: HttpRequest, newsletter: Newsletter) -> None:
    if ring():
        text = gettext(
            "The digest of “%(newsletter)s” is being drawn up: this page shows what becomes of it."
        )
        messages.success(request, text % {"newsletter": newsletter})
    else:
        messages.error(
            request,
            gettext("The broker does not answer. What is due leaves as soon as it runs again."),
        )


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else 0


def _moment(typed: str) -> dt.datetime | None:
    try:
        found = parse_datetime(typed)
    except ValueError:
        return None
    return found if found and found.tzinfo else None
