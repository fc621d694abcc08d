"""For staff, in the admin: profiles nobody has looked at for a year, days of looking used up."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from alumni import reviews, visibility
from alumni.directory import quota

SHOWN = 100


@require_safe
def look_after(request: HttpRequest) -> HttpResponse:
    """Whom to ask whether the profile is still right, and who looked at very many people."""
    user = request.user
    if not visibility.is_staff(user):
        raise PermissionDenied
    stale = reviews.stale(timezone.now())
    return render(
        request,
        "alumni/directory_desk.html",
        {"stale": stale[:SHOWN], "count": stale.count(), "used_up": quota.used_up()[:SHOWN]},
    )
