"""Forms of the editors' side: what staff enter about people and runs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from alumni.forms import expertise_field, languages_field
from alumni.models import Profile, User
from alumni.privacy import forgotten
from alumni.roster.entrants import name_key
from newsletters.addresses import normalise


class UserByAddress(forms.ModelChoiceField):
    """A user, named by the address: a list of everyone who can sign in is nobody's business."""

    widget = forms.EmailInput
    default_error_messages = {
        "invalid_choice": _(
            "Nobody signs in with this address. Create the user first, under Settings."
        )
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.all(), to_field_name="email", **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """The address of the user that the form was opened with."""
        if isinstance(value, int):
            return User.objects.filter(pk=value).values_list("email", flat=True).first()
        return super().prepare_value(value)

    def to_python(self, value: Any) -> User | None:
        """The user at this address, however it was typed."""
        return super().to_python(value.strip().lower() if isinstance(value, str) else value)


class PersonForm(WagtailAdminModelForm):
    """A person as staff keep him or her until the person has joined."""

    user = UserByAddress(
        required=False,
        label=_("Signs in as"),
        help_text=_(
            "The address this person signs in with. Link it only when you are sure who it is: the "
            "person can then join and keep this profile."
        ),
    )
    languages = languages_field(label=_("Languages"))
    expertise = expertise_field(label=_("Expertise"))

    def clean(self) -> dict[str, Any]:
        """Nobody who asked to be erased is brought back by hand, unless he or she asked for it."""
        cleaned: dict[str, Any] = super().clean()
        name = f"{cleaned.get('given_name', '')} {cleaned.get('family_name', '')}"
        if "address" in self.changed_data and forgotten.is_remembered(
            name_key=name_key(name), address=_comparable(cleaned.get("address", ""))
        ):
            self.add_error(
                "address",
                _(
                    "Whoever is reached at this address asked to be erased. If the person has "
                    "asked to come back, enter that first under People’s rights, “They wrote to "
                    "us”."
                ),
            )
        return cleaned

    def clean_user(self) -> User | None:
        """One user is one person."""
        user: User | None = self.cleaned_data["user"]
        taken = Profile.objects.filter(user=user).exclude(pk=self.instance.pk)
        if user is not None and taken.exists():
            raise forms.ValidationError(_("Another person signs in with this address already."))
        return user


class RunForm(WagtailAdminModelForm):
    """A course run, with its languages in order.

    Its short name stays once it has people: questions that were asked are remembered by it.
    """

    languages = languages_field(label=_("Languages of work and interpretation"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields and self.instance.pk and self.instance.enrolments.exists():
            self.fields["slug"].disabled = True
            self.fields["slug"].help_text = _("It stays as it is: the course has people.")


def _comparable(address: str) -> str:
    """As the model will keep it; what is no address is the model's to refuse."""
    try:
        return normalise(address)
    except forms.ValidationError:
        return address
