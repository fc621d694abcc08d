"""The forms of a mailing that is written: its frame and its time, for whom, through whose eyes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateTimeInput

from alumni import vocabulary
from alumni.models import CourseRun, Enrolment
from cms import places
from cms.models import Dispatch, Topic
from newsletters.models import Newsletter

KINDS = ("languages", "regions", "countries", "topics", "runs", "roles")


class DispatchForm(forms.ModelForm):
    """What a mailing is called among colleagues, under which newsletter and when it leaves."""

    class Meta:
        model = Dispatch
        fields = ["title", "newsletter", "not_before", "not_after", "fallback"]
        widgets = {"not_before": AdminDateTimeInput, "not_after": AdminDateTimeInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        if self.instance.corrects_id:
            del fields["newsletter"]  # that of the mailing it corrects
        else:
            # Who agreed to be asked about a course agreed to that alone.
            written = Newsletter.objects.filter(kind=Newsletter.Kind.WRITTEN, steps=None)
            fields["newsletter"].queryset = written.prefetch_related("wordings")
            fields["newsletter"].empty_label = None
        clock = gettext("%(town)s time.") % {"town": places.clock()}
        for name in ("not_before", "not_after"):
            fields[name].help_text = f"{fields[name].help_text} {clock}"
        fields["fallback"].choices = [
            ("", gettext("They get nothing")),
            *(
                (code, gettext("They get it in %(language)s") % {"language": _named(code)})
                for code, _name in settings.LANGUAGES
            ),
        ]

    def clean(self) -> dict[str, Any]:
        """It ends after it begins."""
        chosen = super().clean() or {}
        begins, ends = chosen.get("not_before"), chosen.get("not_after")
        if begins and ends and ends <= begins:
            self.add_error("not_after", gettext("This is before it leaves: choose a later moment."))
        return chosen


class AudienceForm(forms.Form):
    """Whom it is for. Nothing ticked: everyone who receives the newsletter."""

    languages = forms.MultipleChoiceField(
        label=_("Who reads"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Readers of at least one of these languages, in whatever place."),
    )
    regions = forms.MultipleChoiceField(
        label=_("Regions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("All countries of a region, as if each were ticked below."),
    )
    countries = forms.MultipleChoiceField(
        label=_("Countries"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Members whose own profile names one of these countries, and readers who follow one of "
            "them by name. Whoever follows everything is not meant by a country."
        ),
    )
    topics = forms.MultipleChoiceField(
        label=_("Topics followed"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Readers who follow one of them, or follow everything."),
    )
    runs = forms.MultipleChoiceField(
        label=_("Courses"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Members who took part in one of them."),
    )
    roles = forms.MultipleChoiceField(
        label=_("Part in a course"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Members with one of these parts, in the courses ticked above or in any."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        for kind, choices in options().items():
            fields[kind].choices = choices

    @property
    def criteria(self) -> dict[str, list[str]]:
        """What is ticked, without the lists where nothing is; for a form that is valid."""
        return {kind: self.cleaned_data[kind] for kind in KINDS if self.cleaned_data[kind]}


class ReaderForm(forms.Form):
    """Through whose eyes a mailing is looked at."""

    language = forms.ChoiceField(label=_("Reads first"))
    country = forms.ChoiceField(label=_("Country"), required=False)
    at_risk = forms.BooleanField(label=_("Is at risk: sees the plain name alone"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["language"].choices = _languages()
        anywhere = ("", gettext("Any country"))
        fields["country"].choices = [anywhere, *vocabulary.countries()]


def options() -> dict[str, list[Any]]:
    """What can be ticked, by the name of the criterion; two queries."""
    language = vocabulary.language_now()
    pack = settings.PACK
    runs = CourseRun.objects.select_related("course")
    return {
        "languages": _languages(),
        "regions": [(one.code, pack.name_of(one.names, language)) for one in pack.regions],
        "countries": list(places.countries_by_region(language)),
        "topics": list(Topic.objects.titles(language).items()),
        "runs": [(run.slug, str(run)) for run in runs],
        "roles": list(Enrolment.Role.choices),
    }


def summary(criteria: dict[str, Any]) -> list[tuple[str, str]]:
    """What is chosen, in words: the criterion and what was ticked."""
    named, found = options(), []
    labels = {name: field.label for name, field in AudienceForm.base_fields.items()}
    for kind in KINDS:
        if chosen := criteria.get(kind):
            names = dict(_flat(named[kind]))
            said = vocabulary.listed(names.get(code, code) for code in chosen)
            found.append((str(labels[kind]), said))
    return found


def _flat(choices: list[Any]) -> list[tuple[str, str]]:
    """Choices without their groups."""
    flat: list[tuple[str, str]] = []
    for value, label in choices:
        flat += label if isinstance(label, list | tuple) else [(value, str(label))]
    return flat


def _languages() -> list[tuple[str, str]]:
    return [(code, _named(code)) for code, _name in settings.LANGUAGES]


def _named(code: str) -> str:
    return places.language_name(code, vocabulary.language_now())
