"""The forms of follow-up: the questions of the pack, the plan, a change at work."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from alumni import vocabulary
from alumni.followup.survey import Question, survey
from alumni.forms import BLANK
from alumni.models import ActionPlan, Change, PlanStep, Profile, Project

MOST_COLLEAGUES = 9999
LONGEST_WORDS = 1000
STEPS = 4


class SurveyForm(forms.Form):
    """The pack's questions, the first one required. What is not meant for an answer is not kept."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, *others = survey().questions
        order = [answer.code for answer in first.answers]
        self.fields[first.code] = _field(first, required=True)
        for question in others:
            self.fields[question.code] = _field(question, required=False)
            # By place, not by code: the style sheet knows no pack.
            places = [str(order.index(code) + 1) for code in question.after]
            self.fields[question.code].after = " ".join(places)  # type: ignore[attr-defined]

    @property
    def first(self) -> forms.BoundField:
        """The question that stands in the mail."""
        return self[survey().questions[0].code]

    @property
    def others(self) -> list[forms.BoundField]:
        """All further questions."""
        return [self[question.code] for question in survey().questions[1:]]

    def answers(self) -> tuple[str, dict[str, Any]]:
        """The first answer, and the others by question."""
        others = dict(self.cleaned_data)
        return others.pop(survey().questions[0].code), others


class PlanForm(forms.ModelForm):
    """The goal, and how far it is."""

    class Meta:
        model = ActionPlan
        fields = ("goal", "rating", "blocker")
        widgets: ClassVar = {
            "goal": forms.Textarea(attrs={"rows": 3}),
            "blocker": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dash(self, "rating")


class StepForm(forms.ModelForm):
    """One step; one without words is taken out."""

    class Meta:
        model = PlanStep
        fields = ("text", "due_on", "is_done")
        widgets: ClassVar = {"due_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = False


StepFormSet = forms.modelformset_factory(PlanStep, StepForm, extra=STEPS, max_num=8)


class CourseField(forms.ModelChoiceField):
    """One of the own courses."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.run)


class ChangeForm(forms.ModelForm):
    """Something that is different at work."""

    class Meta:
        model = Change
        fields = ("kind", "text", "enrolment", "where", "happened_on", "evidence", "use")
        field_classes: ClassVar = {"enrolment": CourseField}
        widgets: ClassVar = {
            "text": forms.Textarea(attrs={"rows": 5}),
            "happened_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "use": forms.RadioSelect,
        }

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dash(self, "kind")
        courses = self.fields["enrolment"]
        assert isinstance(courses, CourseField)  # noqa: S101
        courses.queryset = profile.enrolments.taken_up().select_related("run__course")
        courses.empty_label = _("no course in particular")
        use = self.fields["use"]
        assert isinstance(use, forms.TypedChoiceField)  # noqa: S101
        use.choices = list(readers().items())


def readers() -> dict[str, str]:
    """Who may read of a change, in words; a network without donors names none."""
    named = {code: str(label) for code, label in Change.Use.choices}
    if not Project.objects.exclude(donor={}).exists():
        named[Change.Use.UNNAMED] = str(
            _("Readers of the centre's reports, without my name, institution or country")
        )
    return named


def _dash(form: forms.ModelForm, name: str) -> None:
    """Nothing chosen is one dash, not Django's nine."""
    field = form.fields[name]
    assert isinstance(field, forms.TypedChoiceField)  # noqa: S101
    _dashes, *choices = field.widget.choices
    field.choices = [BLANK, *choices]


def _field(question: Question, *, required: bool) -> forms.Field:
    pack, language = settings.PACK, vocabulary.language_now()
    named: dict[str, Any] = {
        "label": pack.name_of(question.titles, language),
        "required": required,
    }
    choices = [(one.code, pack.name_of(one.names, language)) for one in question.answers]
    if question.kind == "one":
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **named)
    if question.kind == "many":
        return forms.MultipleChoiceField(
            choices=choices, widget=forms.CheckboxSelectMultiple, **named
        )
    if question.kind == "number":
        return forms.IntegerField(min_value=0, max_value=MOST_COLLEAGUES, **named)
    return forms.CharField(
        max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 3}), **named
    )
