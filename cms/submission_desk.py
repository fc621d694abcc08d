"""The editors' list of stories from members: take one on, give it back, or decline it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext

from alumni import visibility
from alumni.models import User
from alumni.vocabulary import country_name, language_now
from cms import places, submissions


def listing(request: HttpRequest) -> HttpResponse:
    """What waits for this colleague, oldest first; one form each."""
    user = request.user
    if not isinstance(user, User) or not visibility.is_staff(user):
        raise PermissionDenied
    if request.method == "POST":
        row = get_object_or_404(submissions.waiting(user), key=request.POST.get("key"))
        note = request.POST.get("note", "")
        try:
            if "take" in request.POST:
                page = submissions.take_on(by=user, row=row)
                return redirect("wagtailadmin_pages:edit", page.pk)
            submissions.give_back(by=user, row=row, note=note, finally_="decline" in request.POST)
            messages.success(request, gettext("The author is told."))
            return redirect("submissions")
        except ValidationError as why:
            messages.error(request, why.messages[0])
    language = language_now()
    rows = [
        {
            "story": row,
            "country": country_name(row.country, language),
            "language": places.language_name(row.language, language),
            "note": request.POST.get("note", "") if request.POST.get("key") == row.key else "",
        }
        for row in submissions.waiting(user)
    ]
    return render(request, "cms/admin/submissions.html", {"rows": rows})
