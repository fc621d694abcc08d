"""What staff are asked before they hide people, stop mail, or take a list out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from alumni import vocabulary
from alumni.choosers import person_chooser
from alumni.models import CourseRun, Enrolment, Position, Profile
from alumni.privacy.lists import COLUMNS


class HidingForm(forms.Form):
    """Whom staff hide: one person, everyone of an institution, or everyone of a country."""

    profile = forms.ModelChoiceField(
        Profile.objects.all(),
        required=False,
        label=_("One person"),
        widget=person_chooser.widget_class,
    )
    institution = forms.CharField(
        label=_("Everyone of this institution"),
        max_length=200,
        required=False,
        help_text=_("As it is written with the people; now, at a course, or before."),
        widget=forms.TextInput(attrs={"list": "institutions", "autocomplete": "off"}),
    )
    country = forms.ChoiceField(label=_("Everyone of this country"), required=False)
    why = forms.CharField(
        label=_("Why"),
        max_length=300,
        help_text=_("Kept with the hiding; the people concerned can read it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["country"]
        field.choices = [("", "—"), *vocabulary.countries()]

    def clean(self) -> dict[str, Any]:
        """One of the three, and one only."""
        cleaned = super().clean() or {}
        chosen = [name for name in ("profile", "institution", "country") if cleaned.get(name)]
        if len(chosen) != 1:
            raise ValidationError(_("Choose one: a person, an institution or a country."))
        if chosen == ["institution"] and not institutions(cleaned["institution"]):
            raise ValidationError(_("Nobody is of this institution. Choose one of the list."))
        return cleaned


def institutions(name: str = "") -> list[str]:
    """Those that people are of, or were of before, in alphabetical order."""
    found: set[str] = set()
    for rows in (Profile.objects.all(), Enrolment.objects.all(), Position.objects.all()):
        if name:
            rows = rows.filter(institution__iexact=name.strip())
        found |= set(rows.values_list("institution", flat=True))
    return sorted(found - {""}, key=vocabulary.sort_key)


class StopForm(forms.Form):
    """They wrote to us: please stop."""

    address = forms.CharField(label=_("E-mail address"), max_length=254, required=False)
    profile = forms.ModelChoiceField(
        Profile.objects.all(),
        required=False,
        label=_("or the person"),
        widget=person_chooser.widget_class,
    )
    how = forms.CharField(
        label=_("How they asked"),
        max_length=200,
        help_text=_("For example: letter of 3 May; call, spoke with Mariam."),
    )

    def clean(self) -> dict[str, Any]:
        """Either of the two."""
        cleaned = super().clean() or {}
        if bool(cleaned.get("address")) == bool(cleaned.get("profile")):
            raise ValidationError(_("Write the address, or choose the person."))
        return cleaned


class RequestForm(StopForm):
    """They wrote to us, or called: what about their data."""

    class Request(TextChoices):
        TAKE = "take", _("Give me everything you keep about me")
        ERASE = "erase", _("Erase everything about me")
        RETURN = "return", _("You erased me once: let me come back")

    request = forms.ChoiceField(
        label=_("What they ask for"), choices=Request.choices, widget=forms.RadioSelect
    )
    name = forms.CharField(
        label=_("Name, as on the list"),
        max_length=200,
        required=False,
        help_text=_("Only for somebody who comes back: lists are compared by name, too."),
    )
    checked = forms.CharField(
        label=_("How you made sure who asked"),
        max_length=200,
        min_length=8,
        help_text=_(
            "For example: signature compared with the nomination; called back at the number of "
            "the nomination. This and the line above stay on record for three years: write no "
            "name in them."
        ),
    )
    field_order = ["request", "address", "profile", "name", "how", "checked"]

    def clean(self) -> dict[str, Any]:
        """Who comes back is nobody here: by address alone."""
        cleaned = super().clean()
        if cleaned.get("request") == self.Request.RETURN and cleaned.get("profile"):
            raise ValidationError(_("Write the address of the person who comes back."))
        return cleaned

    def held(self) -> RequestForm:
        """The same answers, for the second step, out of sight."""
        for field in self.fields.values():
            field.widget = forms.HiddenInput()
        return self


class ListForm(forms.Form):
    """Which columns of which people leave the house, and what for."""

    run = forms.ModelChoiceField(
        CourseRun.objects.all(),
        required=False,
        label=_("Of this course run"),
        empty_label=_("everyone"),
    )
    columns = forms.MultipleChoiceField(
        label=_("Columns"),
        choices=[(name, column.label) for name, column in COLUMNS.items()],
        initial=["given_name", "family_name", "country"],
        widget=forms.CheckboxSelectMultiple,
    )
    purpose = forms.CharField(
        label=_("What for"),
        max_length=200,
        min_length=8,
        help_text=_("Kept with your name. Everyone on the list can read it."),
    )


class SettleForm(forms.Form):
    """What was done about a reported conversation."""

    outcome = forms.CharField(label=_("What was done"), max_length=300)
