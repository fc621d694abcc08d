"""Reports of projects: made and shared on the editors' side, read by whoever has a link."""

from __future__ import annotations

import csv
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from django.views.generic import DetailView, ListView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from alumni.followup import readings, report_table, reports
from alumni.followup.report_forms import LinkForm, ReportForm
from alumni.models import Project, ProjectReport, ReportLink, User
from alumni.vocabulary import language_now
from newsletters.link_views import private
from newsletters.spreadsheets.safe import formula_safe

JUST_MADE = "link to a report, just made"
"""In the session, from the press of the button until the page that follows has shown it."""


@private
@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The report behind a link, in the language of the address; print it as two pages."""
    report = reports.opened_by(token)
    if report is None:
        return _nowhere(request)
    context = {
        "report": readings.read(report, language_now()),
        "csv": reverse("reports:csv", args=[token]),
    }
    return render(request, "alumni/report.html", context)


@private
@require_safe
def shared_csv(request: HttpRequest, token: str) -> HttpResponse:
    """The same figures as a table."""
    report = reports.opened_by(token)
    return _nowhere(request) if report is None else _csv(report)


def _nowhere(request: HttpRequest) -> HttpResponse:
    """For a donor, not for a reader of newsletters: the same for every address that opens none."""
    return render(request, "alumni/dead_link.html", status=404)


def _csv(report: ProjectReport) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="report-{report.project.slug}.csv"'
    answer.write("\ufeff")  # spreadsheets guess another encoding without it
    lines = csv.writer(answer)
    for row in report_table.rows(readings.read(report, language_now())):
        lines.writerow([formula_safe(cell) for cell in row])
    return answer


class Screen(PermissionRequiredMixin, WagtailAdminTemplateMixin):
    """A screen of reports, for staff who look after people."""

    permission_required = "alumni.view_profile"
    header_icon = "clipboard-list"
    _show_breadcrumbs = True


class Reports(Screen, ListView):
    """What was made, and the form that makes another."""

    queryset = ProjectReport.objects.select_related("project")
    paginate_by = 20
    template_name = "alumni/admin/reports.html"
    page_title = _("Project reports")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", ReportForm())
        return super().get_context_data(**kwargs) | {"projects": Project.objects.exists()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ReportForm(request.POST)
        if not form.is_valid():
            self.object_list = self.get_queryset()
            return self.render_to_response(self.get_context_data(form=form), status=422)
        made = reports.make(by=_user(request), **form.cleaned_data)
        return redirect("report", made.key)


class Report(Screen, DetailView):
    """One report as others read it, its links, and the form for another link."""

    queryset = ProjectReport.objects.select_related("project")
    slug_field = slug_url_kwarg = "key"
    template_name = "alumni/admin/report.html"

    def get_page_title(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("reports"), "label": Reports.page_title}
        return [*self.breadcrumbs_items, above, {"url": "", "label": str(self.object)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", LinkForm())
        links: QuerySet[ReportLink] = self.object.links.select_related("made_by")
        live = set(links.live().values_list("pk", flat=True))  # type: ignore[attr-defined]
        return super().get_context_data(**kwargs) | {
            "report": readings.read(self.object, language_now()),
            "links": [(link, link.pk in live) for link in links],
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The report; once, with the address of the link that was made just before."""
        self.object = self.get_object()
        key, address = request.session.pop(JUST_MADE, ("", ""))
        shown = {"address": address} if key == self.object.key else {}
        return self.render_to_response(self.get_context_data(**shown))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Make a link, whose address is shown this once."""
        self.object = self.get_object()
        form = LinkForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        _link, token = reports.share(report=self.object, by=_user(request), **form.cleaned_data)
        address = settings.SITE_URL + reverse("reports:shared", args=[token])
        request.session[JUST_MADE] = [self.object.key, address]
        return redirect("report", self.object.key)


class EndingLink(Screen, DetailView):
    """What cannot be undone is asked first: GET asks, POST ends the link. Safe to do again."""

    template_name = "alumni/admin/end_link.html"
    page_title = _("End this link")

    def get_queryset(self) -> QuerySet[ReportLink]:
        return ReportLink.objects.filter(report__key=self.kwargs["key"]).select_related(
            "report__project"
        )

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        report = self.object.report
        above = [
            {"url": reverse("reports"), "label": Reports.page_title},
            {"url": reverse("report", args=[report.key]), "label": str(report)},
        ]
        return [*self.breadcrumbs_items, *above, {"url": "", "label": self.page_title}]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        reports.end(link=self.get_object(), by=_user(request))
        messages.success(request, gettext("The link is ended. It opens nothing any more."))
        return redirect("report", kwargs["key"])


@require_safe
def download(request: HttpRequest, key: str) -> HttpResponse:
    """The report as a table, for staff."""
    if not request.user.has_perm(Screen.permission_required):
        return _nowhere(request)
    return _csv(get_object_or_404(ProjectReport.objects.select_related("project"), key=key))


def _user(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
