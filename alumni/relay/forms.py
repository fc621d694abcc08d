"""What a member fills in to write, and to report."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from alumni.relay.contact import LONGEST


class MessageForm(forms.Form):
    """A message; what was typed is never lost on a mistake."""

    text = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": _("Write something first.")},
    )


class ReportForm(forms.Form):
    """What is wrong, and whether to block as well."""

    why = forms.CharField(
        label=_("What is wrong?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    block = forms.BooleanField(
        label=_("Block this person as well, who is not told."), required=False
    )
