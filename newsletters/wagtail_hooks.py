"""The newsletters' place in Wagtail's admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, Panel
from wagtail.admin.views.generic import CreateView, EditView
from wagtail.admin.views.generic.models import CopyViewMixin
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet

from newsletters import (
    admin_views,
    again_views,
    due_views,
    figures_views,
    import_views,
    readers_views,
    schedule,
)
from newsletters.models import Newsletter, Suppression, Wording


class CreateNewsletter(CreateView):
    """A new digest has its rhythms from the first moment."""

    def save_instance(self) -> Newsletter:
        newsletter = super().save_instance()
        schedule.ensure_cadences(newsletter)
        return newsletter


class CopyNewsletter(CopyViewMixin, CreateNewsletter):
    """A copy is a new one too."""


class EditNewsletter(EditView):
    """Another hour, day or clock moves what is due next; what becomes a digest falls due."""

    def save_instance(self) -> Newsletter:
        newsletter = super().save_instance()
        schedule.ensure_cadences(newsletter)
        if {"hour", "weekday", "timezone"} & set(self.form.changed_data):
            schedule.reset_cadences(newsletter)
        return newsletter


class NewsletterViewSet(ModelViewSet):
    """Newsletters: sender, addresses, clock and rhythm."""

    model = Newsletter
    add_view_class = CreateNewsletter
    edit_view_class = EditNewsletter
    icon = "mail"
    add_to_reference_index = False
    list_display = ["__str__", "kind", "timezone", "hour", "weekday", "is_open"]
    copy_view_class = CopyNewsletter

    def get_edit_handler(self) -> Panel:
        """The form of a new one."""
        return _form(is_new=True)

    def get_edit_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """The form of one that stands."""
        form = _form(is_new=False)
        own = {"panel": form, "form_class": form.get_form_class()}
        return super().get_edit_view_kwargs(**own, **kwargs)


class WordingViewSet(ModelViewSet):
    """The names of newsletters, language by language."""

    model = Wording
    icon = "globe"
    menu_label = _("Names in each language")
    add_to_reference_index = False
    list_display = ["name", "newsletter", "language", "plain_name"]
    list_filter = ["newsletter", "language"]
    form_fields = ["newsletter", "language", "name", "plain_name", "description"]


class SuppressionViewSet(ModelViewSet):
    """Addresses that must not be written to, with the reason."""

    model = Suppression
    icon = "warning"
    menu_label = _("Do not mail")
    add_to_reference_index = False
    list_display = ["__str__", "reason", "created_at"]
    list_filter = ["reason"]
    form_fields = ["address", "reason", "note"]
    inspect_view_enabled = True


class NewslettersGroup(ViewSetGroup):
    """One menu for all of it."""

    menu_label = _("Newsletters")
    menu_icon = "form"
    menu_order = 250
    items = (NewsletterViewSet, WordingViewSet, SuppressionViewSet)


class MailingsItem(MenuItem):
    """Shown to whoever may see mailings."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("newsletters.view_issue")


class ReadersItem(MenuItem):
    """Shown to whoever may see who receives mail."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("newsletters.view_people")


@hooks.register("register_admin_viewset")
def register_viewsets() -> NewslettersGroup:
    """Newsletters, names, do-not-mail."""
    return NewslettersGroup()


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    """Mailings have screens of their own: no form ever writes an issue."""
    return [
        path("mailings/", admin_views.Mailings.as_view(), name="mailings"),
        path(
            "mailings/send/<slug:newsletter>/",
            due_views.SendingNow.as_view(),
            name="mailings_send",
        ),
        path("mailings/<int:pk>/", admin_views.Mailing.as_view(), name="mailing"),
        path("mailings/due/<int:pk>/", due_views.WhatWouldLeave.as_view(), name="mailing_due"),
        *(
            path(
                f"mailings/due/<int:pk>/{verb}/",
                due_views.decide,
                {"verb": verb},
                name=f"mailing_due_{verb}",
            )
            for verb in due_views.VERBS
        ),
        path("mailings/<int:pk>/report/", figures_views.Report.as_view(), name="mailing_report"),
        path("mailings/<int:pk>/cancel/", admin_views.Cancelling.as_view(), name="mailing_cancel"),
        path("mailings/<int:pk>/why/", readers_views.Why.as_view(), name="mailing_why"),
        path("readers/", readers_views.Readers.as_view(), name="readers"),
        path("readers/import/", import_views.Start.as_view(), name="bring_readers"),
        path("readers/import/<str:key>/", import_views.Found.as_view(), name="brought_readers"),
        path("readers/<int:pk>/", readers_views.Reader.as_view(), name="reader"),
        path("readers/<int:pk>/proof/", readers_views.prove, name="reader_proof"),
        path(
            "readers/<int:reader>/why/<int:pk>/",
            readers_views.WhyOfReader.as_view(),
            name="reader_why",
        ),
        *(
            path(
                f"mailings/<int:pk>/{verb}/",
                admin_views.command,
                {"verb": verb},
                name=f"mailing_{verb}",
            )
            for verb, _label, _states in admin_views.BUTTONS
        ),
        *(
            path(
                f"mailings/<int:pk>/again/{why}/",
                again_views.SendingAgain.as_view(),
                {"why": why},
                name=f"mailing_again_{why}",
            )
            for why in again_views.TITLES
        ),
    ]


@hooks.register("register_admin_menu_item")
def register_mailings() -> MailingsItem:
    """Second in the menu, after the pages."""
    return MailingsItem(_("Mailings"), reverse("mailings"), icon_name="mail", order=240)


@hooks.register("register_admin_menu_item")
def register_readers() -> ReadersItem:
    """Beside the mailings: who gets them."""
    return ReadersItem(_("Readers"), reverse("readers"), icon_name="group", order=245)


def _form(*, is_new: bool) -> Panel:
    """Once there is one, links and mail filters know its slug and list id: they stay."""
    rhythm = [
        FieldPanel("timezone"),
        FieldRowPanel([FieldPanel("weekday"), FieldPanel("hour")]),
        FieldPanel("weekend"),
        FieldPanel("grace_hours"),
    ]
    sender = [FieldPanel("from_email"), FieldPanel("reply_to"), FieldPanel("postal_address")]
    panels = [
        FieldRowPanel(
            [
                FieldPanel("slug", read_only=not is_new),
                FieldPanel("kind"),
                FieldPanel("is_open"),
            ]
        ),
        MultiFieldPanel(sender, heading=_("Sender")),
        FieldPanel("list_id", read_only=not is_new),
        FieldPanel("small_team"),
        MultiFieldPanel(rhythm, heading=_("Rhythm")),
    ]
    return ObjectList(panels).bind_to_model(Newsletter)
