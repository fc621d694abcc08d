"""People and courses in Wagtail's admin, under one menu; each with its own permissions."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.base import ViewSetGroup

from alumni.admin_forms import PersonForm, RunForm
from alumni.certificates_desk import CertificateViewSet, OfTheRun, Revoking
from alumni.choosers import enrolment_chooser, person_chooser
from alumni.directory import desk as directory_desk
from alumni.followup import desk as followup_desk
from alumni.followup import report_views
from alumni.joining import desk as doors
from alumni.joining import vouching_desk
from alumni.models import Course, CourseRun, Enrolment, Profile, Programme, Project
from alumni.privacy import desk as privacy_desk
from alumni.roster.hooks import RosterViewSet
from alumni.viewsets import GuardedViewSet, NobodyByHand
from alumni.visibility import is_staff


class JoinedIndexView(IndexView):
    """A list whose rows name other rows: fetched with them, not one by one."""

    joined: tuple[str, ...] = ()

    def get_base_queryset(self) -> Any:
        """The rows with what they name."""
        return super().get_base_queryset().select_related(*self.joined)


class RunIndexView(JoinedIndexView):
    """Course runs, newest first."""

    joined = ("course", "project")


class EnrolmentIndexView(JoinedIndexView):
    """Who took part in what."""

    joined = ("profile", "run__course")


class CourseIndexView(JoinedIndexView):
    """Courses with their programme."""

    joined = ("programme",)


class PersonViewSet(GuardedViewSet):
    """Everyone on a roster or in the network."""

    model = Profile
    name = "people"
    icon = "user"
    menu_label = _("People")
    permission_policy = NobodyByHand(Profile)
    add_to_reference_index = False
    copy_view_enabled = False
    edit_view_class = privacy_desk.LoggedEditView
    delete_view_class = privacy_desk.RemovingView
    list_display = ["name", "country", "institution", "accepted_at"]
    list_filter = ["country", "role"]
    search_fields = ["given_name", "family_name", "institution", "address"]
    search_backend_name = None
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("given_name"), FieldPanel("family_name")]),
            MultiFieldPanel(
                [FieldPanel("address"), FieldPanel("phone"), FieldPanel("user")],
                heading=_("How the centre reaches this person"),
                help_text=_(
                    "Members never see this. Two people may share a mailbox: they stay two people."
                ),
            ),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("country"), FieldPanel("role")]),
                    FieldRowPanel([FieldPanel("institution"), FieldPanel("institution_type")]),
                    FieldPanel("post"),
                    FieldPanel("gender"),
                ],
                heading=_("Work"),
                help_text=_("As it is now. What it was at a course stands with the enrolment."),
            ),
            MultiFieldPanel(
                [FieldPanel("languages"), FieldPanel("expertise"), FieldPanel("biography")],
                heading=_("What others may ask this person about"),
            ),
            MultiFieldPanel(
                [FieldPanel("tier", read_only=True), FieldPanel("accepted_at", read_only=True)],
                heading=_("Who may find this person"),
                help_text=_("Chosen by the person alone. Until the person joins: staff alone."),
            ),
        ],
        base_form_class=PersonForm,
    )


class EnrolmentViewSet(GuardedViewSet):
    """Who took part in which run."""

    model = Enrolment
    name = "enrolments"
    icon = "list-ul"
    menu_label = _("Enrolments")
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = EnrolmentIndexView
    list_display = ["profile", "run", "role", "completion"]
    list_filter = ["run", "role", "completion"]
    search_fields = ["profile__given_name", "profile__family_name"]
    search_backend_name = None
    panels = [
        FieldPanel("profile"),
        FieldPanel("run"),
        FieldRowPanel([FieldPanel("role"), FieldPanel("completion"), FieldPanel("completed_on")]),
        MultiFieldPanel(
            [FieldPanel("institution"), FieldPanel("post"), FieldPanel("country")],
            heading=_("As it was then"),
            help_text=_("Stays as it is when the person changes post later."),
        ),
    ]


class RunViewSet(GuardedViewSet):
    """Each time a course was held."""

    model = CourseRun
    name = "course_runs"
    icon = "calendar"
    menu_label = _("Course runs")
    index_view_class = RunIndexView
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
    index_view_class = CourseIndexView
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
    index_view_class = CourseIndexView
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


class PeopleAndCourses(ViewSetGroup):
    """One menu for all of it."""

    menu_label = _("People & courses")
    menu_icon = "group"
    menu_order = 250
    items = (
        PersonViewSet,
        RosterViewSet,
        EnrolmentViewSet,
        CertificateViewSet,
        RunViewSet,
        CourseViewSet,
        ProjectViewSet,
        ProgrammeViewSet,
    )


class StaffItem(MenuItem):
    """Shown to whoever looks after people."""

    def is_shown(self, request: HttpRequest) -> bool:
        return is_staff(request.user)


@hooks.register("register_admin_urls")
def register_report_urls() -> list[URLPattern]:
    """Reports have screens of their own: their figures are never edited."""
    return [
        path("reports-of-projects/", report_views.Reports.as_view(), name="reports"),
        path("reports-of-projects/<str:key>/", report_views.Report.as_view(), name="report"),
        path("reports-of-projects/<str:key>/csv/", report_views.download, name="report_csv"),
    ]


@hooks.register("register_admin_menu_item")
def register_reports() -> StaffItem:
    """After the people."""
    return StaffItem(
        _("Project reports"), reverse("reports"), icon_name="clipboard-list", order=260
    )


@hooks.register("register_admin_viewset")
def register_people_and_courses() -> list[Any]:
    """The menu and the choosers that its forms use."""
    return [PeopleAndCourses(), person_chooser, enrolment_chooser]


@hooks.register("register_admin_urls")
def register_rights() -> list[URLPattern]:
    """Hiding, stopping, lists, reported conversations."""
    return privacy_desk.urls()


@hooks.register("register_admin_menu_item")
def register_rights_menu() -> SubmenuMenuItem:
    """One place for what people may ask of us."""
    return SubmenuMenuItem(
        _("People's rights"),
        Menu(items=privacy_desk.menu_items()),
        icon_name="lock",
        name="rights",
        order=255,
    )


class JoiningItem(MenuItem):
    """Shown to whoever looks after people."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(doors.SEES)


