"""Finding one another: the directory, the people of one course, how others see me, my posts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from alumni import appearance, positions, reviews, visibility
from alumni.directory import materials, quota, search
from alumni.directory.forms import ContactForm, DirectoryForm, MoveForm, PositionFormSet
from alumni.directory.quota import Look
from alumni.models import CourseRun, Profile
from alumni.privacy.fresh import fresh_sign_in_required
from alumni.relay import contact as relay_contact
from alumni.signed_in import joined, user_of
from alumni.views import enough, members_page
from alumni.visibility import Relation

SEEN_BY = {
    "stranger": (Relation.STRANGER, gettext_lazy("A stranger")),
    "member": (Relation.MEMBER, gettext_lazy("A member")),
    "course": (Relation.COHORT, gettext_lazy("Someone of my course")),
    "editor": (Relation.STRANGER, gettext_lazy("An editor of this site")),
    "staff": (Relation.STAFF, gettext_lazy("The centre's staff")),
}
"""Editing stories opens nobody's profile: an editor sees what a stranger does."""


@members_page
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The directory: who fits, as the viewer may see them."""
    user = user_of(request)
    own = visibility.membership(user)
    if not visibility.is_staff(user) and (own is None or not own.has_accepted):
        return redirect("alumni:me")
    if not quota.take(user, Look.LIST):
        return enough(request)
    form = DirectoryForm(request.GET, auto_id="find_%s")
    asked = form.asked()
    found = search.find(user, asked, page=_number(request.GET.get("page", "")))
    kept = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    return render(
        request,
        "alumni/directory.html",
        {"form": form, "asked": asked, "found": found, "query": urlencode(kept)},
    )


@members_page
@require_safe
def course(request: HttpRequest, slug: str) -> HttpResponse:
    """The people of one course and what was published for them."""
    user = user_of(request)
    if not quota.take(user, Look.LIST):
        return enough(request)
    run = CourseRun.objects.filter(slug=slug).first()
    people = search.cohort(user, run) if run else None
    if run is None or people is None:
        raise Http404
    return render(
        request,
        "alumni/directory_course.html",
        {"run": run, "people": people, "materials": materials.source().of_run(slug, request)},
    )


@members_page
@require_safe
def seen_by(request: HttpRequest, who: str) -> HttpResponse:
    """My profile as someone else would see it, by the one policy."""
    profile = joined(request)
    if who not in SEEN_BY:
        raise Http404
    relation, label = SEEN_BY[who]
    context = {
        "person": appearance.shown_to(profile, relation),
        "seen_by": label,
        "others": [(code, label, code == who) for code, (_relation, label) in SEEN_BY.items()],
    }
    return render(request, "alumni/directory_seen_by.html", context)


@members_page
@require_POST
def still_right(request: HttpRequest) -> HttpResponse:
    """Yes, all right."""
    reviews.confirm(profile=joined(request), by=user_of(request))
    messages.success(request, _("Thank you. We ask again in a year."))
    return redirect("alumni:me")


@members_page
def my_positions(request: HttpRequest) -> HttpResponse:
    """Where I worked before, each to be mended or removed."""
    profile = joined(request)
    rows = PositionFormSet(request.POST or None, instance=profile, prefix="posts")
    if request.method == "POST" and rows.is_valid():
        rows.save()
        messages.success(request, _("Saved."))
        return redirect("alumni:positions")
    return _show_positions(request, profile, rows, MoveForm(auto_id="move_%s"))


@members_page
@require_POST
def moved(request: HttpRequest) -> HttpResponse:
    """I work elsewhere now."""
    profile = joined(request)
    form = MoveForm(request.POST, auto_id="move_%s")
    if not form.is_valid():
        rows = PositionFormSet(instance=profile, prefix="posts")
        return _show_positions(request, profile, rows, form)
    positions.move(profile=profile, to=form.to(), by=user_of(request))
    messages.success(request, _("Saved. Where you worked until now stands below."))
    return redirect("alumni:positions")


def _opens_more(request: HttpRequest) -> bool:
    own = visibility.membership(request.user)
    order = list(Profile.Contact.values)
    wanted = request.POST.get("contact", "")
    return bool(own and wanted in order and order.index(wanted) > order.index(own.contact))


@members_page
@require_POST
@fresh_sign_in_required(back="alumni:me", when=_opens_more)
def contact(request: HttpRequest) -> HttpResponse:
    """Who may write to me: fewer acts at once, more asks who is there."""
    profile = joined(request)
    form = ContactForm(request.POST, instance=Profile.objects.get(pk=profile.pk))
    if form.is_valid():
        chosen = form.cleaned_data["contact"]
        relay_contact.set_contact(profile=profile, by=user_of(request), contact=chosen)
        messages.success(request, _("Saved. This is who may write to you from now on."))
    return redirect("alumni:me")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _show_positions(
    request: HttpRequest, profile: Profile, rows: Any, move: MoveForm
) -> HttpResponse:
    return render(
        request,
        "alumni/directory_positions.html",
        {"profile": profile, "rows": rows, "move": move},
        status=422 if move.errors or any(rows.errors) else 200,
    )
