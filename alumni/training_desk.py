"""The screens of what is taught: programmes, projects, courses and their runs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.admin.views.generic import CopyView

from alumni.admin_forms import RunForm
from alumni.models import Course, CourseRun, Programme, Project
from alumni.viewsets import GuardedViewSet


class RunCopyView(CopyView):
    """A run like another one, as yet without people: its short name is free."""

    def get_initial_form_instance(self) -> CourseRun:
        """What both have in common."""
        run: CourseRun = super().get_initial_form_instance()
        run.pk = None
        return run


class RunViewSet(GuardedViewSet):
    """Each time a course was held."""

    model = CourseRun
    copy_view_class = RunCopyView
    name = "course_runs"
    icon = "calendar"
    menu_label = _("Course runs")
    joined = ("course", "project")
    list_display = ["course", "slug", "starts_on", "ends_on", "project"]
    list_filter = ["course", "project"]
    search_fields = ["slug"]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("course"), FieldPanel("project")]),
            FieldPanel("slug"),
            FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
            FieldPanel("place"),
            FieldRowPanel([FieldPanel("country"), FieldPanel("format")]),
            FieldPanel("languages"),
            FieldPanel("partners"),
        ],
        base_form_class=RunForm,
    )


class CourseViewSet(GuardedViewSet):
    """Curricula with their modules."""

    model = Course
    name = "courses"
    icon = "doc-full-inverse"
    menu_label = _("Courses")
    joined = ("programme",)
    list_display = ["title", "slug", "programme"]
    search_fields = ["slug", "title"]
    panels = [
        FieldPanel("title"),
        FieldPanel("slug"),
        FieldPanel("programme"),
        FieldPanel("description"),
        InlinePanel(
            "modules",
            panels=[FieldPanel("title"), FieldPanel("text")],
            label=_("Module"),
            heading=_("Modules"),
            help_text=_("In the order in which they are taught."),
        ),
    ]


class ProjectViewSet(GuardedViewSet):
    """Funded interventions, their donors and the lines they ask for."""

    model = Project
    name = "projects"
    icon = "clipboard-list"
    menu_label = _("Projects")
    joined = ("programme",)
    list_display = ["title", "slug", "donor", "starts_on", "ends_on"]
    search_fields = ["slug", "title"]
    panels = [
        FieldPanel("title"),
        FieldPanel("slug"),
        FieldPanel("programme"),
        MultiFieldPanel(
            [
                FieldPanel("donor"),
                FieldPanel("administering_partner"),
                FieldPanel("acknowledgement"),
            ],
            heading=_("Donor"),
        ),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
    ]


class ProgrammeViewSet(GuardedViewSet):
    """Thematic lines."""

    model = Programme
    name = "programmes"
    icon = "folder-open-inverse"
    menu_label = _("Programmes")
    list_display = ["title", "slug"]
    search_fields = ["slug", "title"]
    panels = [FieldPanel("title"), FieldPanel("slug"), FieldPanel("description")]
