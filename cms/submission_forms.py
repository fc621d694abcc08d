"""The form in which a member writes a story, and the three places for pictures in it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alumni.models import CourseRun, Profile
from alumni.vocabulary import language_now
from cms import submission_pictures
from cms.models import Naming, StorySteps, Submission, SubmissionPicture
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
        label=_("How shall it be signed?"),
        required=False,
        widget=forms.RadioSelect,
        help_text=_("By sending the story you agree to this. You can take it back at any time."),
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
    sign_off = forms.CharField(
        label=_("Who at your institution has agreed that you tell this, and when?"),
        max_length=300,
        required=False,
        help_text=_(
            "The story is published once your institution has agreed. Leave this empty if the "
            "editors shall ask."
        ),
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
        if not StorySteps.now().institution_agrees:
            del fields["sign_off"]

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


class PictureForm(forms.Form):
    """One picture. A good file is kept whatever else of the story is not right yet."""

    file = forms.FileField(
        label=_("Picture"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    alt = forms.CharField(
        label=_("What can be seen in it?"),
        max_length=250,
        required=False,
        help_text=_("For readers who do not see it: “A one-page form on a desk”."),
    )
    caption = forms.CharField(label=_("Caption"), max_length=250, required=False)
    shows = forms.ChoiceField(
        label=_("Are there people in it?"),
        choices=SubmissionPicture.Shows,
        required=False,
        widget=forms.RadioSelect,
    )
    remove = forms.BooleanField(label=_("Take this picture out"), required=False)

    def __init__(self, *args: Any, kept: SubmissionPicture | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = kept
        self.data_of_file: bytes | None = None
        if kept is None:
            del self.fields["remove"]
        else:
            self.fields["file"].label = gettext("Another picture instead")

    @property
    def is_open(self) -> bool:
        """Whether it is shown unfolded."""
        return self.kept is not None or self.has_changed() or bool(self.errors)

    def clean_file(self) -> Any:
        """The upload, made small; what is wrong with it says what to do."""
        file = self.cleaned_data.get("file")
        if file:
            self.data_of_file = submission_pictures.made_small(file)
        return file

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        goes = found.get("remove") and not self.data_of_file
        if "send" not in self.data or goes or "file" in self.errors:
            return found
        if self.kept is None and self.data_of_file is None:
            if found.get("alt") or found.get("caption"):
                self.add_error("file", gettext("Choose the picture, or empty its other fields."))
            return found
        if not found.get("alt", "").strip():
            self.add_error("alt", gettext("Say in a few words what can be seen."))
        if not found.get("shows"):
            self.add_error(
                "shows", gettext("Say this. If somebody has not agreed, take the picture out.")
            )
        return found

    @cached_property
    def words(self) -> dict[str, str]:
        """What is right of what was typed."""
        names = ("alt", "caption", "shows")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


def picture_forms(row: Submission | None, data: Any = None, files: Any = None) -> list[PictureForm]:
    """One for each place."""
    kept = {one.place: one for one in row.pictures.defer("data")} if row else {}
    return [
        PictureForm(
            data,
            files,
            prefix=f"picture{place}",
            kept=kept.get(place),
            initial=_words_of(kept.get(place)),
        )
        for place in range(1, submission_pictures.MOST + 1)
    ]


def _words_of(kept: SubmissionPicture | None) -> dict[str, str]:
    return {"alt": kept.alt, "caption": kept.caption, "shows": kept.shows} if kept else {}
