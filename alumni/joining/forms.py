"""What people fill in at the doors: a joining code, a call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from alumni.joining import slips
from alumni.models import Call
from newsletters.forms import AddressField


class SlipForm(forms.Form):
    """The code of a slip and an address of one's own; who is signed in needs no address."""

    code = forms.CharField(
        label=_("Your joining code"),
        max_length=80,
        help_text=_("Sixteen figures, as they stand on your card or as you were told."),
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "off",
                "dir": "ltr",
                "class": "slip-code",
            }
        ),
    )
    address = AddressField(
        help_text=_("One that only you read. We mail you a code to show that it is yours.")
    )

    def __init__(self, *args: Any, asks_address: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_address:
            del self.fields["address"]

    def clean_code(self) -> str:
        """The figures alone; a wrong number of them is as wrong as any other code."""
        return slips.figures(self.cleaned_data["code"])

    def refuse(self) -> None:
        """Wrong, used or too old: one sentence for all."""
        self.add_error(
            "code",
            _(
                "This code opens nothing (any more). Look at it again; "
                "if it is right, ask the centre for a new one."
            ),
        )


class MailboxForm(forms.Form):
    """Which of the own mailboxes gets the newsletters."""

    address = forms.ChoiceField(label=_("Mail my newsletters to"), widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, now: str, mailboxes: Iterable[str]) -> None:
        super().__init__(data, initial={"address": now}, auto_id="mailbox_%s")
        field = cast(forms.ChoiceField, self.fields["address"])
        field.choices = [(mailbox, mailbox) for mailbox in (now, *mailboxes)]


class CallForm(forms.Form):
    """How a call went."""

    result = forms.ChoiceField(
        label=_("How did it go?"), choices=Call.Result.choices, widget=forms.RadioSelect
    )


class CallListForm(forms.Form):
    """What a list that leaves the site is for."""

    purpose = forms.CharField(
        label=_("What is the list for?"),
        max_length=200,
        help_text=_("It is written down with your name."),
    )
