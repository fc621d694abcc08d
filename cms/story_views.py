"""A member's own stories: may we name you? The answer, and taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from alumni import visibility
from alumni.models import Profile, User
from alumni.views import members_page
from alumni.vocabulary import language_now
from cms import namings, submissions
from cms.models import Naming, StoryPage, Submission
from cms.models.namings import signature_of


@members_page
def mine(request: HttpRequest) -> HttpResponse:
    """The stories somebody is asked about or stands in; one form for each."""
    profile, user = visibility.membership(request.user), request.user
    if profile is None or not profile.is_identified or not isinstance(user, User):
        raise Http404
    if request.method == "POST":
        row = get_object_or_404(
            Naming.objects.select_related("profile"), key=request.POST.get("key"), profile=profile
        )
        agrees = request.POST.get("do") == "yes"
        try:
            namings.answer(
                naming=row,
                by=user,
                agrees=agrees,
                form=request.POST.get("form", ""),
                language=language_now(),
            )
        except ValidationError as why:
            messages.error(request, why.messages[0])
        else:
            done = _("Thank you. It is noted.") if agrees else _("Noted. You are not named in it.")
            messages.success(request, done)
        return redirect("my_stories")
    context = {"rows": rows_of(profile), "may_write": profile.is_member}
    context["submissions"] = sent_by(profile) if profile.is_member else []
    return render(request, "cms/my_stories.html", context)


def sent_by(profile: Profile) -> list[dict[str, Any]]:
    """What the person wrote, with the address of what is on the site of it; two queries."""
    rows = list(submissions.of(profile).defer("text"))
    stories = {row.story for row in rows if row.state == Submission.State.PUBLISHED}
    live = StoryPage.objects.live().filter(translation_key__in=stories)
    pages = {page.translation_key: page for page in live.defer_streamfields().order_by("-pk")}
    return [{"story": row, "page": pages.get(row.story)} for row in rows]


def rows_of(profile: Profile) -> list[dict[str, Any]]:
    """Each with its story in the language of the page, else in the first one; two queries."""
    rows = list(
        Naming.objects.filter(profile=profile).select_related("profile").order_by("-created_at")
    )
    stories: dict[Any, StoryPage] = {}
    pages = StoryPage.objects.filter(translation_key__in={row.story for row in rows})
    for page in pages.select_related("locale").defer_streamfields().order_by("pk"):
        if page.translation_key not in stories or page.locale.language_code == language_now():
            stories[page.translation_key] = page
    return [
        {
            "naming": row,
            "story": stories[row.story],
            "ways": [
                (form.value, form.label, signature_of(profile, form, language_now()))
                for form in Naming.Form
            ]
            if row.what == Naming.What.BYLINE
            else [],
        }
        for row in rows
        if row.story in stories
    ]
