"""What colleagues fill in about somebody on no list: who it is, the check, a second word."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alumni.forms import languages_field
from alumni.models import Vouching

WHO = ("given_name", "family_name", "country", "role", "institution", "institution_type", "post")
REACHED = ("address", "phone", "languages", "completion")
CHECK = ("how", "answered_by", "checked_on", "said")


class ProposalForm(forms.ModelForm):
    """The person, and the check that was made outside e-mail."""

    languages = languages_field(label=_("Languages"))

    class Meta:
        model = Vouching
        fields = (*WHO, *REACHED, *CHECK)
        help_texts: ClassVar = {
            "phone": _("With + and the number of the country. It is the one that will be called."),
            "role": _("Decides who may find this person until he or she has chosen."),
            "how": _(
                "By a number or a way that you found yourself: not one that stood in a mail, and "
                "not by mail. Whoever reads somebody’s mailbox answers every mail sent to it."
            ),
            "answered_by": _("Name and post. The person proposed does not read this."),
            "said": _(
                "What shows that the person is known there and took part. It is kept with your "
                "name, and the person can read it."
            ),
        }
        widgets: ClassVar = {
            "how": forms.RadioSelect,
            "address": forms.EmailInput(attrs={"dir": "ltr"}),
            "phone": forms.TextInput(attrs={"dir": "ltr"}),
            "checked_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "said": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        how: Any = self.fields["how"]
        how.choices = Vouching.How.choices  # without a line that says “nothing”
        self.fields["said"].min_length = 8  # type: ignore[attr-defined]

    def clean_checked_on(self) -> Any:
        """A check that is still to be made is none."""
        day = self.cleaned_data["checked_on"]
        if day > timezone.localdate():
            raise ValidationError(_("This day is still to come. Make the check first."))
        return day

    def clean(self) -> dict[str, Any]:
        """A name, and a way to reach the person."""
        cleaned = super().clean() or {}
        if not cleaned.get("given_name") and not cleaned.get("family_name"):
            self.add_error("family_name", _("Write the name."))
        unread = {"address", "phone"} & self.errors.keys()
        if not unread and not cleaned.get("address") and not cleaned.get("phone"):
            self.add_error("address", _("Write an address, or a number to call."))
        return cleaned

    def parts(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [
            (_("Who it is"), [self[name] for name in WHO]),
            (_("How the centre reaches this person"), [self[name] for name in REACHED]),
            (_("The check, made outside e-mail"), [self[name] for name in CHECK]),
        ]


class SecondLookForm(forms.Form):
    """The other colleague's word, or why not."""

    word = forms.CharField(
        label=_("What you did yourself, or why not"),
        max_length=500,
        min_length=8,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "For example: called the same office; was in the course and remember this person; "
            "read the letter. It is kept with your name."
        ),
    )
