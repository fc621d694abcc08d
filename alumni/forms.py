"""What people fill in: joining, the own profile, who may find me."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from alumni import vocabulary
from alumni.models import Profile
from alumni.profiles import KEPT_BY_THE_MEMBER, Visibility
from alumni.visibility import Tier
from newsletters.models import Frequency, Newsletter

BLANK = ("", "—")


class InOrderWidget(forms.MultiWidget):
    """Several selects, the first choice first."""

    use_fieldset = True

    def __init__(self, selects: list[forms.Select]) -> None:
        super().__init__(selects)

    def decompress(self, value: Any) -> list[str]:
        return list(value or [])


class InOrderField(forms.MultiValueField):
    """Choices in order of preference; gaps and repetitions are closed."""

    def __init__(self, *, labels: list[Any], choices: Any, **kwargs: Any) -> None:
        selects = [forms.Select(attrs={"aria-label": label}) for label in labels]
        fields = [
            forms.ChoiceField(choices=choices, required=False, widget=select) for select in selects
        ]
        # Each field copies the select that it is given and keeps the copy's choices in step.
        widget = InOrderWidget([field.widget for field in fields])
        super().__init__(fields, widget=widget, required=False, require_all_fields=False, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != self.compress(list(data or []))

    def compress(self, values: list[str]) -> list[str]:
        return [code for code in dict.fromkeys(values) if code]


def languages_field(**kwargs: Any) -> InOrderField:
    """Three languages, best first."""
    return InOrderField(
        labels=[_("First language"), _("Second language"), _("Third language")],
        choices=lambda: [BLANK, *vocabulary.spoken_languages()],
        help_text=_("The best one first."),
        **kwargs,
    )


def expertise_field(**kwargs: Any) -> forms.MultipleChoiceField:
    """The pack's topics as a list to tick."""
    return forms.MultipleChoiceField(
        choices=vocabulary.topics_in_groups,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        **kwargs,
    )


class ProfileForm(forms.ModelForm):
    """The own profile. What the form holds is never lost on a mistake; who sees it is elsewhere."""

    languages = languages_field(label=_("Languages I work in"))
    expertise = expertise_field(label=_("What others may ask me about"))

    class Meta:
        model = Profile
        fields = KEPT_BY_THE_MEMBER
        labels: ClassVar = {
            "given_name": _("Given name"),
            "family_name": _("Family name"),
            "gender": _("Gender"),
            "country": _("Country I work in"),
            "role": _("My work"),
            "institution": _("Institution"),
            "institution_type": _("Kind of institution"),
            "post": _("Post"),
            "biography": _("About me"),
        }
        help_texts: ClassVar = {
            "role": _("Only the centre sees it."),
            "gender": _(
                "You need not answer. It is used in the count of women and men trained, "
                "nowhere else."
            ),
            "institution": _("Where you work now. Your course keeps where you worked then."),
            "post": "",
            "biography": _("A few sentences on what you do and what you have learned."),
        }
        widgets: ClassVar = {"biography": forms.Textarea(attrs={"rows": 6})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if type(field) is forms.TypedChoiceField:
                _all_dashes, *choices = field.widget.choices
                field.choices = [BLANK, *choices]

    def clean(self) -> dict[str, Any]:
        """Someone without any name could not be told from others."""
        cleaned = super().clean() or {}
        if not cleaned.get("given_name") and not cleaned.get("family_name"):
            self.add_error("family_name", _("Write at least one name."))
        return cleaned

    def changes(self) -> dict[str, object]:
        """What the person changed, by field."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class VisibilityForm(forms.Form):
    """Who may find me. Nothing is ticked for anyone, and nothing ticked means nobody."""

    tier = forms.ChoiceField(
        label=_("Who may find me?"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            (
                Tier.PROTECTED,
                _(
                    "Nobody. Only people of my course see that I took part: my initials, my "
                    "region, the kind of my institution."
                ),
            ),
            (
                Tier.COHORT,
                _("People of my course. They see my profile with my institution and post."),
            ),
            (
                Tier.NETWORK,
                _(
                    "Every member of the network. People of other courses see my profile without "
                    "my institution and post."
                ),
            ),
        ],
    )
    shows_initials = forms.BooleanField(
        label=_("Show my initials instead of my name."), required=False
    )
    shares_institution = forms.BooleanField(
        label=_("Show my institution and post to members of other courses, too."),
        required=False,
        help_text=_("Counts when every member of the network may find you."),
    )

    def chosen(self) -> Visibility:
        """The choice as the profile's verbs take it."""
        return Visibility(
            tier=Tier(self.cleaned_data["tier"] or Tier.PROTECTED),
            shows_initials=self.cleaned_data["shows_initials"],
            shares_institution=self.cleaned_data["shares_institution"],
        )


class JoinForm(VisibilityForm):
    """The last step of joining: agree, and say who may find me."""

    agrees = forms.BooleanField(
        error_messages={"required": _("Tick this sentence to join, or close the page.")}
    )

    def __init__(self, *args: Any, sentence: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agrees"].label = sentence
        self.order_fields(["agrees"])


class NewsletterForm(forms.Form):
    """One more newsletter for a member; of a single one only the rhythm is asked."""

    newsletter = forms.ModelChoiceField(
        Newsletter.objects.none(), to_field_name="slug", label=_("Newsletter"), empty_label=None
    )
    frequency = forms.ChoiceField(
        choices=[(Frequency.WEEKLY, _("every week")), (Frequency.MONTHLY, _("every month"))],
        label=_("How often"),
    )

    def __init__(self, *args: Any, offered: QuerySet[Newsletter], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = list(offered)
        choice = cast(forms.ModelChoiceField, self.fields["newsletter"])
        choice.queryset = offered
        if len(self.offered) == 1:
            choice.widget = forms.HiddenInput()
            self.initial["newsletter"] = self.offered[0].slug
