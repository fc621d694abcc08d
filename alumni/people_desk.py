"""The screens of people and of their enrolments."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList

from alumni.admin_forms import PersonForm
from alumni.models import Enrolment, Profile
from alumni.privacy import desk as privacy_desk
from alumni.viewsets import GuardedViewSet, NobodyByHand


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
    joined = ("profile", "run__course")
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
