"""Forms of the roster import: the file, what its columns hold, and the cells to be mended."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from alumni import vocabulary
from alumni.models import CourseRun, RosterRow, RosterUpload
from alumni.roster import columns_of
from alumni.roster.columns import LABELS, NAMES, Column
from alumni.roster.entrants import Problem
from newsletters.spreadsheets.limits import MOST_BYTES


class FileForm(forms.Form):
    """Which course run, and the list of its people."""

    run = forms.ModelChoiceField(CourseRun.objects.none(), label=_("Course run"))
    file = forms.FileField(
        label=_("The list"),
        help_text=_("CSV or Excel (.xlsx), up to 20 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Made anew with each form: a queryset keeps what it once found.
        cast(
            "forms.ModelChoiceField[CourseRun]", self.fields["run"]
        ).queryset = CourseRun.objects.all()

    def clean_file(self) -> Any:
        """Refused before a byte of it is looked at."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("The file is larger than 20 MB. Split it into parts and import each.")
            )
        return file


class ColumnsForm(forms.Form):
    """What each column holds; nothing may be held twice, and a name somewhere."""

    def __init__(self, *args: Any, upload: RosterUpload, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("not imported"))]
        choices += [(column.name, label) for column, label in LABELS.items()]
        found = columns_of(upload)
        for number, (heading, column) in enumerate(zip(upload.headings, found, strict=True)):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=heading or _("Column %(number)d") % {"number": number + 1},
                choices=choices,
                initial=column.name if column else "",
                required=False,
            )

    @property
    def columns(self) -> list[Column | None]:
        """As they were chosen, in the order of the file."""
        return [Column[name] if name else None for name in self.cleaned_data.values()]

    def clean(self) -> dict[str, Any]:
        """One column for each thing."""
        chosen = [name for name in self.cleaned_data.values() if name]
        twice = [LABELS[column] for column in Column if chosen.count(column.name) > 1]
        if twice:
            self.add_error(
                None,
                _("Two columns are taken for the same: %(what)s. Keep one of them.")
                % {"what": vocabulary.listed(twice)},
            )
        elif not {*NAMES} & {Column[name] for name in chosen}:
            self.add_error(None, _("Say which column holds the names."))
        return self.cleaned_data


class MendForm(forms.Form):
    """The cells of one row in which something is to be mended."""

    def __init__(self, *args: Any, upload: RosterUpload, row: RosterRow, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        # Of a row with cells too many all are asked for, and its day may be right.
        asks_for_all = row.needs == Problem.SURPLUS.value
        self.may_be_empty = Column.COMPLETED_ON.name in row.asked and not asks_for_all
        found = columns_of(upload)
        for number, column in enumerate(found):
            if column is None or column.name not in row.asked:
                continue
            self.fields[column.name] = forms.CharField(
                label=LABELS[column],
                required=False,
                max_length=2000,
                initial=row.cells[number] if number < len(row.cells) else "",
                widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
            )

    @property
    def mended(self) -> dict[Column, str]:
        """The cells as they are to be; a cell that was not sent stays as it is."""
        sent = {name: text for name, text in self.cleaned_data.items() if name in self.data}
        return {Column[name]: text for name, text in sent.items()}
