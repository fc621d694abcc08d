"""A roster comes in: the course, the file, an empty one to fill; and the lists that still wait."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from alumni import roster
from alumni.models import CourseRun, RosterUpload
from alumni.roster.columns import leave_no_doubt
from alumni.roster.forms import FileForm
from alumni.roster.screens import Screen, bring_on, next_to_mend, on
from alumni.roster.template import CSV_TYPE, XLSX_TYPE, as_csv, as_xlsx
from alumni.roster.terms import offered


class Start(Screen):
    """Which course and which file; and what still waits."""

    template_name = "alumni/roster_start.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = RosterUpload.objects.current().filter(owner=self.officer)
        # A link may name the course.
        asked_for = self.request.GET.get("run", "").replace("\0", "")
        context = {
            "form": FileForm(initial={"run": CourseRun.objects.filter(slug=asked_for).first()}),
            "terms": offered(),
            "waiting": waiting.select_related("run__course"),
            "has_sample": sample() is not None,
        }
        return super().get_context_data(**context | kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Put the rows aside; nothing is imported yet.

        What its columns hold is asked where a heading leaves it open.
        """
        form = FileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.again(form=form)
        file = form.cleaned_data["file"]
        try:
            upload = roster.hold(form.cleaned_data["run"], file, name=file.name, by=self.officer)
        except roster.UnreadableRoster as refused:
            form.add_error("file", str(refused))
            return self.again(form=form)
        taken = roster.columns_of(upload)
        if not leave_no_doubt(upload.headings, taken):
            return redirect("rosters:columns", upload.key)
        roster.name_columns(upload, taken, by=self.officer)
        bring_on(upload)
        return on(upload, next_to_mend(upload))


class Template(Screen):
    """An empty roster with the headings we know, in the language of the one who asks."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        is_csv = kwargs["kind"] == "csv"
        return HttpResponse(
            as_csv() if is_csv else as_xlsx(),
            content_type=CSV_TYPE if is_csv else XLSX_TYPE,
            headers={"Content-Disposition": f'attachment; filename="roster.{kwargs["kind"]}"'},
        )


class Sample(Screen):
    """The invented list of a demonstration; anywhere else there is none."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        file = sample()
        if file is None:
            raise Http404
        found = file.read_bytes()
        charset = "utf-16" if found.startswith(codecs.BOM_UTF16) else "utf-8"
        return HttpResponse(
            found,
            content_type=f"text/csv; charset={charset}",
            headers={"Content-Disposition": f'attachment; filename="{file.name}"'},
        )


def sample() -> Path | None:
    """The file to try the import with."""
    return settings.PACK.sample_roster if getattr(settings, "DEMO", False) else None
