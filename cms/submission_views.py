"""The pages on which a member writes a story, and takes it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext

from alumni import visibility
from alumni.models import Profile, User
from alumni.views import members_page
from alumni.vocabulary import language_now
from cms import submission_pictures, submissions
from cms.models import Submission, SubmissionPicture
from cms.submission_forms import PictureForm, StoryForm, picture_forms

NOT_KEPT = ("no_case",)


@members_page
def write(request: HttpRequest, key: str = "") -> HttpResponse:
    """A new story, or one that is not with the editors."""
    author, user = _member(request)
    row = get_object_or_404(submissions.of(author), key=key) if key else None
    if row is not None and not row.is_open:
        return redirect("my_stories")
    if request.method == "POST":
        form = StoryForm(request.POST, author=author)
        pictures = picture_forms(row, request.POST, request.FILES)
        row = _keep(request, form, pictures, user, row)
        if not form.errors and not any(one.errors for one in pictures):
            return redirect("my_stories")
        _show_what_is_kept(pictures, row)
    else:
        form = StoryForm(author=author, initial=_initial(row, author))
        pictures = picture_forms(row)
    context = {
        "form": form,
        "row": row,
        "pictures": pictures,
        "wrong": any(one.errors for one in pictures),
        "after_pictures": ("people", "people_agreed", "sign_off", "no_case"),
    }
    return render(request, "cms/story_form.html", context)


@members_page
def picture(request: HttpRequest, key: str) -> HttpResponse:
    """A picture of the member's own story, to nobody else."""
    author, _user = _member(request)
    return picture_answer(SubmissionPicture.objects.filter(submission__author=author), key)


@members_page
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    """Asks once, then takes it back."""
    author, user = _member(request)
    row = get_object_or_404(submissions.of(author), key=key)
    if request.method == "POST":
        submissions.withdraw(by=user, row=row)
        messages.success(request, gettext("Taken back. It is not on the site."))
        return redirect("my_stories")
    return render(request, "cms/story_withdraw.html", {"row": row})


def picture_answer(pictures: Any, key: str) -> HttpResponse:
    """The file, kept by no cache; for whoever may see one of these rows."""
    found = get_object_or_404(pictures, key=key)
    answer = HttpResponse(bytes(found.data), content_type="image/jpeg")
    answer["Cache-Control"] = "private, no-store"
    return answer


def _keep(
    request: HttpRequest,
    form: StoryForm,
    pictures: list[PictureForm],
    user: User,
    row: Submission | None,
) -> Submission | None:
    """Save what is right of it, whatever is wrong with the rest; send it when nothing is."""
    sound = all([form.is_valid(), *(one.is_valid() for one in pictures)])
    names = [name for name in form.fields if name not in NOT_KEPT]
    facts = {name: form.cleaned_data[name] for name in names if name in form.cleaned_data}
    try:
        with transaction.atomic():
            row = submissions.keep(by=user, row=row, facts={"language": language_now()} | facts)
            for place, one in enumerate(pictures, start=1):
                submission_pictures.keep(
                    row=row,
                    place=place,
                    data=one.data_of_file,
                    words=one.words,
                    removed=bool(one.cleaned_data.get("remove")),
                )
        if sound and "send" in request.POST:
            submissions.send(by=user, row=row)
            messages.success(request, gettext("Sent. An editor reads it; you get a mail."))
        elif sound:
            messages.success(request, gettext("Saved. Nobody else sees it yet."))
    except ValidationError as why:
        form.add_error(None, why)
    return row


def _show_what_is_kept(pictures: list[PictureForm], row: Submission | None) -> None:
    """The form comes back with what was wrong: the pictures that were good stand in it already."""
    for fresh, one in zip(picture_forms(row), pictures, strict=True):
        one.kept = fresh.kept
        if fresh.kept is not None:
            one.fields.setdefault("remove", PictureForm.base_fields["remove"])


def _initial(row: Submission | None, author: Profile) -> dict[str, Any]:
    if row is None:
        return {"language": language_now(), "country": author.country}
    names = [name for name in StoryForm.base_fields if name not in NOT_KEPT]
    return {name: getattr(row, name) for name in names}


def _member(request: HttpRequest) -> tuple[Profile, User]:
    profile, user = visibility.membership(request.user), request.user
    if profile is None or not profile.is_member or not isinstance(user, User):
        raise Http404
    return profile, user
