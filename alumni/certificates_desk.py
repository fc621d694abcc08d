"""The colleagues' screens of certificates: those of a course run, all of them, taking one back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.menus import MenuItem
from wagtail.log_actions import log

from alumni import certifying
from alumni.joining.desk import OfARun
from alumni.models import Certificate
from alumni.viewsets import GuardedViewSet, JoinedIndexView

GIVES, REVOKES = "alumni.add_certificate", "alumni.change_certificate"


class GiveForm(forms.Form):
    """The day that stands on all of them."""

    issued_on = forms.DateField(
        label=_("Issued on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class RevokeForm(forms.Form):
    """Why it does not hold any more."""

    reason = forms.ChoiceField(
        label=_("Why"), choices=Certificate.Reason.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=200, help_text=_("Only staff read it.")
    )


class OfTheRun(OfARun):
    """A run's certificates: who has one, who completed without, and the button that gives them."""

    permission_required = "alumni.view_certificate"
    template_name = "alumni/certificates_run.html"
    page_title = _("Certificates")
    header_icon = "doc-full"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Certificate.objects.filter(enrolment__run=self.run).select_related(
            "enrolment__profile"
        )
        today = timezone.localdate()
        return (
            {"form": GiveForm(initial={"issued_on": today})}
            | super().get_context_data(**kwargs)
            | {
                "rows": [(row, row.holds_on(today)) for row in rows],
                "completed": certifying.completed(self.run).count(),
                "lacking": certifying.lacking(self.run).count(),
                "may_give": self.request.user.has_perm(GIVES),
                "may_revoke": self.request.user.has_perm(REVOKES),
            }
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Give one to everyone who completed and has none; a second press gives none."""
        if not request.user.has_perm(GIVES):
            return self.handle_no_permission()
        form = GiveForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        n = certifying.give(run=self.run, issued_on=form.cleaned_data["issued_on"])
        if n:
            log(self.run, "alumni.certificates", user=request.user, data={"people": n})
            words = ngettext("%(n)d certificate was given.", "%(n)d certificates were given.", n)
            messages.success(request, words % {"n": n})
        else:
            messages.info(request, gettext("Everyone who completed has one already."))
        return redirect("certificates_run", self.run.slug)


class Revoking(OfARun):
    """GET asks for the reason, POST takes the certificate back."""

    permission_required = REVOKES
    template_name = "alumni/certificate_revoke.html"
    page_title = _("Revoke a certificate")
    header_icon = "doc-full"

    @cached_property
    def certificate(self) -> Certificate:
        """The one that the address names, if it is of this run."""
        rows = Certificate.objects.filter(enrolment__run=self.run)
        return get_object_or_404(rows.select_related("enrolment__profile"), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return (
            {"form": RevokeForm()}
            | super().get_context_data(**kwargs)
            | {
                "certificate": self.certificate,
                "holds": self.certificate.holds_on(timezone.localdate()),
            }
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Not valid from now on; who was faster is not overwritten."""
        certificate, form = self.certificate, RevokeForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        reason, note = form.cleaned_data["reason"], form.cleaned_data["note"]
        if certifying.revoke(certificate=certificate, reason=reason, note=note):
            log(certificate, "alumni.certificate_revoked", user=request.user)
            words = gettext("%(number)s is not valid any more.")
            messages.success(request, words % {"number": certificate.number})
        else:
            messages.info(request, gettext("It was revoked already."))
        return redirect("certificates_run", self.run.slug)


class CertificateIndexView(JoinedIndexView):
    """All certificates, with whose they are; each can be revoked from its row."""

    def get_list_more_buttons(self, instance: Certificate) -> list[Any]:
        """Revoking beside editing."""
        buttons: list[Any] = super().get_list_more_buttons(instance)
        if self.request.user.has_perm(REVOKES) and instance.holds_on(timezone.localdate()):
            url = reverse("certificate_revoke", args=[instance.enrolment.run.slug, instance.pk])
            buttons.append(MenuItem(_("Revoke"), url=url, icon_name="cross", priority=25))
        return buttons


class CertificateViewSet(GuardedViewSet):
    """Numbers on paper, and which of them hold."""

    model = Certificate
    name = "certificates"
    icon = "doc-full"
    menu_label = _("Certificates")
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = CertificateIndexView
    joined = ("enrolment__profile", "enrolment__run__course")
    list_display = ["number", "enrolment", "issued_on", "revoked_on"]
    list_filter = ["enrolment__run", "issued_on", "revoked_for"]
    search_fields = [
        "number",
        "enrolment__profile__given_name",
        "enrolment__profile__family_name",
    ]
    search_backend_name = None
    panels = [
        FieldPanel("enrolment"),
        FieldRowPanel([FieldPanel("number"), FieldPanel("issued_on")]),
        FieldRowPanel([FieldPanel("revoked_on"), FieldPanel("revoked_for")]),
        FieldPanel("revoked_why"),
    ]
