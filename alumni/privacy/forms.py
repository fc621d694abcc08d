"""What a member types before everything is erased."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext


class EraseForm(forms.Form):
    """One word, typed by hand: nobody erases a life's network by a slip of the finger."""

    word = forms.CharField(
        label=_("Type the word"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_word(self) -> str:
        """The word of the page's language, in capital or small letters."""
        word: str = self.cleaned_data["word"].strip()
        if word.casefold() != word_to_type().casefold():
            raise ValidationError(
                _("Type “%(word)s” to go on, or close the page."), params={"word": word_to_type()}
            )
        return word


def word_to_type() -> str:
    """In the language of the moment."""
    return pgettext("the word one types to erase everything", "erase")
