"""A member's rights: hide me now, everything about me, who looked at it, and be forgotten."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from alumni import visibility
from alumni.models import Hiding, Profile, User
from alumni.privacy import access, erasure, hiding
from alumni.privacy import export as everything
from alumni.privacy.forms import EraseForm, word_to_type
from alumni.privacy.fresh import PROVED, fresh_sign_in_required
from alumni.views import members_page
from alumni.vocabulary import language_now


@members_page
def hide(request: HttpRequest) -> HttpResponse:
    """One button: out of sight, or back as before."""
    profile, user = _own(request)
    if not profile.has_accepted:
        return redirect("alumni:me")
    if request.method == "POST":
        if request.POST.get("do") == "show":
            if hiding.show_me(profile=profile, by=user):
                messages.success(request, _("You are shown again, to the same people as before."))
        else:
            hiding.hide_me(profile=profile, by=user)
            messages.success(request, _("You are hidden. Nobody but the centre's staff sees you."))
        return redirect("alumni:hide")
    own = Hiding.objects.in_force().filter(profile=profile, is_own=True).first()
    hidden = visibility.is_hidden(Profile.objects.get(pk=profile.pk))
    return render(request, "alumni/rights_hide.html", {"own": own, "is_hidden": hidden})


@members_page
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """What I agreed to, who looked at what of mine, and the two doors: take it, erase it."""
    profile, _user = _own(request)
    context = {
        "consents": access.consents(profile),
        "accesses": access.history(profile),
        "is_proved": PROVED in request.GET,
    }
    return render(request, "alumni/rights_data.html", context)


@members_page
@require_POST
@fresh_sign_in_required(back="alumni:data", carries_on=False)
def export(request: HttpRequest) -> HttpResponse:
    """Everything about me, as a file."""
    profile, user = _own(request)
    response = HttpResponse(everything.archive(profile, by=user), content_type="application/zip")
    name = f"my-data-{timezone.localdate():%Y-%m-%d}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@members_page
@fresh_sign_in_required(back="alumni:erase")
def erase(request: HttpRequest) -> HttpResponse:
    """A page that says what goes and what stays; then a typed word, and it is done."""
    profile, user = _own(request)
    form = EraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            erasure.erase(profile=profile, by=user, language=language_now())
        except erasure.StaffFirst as why:
            form.add_error(None, str(why))
        else:
            logout(request)
            messages.success(request, _("Everything about you is erased. Go well."))
            return redirect(f"/{language_now()}/")
    return render(
        request,
        "alumni/rights_erase.html",
        {"form": form, "word": word_to_type()},
        status=422 if form.errors else 200,
    )


def _own(request: HttpRequest) -> tuple[Profile, User]:
    profile = visibility.membership(request.user)
    if profile is None or not isinstance(request.user, User):
        raise Http404
    return profile, request.user