@hooks.register("register_admin_menu_item")
def register_joining() -> JoiningItem:
    """Beside the people it is about."""
    return JoiningItem(_("Joining"), reverse("joining"), icon_name="group", order=251)


@hooks.register("register_admin_urls")
def register_joining_urls() -> list[URLPattern]:
    """Who of a course run has come, and the doors for the others."""
    run = "joining/<slug:slug>/"
    return [
        path("joining/", doors.Joining.as_view(), name="joining"),
        path(run, doors.JoiningOfARun.as_view(), name="joining_run"),
        path(f"{run}start/", doors.start, name="joining_start"),
        path(f"{run}stop/", doors.stop, name="joining_stop"),
        path(f"{run}slips/", never_cache(doors.Slips.as_view()), name="joining_slips"),
        path(f"{run}calls/", doors.call_list, name="joining_calls"),
        path(f"{run}call/<str:key>/", never_cache(doors.Calling.as_view()), name="joining_call"),
        path(f"{run}identify/<str:key>/", doors.identify, name="joining_identify"),
        path(f"{run}turn-away/<str:key>/", doors.turn_away, name="joining_turn_away"),
        path(
            f"{run}on-no-list/",
            never_cache(vouching_desk.Proposing.as_view()),
            name="joining_propose",
        ),
        path(
            f"{run}on-no-list/<str:key>/",
            never_cache(vouching_desk.SecondLook.as_view()),
            name="joining_second_look",
        ),
        path(f"{run}certificates/", OfTheRun.as_view(), name="certificates_run"),
        path(f"{run}certificates/<int:pk>/revoke/", Revoking.as_view(), name="certificate_revoke"),
        path(f"{run}follow-up/", followup_desk.FollowUp.as_view(), name="followup_run"),
        path(
            f"{run}follow-up/answers/",
            never_cache(followup_desk.Answers.as_view()),
            name="followup_answers",
        ),
        path(f"{run}follow-up/send/<slug:code>/", followup_desk.send, name="followup_send"),
    ]


@hooks.register("register_log_actions")
def register_joining_log(actions: Any) -> None:
    """What the log of a course run says of inviting its people."""
    actions.register_action("alumni.invite", _("Start inviting"), _("Started inviting"))
    actions.register_action("alumni.invite_no_more", _("Stop inviting"), _("Stopped inviting"))
    actions.register_action("alumni.slips", _("Print slips"), _("Printed joining slips"))
    actions.register_action("alumni.turned_away", _("Turn away"), _("Said: not the person"))
    actions.register_action(
        "alumni.proposed", _("Propose somebody on no list"), _("Proposed somebody on no list")
    )
    actions.register_action(
        "alumni.vouched", _("Confirm somebody on no list"), _("Confirmed somebody on no list")
    )
    actions.register_action(
        "alumni.vouch_refused", _("Refuse somebody on no list"), _("Refused somebody on no list")
    )
    actions.register_action(
        "alumni.certificates", _("Give certificates"), _("Gave certificates to who completed")
    )
    actions.register_action(
        "alumni.certificate_revoked", _("Revoke a certificate"), _("Revoked a certificate")
    )
    actions.register_action("alumni.call_list", _("Call list"), _("Took the call list as a file"))


@hooks.register("register_admin_urls")
def register_looking_after() -> list[URLPattern]:
    """The page of profiles to look after."""
    view = directory_desk.LookAfter.as_view()
    return [path("people-to-look-after/", view, name="people_to_look_after")]


@hooks.register("register_reports_menu_item")
def register_looking_after_menu() -> MenuItem:
    """Its place among the reports."""
    return StaffItem(
        _("Profiles to look after"), reverse("people_to_look_after"), icon_name="user", order=900
    )
