"""What is asked of the directory, and what a member says of posts and messages."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from alumni import vocabulary
from alumni.directory.search import Asked
from alumni.models import Course, Position, Profile
from alumni.positions import Post

ANY = ("", pgettext_lazy("any country, term, language", "Any"))


def places() -> list[tuple[str, Any]]:
    """Regions, each with its countries; a region can be chosen as a whole."""
    pack, language = settings.PACK, vocabulary.language_now()
    names = dict(vocabulary.countries())
    found: list[tuple[str, Any]] = [ANY]
    for region in pack.regions:
        name = str(pack.name_of(region.names, language))
        inside = [(code, names[code]) for code in region.countries if code in names]
        inside.sort(key=lambda choice: vocabulary.sort_key(choice[1]))
        found.append((name, [(f"region:{region.code}", name), *inside]))
    return found


def terms() -> list[tuple[str, Any]]:
    """Terms of expertise under their groups; a group can be chosen as a whole."""
    names = dict(vocabulary.topics())
    tops = [topic for topic in settings.PACK.topics if not topic.parent]
    found: list[tuple[str, Any]] = [ANY]
    for top in tops:
        below = [t.code for t in settings.PACK.topics if t.parent == top.code]
        found.append((names[top.code], [(code, names[code]) for code in (top.code, *below)]))
    return found


def working_languages() -> list[tuple[str, Any]]:
    """Languages a member can name: the network's own first."""
    return [ANY, *vocabulary.spoken_languages()]


class DirectoryForm(forms.Form):
    """What is looked for. Unknown values are as good as none."""

    q = forms.CharField(
        label=_("Name, expertise, institution"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "enterkeyhint": "search"}),
    )
    where = forms.ChoiceField(label=_("Where"), choices=places, required=False)
    expertise = forms.ChoiceField(label=_("May be asked about"), choices=terms, required=False)
    kind = forms.ChoiceField(
        label=_("Kind of institution"),
        choices=lambda: [ANY, *vocabulary.institution_types()],
        required=False,
    )
    language = forms.ChoiceField(label=_("Language"), choices=working_languages, required=False)
    course = forms.ChoiceField(label=_("Course"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        courses = [(course.slug, str(course.title)) for course in Course.objects.all()]
        self.fields["course"].choices = [ANY, *courses]  # type: ignore[attr-defined]

    def asked(self) -> Asked:
        """The question, of what was understood."""
        self.full_clean()
        given = {name: str(self.cleaned_data.get(name) or "") for name in self.fields}
        return Asked(
            words=given["q"].replace("\x00", ""),
            where=given["where"],
            institution_type=given["kind"],
            expertise=given["expertise"],
            language=given["language"],
            course=given["course"],
        )


class DayInput(forms.DateInput):
    """A day, by the browser's own picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class MoveForm(forms.Form):
    """I work elsewhere now."""

    institution = forms.CharField(label=_("Institution"), max_length=200, required=False)
    institution_type = forms.ChoiceField(
        label=_("Kind of institution"),
        choices=lambda: [("", "—"), *vocabulary.institution_types()],
        required=False,
    )
    post = forms.CharField(label=_("Post"), max_length=200, required=False)
    since = forms.DateField(label=_("Since"), widget=DayInput())

    def clean(self) -> dict[str, Any]:
        """A move leads somewhere, and not in the years to come."""
        cleaned = super().clean() or {}
        if not cleaned.get("institution") and not cleaned.get("post"):
            self.add_error("institution", _("Write the institution or the post."))
        if cleaned.get("since") and cleaned["since"] > dt.date.today() + dt.timedelta(days=366):
            self.add_error("since", _("Write a day that is not that far ahead."))
        return cleaned

    def to(self) -> Post:
        """Where, as the verb takes it."""
        return Post(**self.cleaned_data)


class PositionForm(forms.ModelForm):
    """One earlier position."""

    class Meta:
        model = Position
        fields = ("institution", "institution_type", "post", "starts_on", "ends_on")
        widgets: ClassVar = {"starts_on": DayInput(), "ends_on": DayInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["institution_type"]
        kind.choices = [("", "—"), *vocabulary.institution_types()]


PositionFormSet = forms.inlineformset_factory(
    Profile, Position, form=PositionForm, extra=1, max_num=20, can_delete=True
)


class ContactForm(forms.ModelForm):
    """Who may write to me through the site."""

    class Meta:
        model = Profile
        fields = ("contact",)
        labels: ClassVar = {"contact": _("Who may write to me?")}
        widgets: ClassVar = {"contact": forms.RadioSelect}
        help_texts: ClassVar = {"contact": _("Through this site. Nobody sees your address.")}
