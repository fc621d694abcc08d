"""What colleagues fill in about readers: whom they look for, why a list leaves, which table."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from newsletters.models import Newsletter
from newsletters.readers import STATES, Wanted

CSV, XLSX = "csv", "xlsx"


def languages() -> list[tuple[str, str]]:
    """The languages of the site as choices, in the language of the moment."""
    return [
        (code, str(get_language_info(code)["name_translated"])) for code, _n in settings.LANGUAGES
    ]


class FindForm(forms.Form):
    """Whom a colleague looks for."""

    words = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=254,
        help_text=_("The whole address or a part of it."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    state = forms.ChoiceField(label=_("State"), required=False)
    newsletter = forms.ModelChoiceField(
        Newsletter.objects.prefetch_related("wordings").order_by("pk"),
        label=_("Newsletter"),
        required=False,
        empty_label=_("any"),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", _("any")), *STATES.items()]  # type: ignore[attr-defined]
        self.fields["language"].choices = [("", _("any")), *languages()]  # type: ignore[attr-defined]

    @property
    def wanted(self) -> Wanted:
        """What was asked for: everybody where nothing was. ValueError for what is not valid."""
        if not self.is_bound:
            return Wanted()
        if not self.is_valid():
            raise ValueError("Nobody knows whom an invalid form looks for.")
        chosen: Newsletter | None = self.cleaned_data["newsletter"]
        return Wanted(
            words=self.cleaned_data["words"],
            state=self.cleaned_data["state"],
            newsletter=chosen.pk if chosen else None,
            language=self.cleaned_data["language"],
        )


class TakeOutForm(forms.Form):
    """What for a list leaves, and as which kind of file."""

    purpose = forms.CharField(
        label=_("What is the list for?"),
        max_length=200,
        help_text=_("Everyone on the list can read this sentence, with your name."),
    )
    kind = forms.ChoiceField(
        label=_("Kind of file"),
        choices=[(CSV, _("text table (CSV)")), (XLSX, _("Excel workbook (XLSX)"))],
        help_text=_("A text table opens in every program and may be of any length."),
    )


class WhyForm(forms.Form):
    """Whose mail a colleague asks about."""

    address = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The whole address, as the person wrote it to us."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "type": "email"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """An empty one has the keyboard; beside an answer, the answer is what comes first."""
        super().__init__(*args, **kwargs)
        if not (self.is_bound or self.initial):
            self.fields["address"].widget.attrs["autofocus"] = True


class BringInForm(forms.Form):
    """A table of readers, and what holds where it says nothing."""

    file = forms.FileField(
        label=_("Table"),
        help_text=_(
            "A text table (CSV) or an Excel workbook (XLSX). The first row names the columns."
        ),
    )
    newsletter = forms.ModelChoiceField(
        Newsletter.objects.prefetch_related("wordings").order_by("pk"),
        label=_("Newsletter"),
        empty_label=None,
        help_text=_("For every row that names no newsletter of its own."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("For every row that names no language of its own."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = languages()  # type: ignore[attr-defined]
