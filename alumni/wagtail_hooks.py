"""People and courses in Wagtail's admin, under one menu; each with its own permissions."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.viewsets.base import ViewSetGroup

from alumni.certificates_desk import CertificateViewSet, OfTheRun, Revoking
from alumni.choosers import enrolment_chooser, person_chooser
from alumni.directory import desk as directory_desk
from alumni.followup import desk as followup_desk
from alumni.followup import report_views
from alumni.joining import desk as joining_desk
from alumni.joining import doors_desk, vouching_desk
from alumni.people_desk import EnrolmentViewSet, PersonViewSet
from alumni.privacy import desk as privacy_desk
from alumni.roster.hooks import RosterViewSet
from alumni.training_desk import CourseViewSet, ProgrammeViewSet, ProjectViewSet, RunViewSet
from alumni.visibility import is_staff


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
        path(
            "reports-of-projects/<str:key>/links/<int:pk>/end/",
            report_views.EndingLink.as_view(),
            name="report_link_end",
        ),
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
        return request.user.has_perm(joining_desk.SEES)


@hooks.register("register_admin_menu_item")
def register_joining() -> JoiningItem:
    """Beside the people it is about."""
    return JoiningItem(_("Joining"), reverse("joining"), icon_name="group", order=251)


@hooks.register("register_admin_urls")
def register_joining_urls() -> list[URLPattern]:
    """Who of a course run has come, and the doors for the others."""
    run = "joining/<slug:slug>/"
    return [
        path("joining/", joining_desk.Joining.as_view(), name="joining"),
        path(run, joining_desk.JoiningOfARun.as_view(), name="joining_run"),
        path(f"{run}start/", joining_desk.start, name="joining_start"),
        path(f"{run}stop/", joining_desk.stop, name="joining_stop"),
        path(f"{run}slips/", never_cache(doors_desk.Slips.as_view()), name="joining_slips"),
        path(f"{run}calls/", doors_desk.call_list, name="joining_calls"),
        path(
            f"{run}call/<str:key>/", never_cache(doors_desk.Calling.as_view()), name="joining_call"
        ),
        path(f"{run}identify/<str:key>/", joining_desk.identify, name="joining_identify"),
        path(f"{run}identify/<str:key>/undo/", joining_desk.undo, name="joining_undo"),
        path(
            f"{run}turn-away/<str:key>/",
            joining_desk.TurningAway.as_view(),
            name="joining_turn_away",
        ),
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
        path(
            f"{run}follow-up/send/<slug:code>/",
            followup_desk.Asking.as_view(),
            name="followup_send",
        ),
    ]


@hooks.register("register_log_actions")
def register_joining_log(actions: Any) -> None:
    """What the log of a course run says of inviting its people."""
    actions.register_action("alumni.invite", _("Start inviting"), _("Started inviting"))
    actions.register_action("alumni.invite_no_more", _("Stop inviting"), _("Stopped inviting"))
    actions.register_action("alumni.slips", _("Print slips"), _("Printed joining slips"))
    actions.register_action(
        "alumni.not_identified", _("Undo “This is the person”"), _("Took back: this is the person")
    )
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
