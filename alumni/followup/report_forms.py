"""What is asked before a report is made, and before a link to one."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Max
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from alumni.followup import reports
from alumni.models import CourseRun, Project, ProjectReport


class ReportForm(forms.ModelForm):
    """Which project, and the courses of which time; all so far where nothing is said."""

    class Meta:
        model = ProjectReport
        fields = ("project", "starts_on", "ends_on")
        widgets: ClassVar = {
            "starts_on": forms.DateInput(attrs={"type": "date"}),
            "ends_on": forms.DateInput(attrs={"type": "date"}),
        }
        help_texts: ClassVar = {
            "starts_on": _("Courses that ended on this day or later. Empty: from the first one."),
            "ends_on": _("Courses that ended on this day or before. Empty: until today."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].required = self.fields["ends_on"].required = False
        self.fields["project"].initial = _newest()

    def clean(self) -> dict[str, Any]:
        """An empty day is filled in: the report says which one it was."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if "ends_on" in said and said["ends_on"] is None:
            said["ends_on"] = timezone.localdate()
        if "starts_on" in said and said["starts_on"] is None and said.get("ends_on"):
            runs = CourseRun.objects.filter(
                project=said.get("project"), ends_on__lte=said["ends_on"]
            )
            first = runs.order_by("ends_on").values_list("ends_on", flat=True).first()
            said["starts_on"] = first or said["ends_on"]
        return said


class LinkForm(forms.Form):
    """For whom a link is, and how long it lives."""

    note = forms.CharField(
        label=_("For whom"),
        max_length=120,
        help_text=_("Stands here beside the link. Whoever opens the link does not read it."),
    )
    days = forms.IntegerField(
        label=_("Days it lives"),
        min_value=1,
        max_value=reports.LONGEST.days,
        initial=30,
        help_text=format_lazy(
            _("After them the link leads nowhere any more; {days} at most."),
            days=reports.LONGEST.days,
        ),
    )


def _newest() -> Project | None:
    """The project of the course that ended last: the one that is reported on next."""
    ended = Project.objects.filter(runs__ends_on__lte=timezone.localdate())
    return ended.annotate(ended=Max("runs__ends_on")).order_by("-ended", "pk").first()
