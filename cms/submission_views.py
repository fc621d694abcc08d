"""The form in which a member writes a story, and taking it back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alumni import visibility
from alumni.models import CourseRun, Profile, User
from alumni.views import members_page
from alumni.vocabulary import language_now
from cms import submissions
from cms.models import Naming, Submission
from cms.models.codes import CountriesField, TopicsField
from cms.models.namings import signature_of

NEEDED = ("title", "standfirst", "text", "country", "form")


class StoryForm(forms.Form):
    """What a story needs. A draft needs nothing; sending asks for the rest."""

    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    standfirst = forms.CharField(
        label=_("The story in one sentence"), max_length=300, required=False
    )
    text = forms.CharField(
        label=_("Your story"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea({"rows": 16, "dir": "auto"}),
        help_text=_(
            "What was the problem, what did you do, what came of it? Leave an empty line between "
            "paragraphs."
        ),
    )
    language = forms.ChoiceField(label=_("Written in"), choices=settings.LANGUAGES)
    country = forms.ChoiceField(label=_("Country"), required=False)
    topics = forms.MultipleChoiceField(
        label=_("Topics"), required=False, widget=forms.CheckboxSelectMultiple
    )
    course_run = forms.ModelChoiceField(
        CourseRun.objects.none(),
        label=_("The course it comes out of"),
        required=False,
        empty_label=_("no course in particular"),
    )
    form = forms.ChoiceField(
        label=_("How shall it be signed?"), required=False, widget=forms.RadioSelect
    )
    people = forms.CharField(
        label=_("Who else is named in it?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
        help_text=_("One name a line, for the editors alone. Empty when nobody is."),
    )
    people_agreed = forms.BooleanField(
        label=_("Each of them has agreed to be named."), required=False
    )
    no_case = forms.BooleanField(
        label=_(
            "It holds no numbers of files, nothing by which somebody who has not agreed could be "
            "known, and nothing that is not public."
        ),
        required=False,
    )

    def __init__(self, *args: Any, author: Profile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["country"].choices = [("", "—"), *CountriesField.options()]
        fields["topics"].choices = TopicsField.options()
        fields["course_run"].queryset = CourseRun.objects.filter(
            enrolments__profile=author
        ).distinct()
        fields["form"].choices = [
            (way.value, f"{way.label}: {signature_of(author, way, language_now())}")
            for way in Naming.Form
        ]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if "send" not in self.data:
            return found
        for name in NEEDED:
            if name not in self.errors and not str(found.get(name, "")).strip():
                self.add_error(name, gettext("The editors need this."))
        if found.get("people", "").strip() and not found.get("people_agreed"):
            self.add_error("people_agreed", gettext("Ask them first, or take the names out."))
        if not found.get("no_case"):
            self.add_error("no_case", gettext("Look through your story for this, then tick it."))
        return found


@members_page
def write(request: HttpRequest, key: str = "") -> HttpResponse:
    """A new story, or one that is not with the editors."""
    author, user = _member(request)
    row = get_object_or_404(submissions.of(author), key=key) if key else None
    if row is not None and not row.is_open:
        return redirect("my_stories")
    if request.method == "POST":
        form = StoryForm(request.POST, author=author)
        row = _keep(request, form, user, row)
        if not form.errors:
            return redirect("my_stories")
    else:
        form = StoryForm(author=author, initial=_initial(row, author))
    return render(request, "cms/story_form.html", {"form": form, "row": row})


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


def _keep(
    request: HttpRequest, form: StoryForm, user: User, row: Submission | None
) -> Submission | None:
    """Save what is right of it, whatever is wrong with the rest; send it when nothing is."""
    sound = form.is_valid()
    names = [name for name in form.fields if name != "no_case"]
    facts = {name: form.cleaned_data[name] for name in names if name in form.cleaned_data}
    try:
        row = submissions.keep(by=user, row=row, facts={"language": language_now()} | facts)
        if sound and "send" in request.POST:
            submissions.send(by=user, row=row)
            messages.success(request, gettext("Sent. An editor reads it; you get a mail."))
        elif sound:
            messages.success(request, gettext("Saved. Nobody else sees it yet."))
    except ValidationError as why:
        form.add_error(None, why)
    return row


def _initial(row: Submission | None, author: Profile) -> dict[str, Any]:
    if row is None:
        return {"language": language_now(), "country": author.country}
    names = [name for name in StoryForm.base_fields if name != "no_case"]
    return {name: getattr(row, name) for name in names}


def _member(request: HttpRequest) -> tuple[Profile, User]:
    profile, user = visibility.membership(request.user), request.user
    if profile is None or not profile.is_member or not isinstance(user, User):
        raise Http404
    return profile, user
