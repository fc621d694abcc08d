"""Staff's screens about people's rights: hide, stop mail, take a list out, what was reported."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView, FormView, ListView
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import DeleteView, EditView

from alumni.models import Complaint, Hiding, Profile
from alumni.privacy import access, erasure, hiding, lists, stopping
from alumni.privacy.desk_forms import HidingForm, ListForm, SettleForm, StopForm, institutions
from alumni.privacy.letter_desk import ByLetter
from alumni.privacy.looks_desk import Looks
from alumni.privacy.screens import Screen
from alumni.relay import contact
from alumni.relay import desk as relay_desk


class LoggedEditView(EditView):
    """A person's record on the editors' side: opening it is written down for the person to read."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().get(request, *args, **kwargs)
        person: Profile = self.object
        access.note(profile=person, what=access.What.RECORD, by=request.user)  # type: ignore[arg-type]
        return response


class RemovingView(DeleteView):
    """Deleting a person is removing everything of him or her; the note of it holds no name.

    It is not remembered as a wish to be forgotten: rows entered by mistake may come again. The
    sign-in of a colleague stays.
    """

    def delete_action(self) -> None:
        person: Profile = self.object
        if person.user is not None and person.user.has_perm("wagtailadmin.access_admin"):
            Profile.objects.filter(pk=person.pk).update(user=None)
        erasure.remove(profile=person, language=get_language() or "en", how="staff")


class Hidings(Screen, FormView):
    """Who is hidden now, and the form that hides more."""

    permission_required = "alumni.add_hiding"
    form_class = HidingForm
    template_name = "alumni/admin/hidings.html"
    page_title = _("Hide people")
    header_icon = "view"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Hiding.objects.filter(is_own=False).select_related("profile", "began_by", "ended_by")
        in_force = list(rows.filter(ended_at=None))
        return super().get_context_data(**kwargs) | {
            "in_force": [(row, hiding.people(row).count()) for row in in_force],
            "ended": rows.exclude(ended_at=None)[:30],
            "institutions": institutions(),
        }

    def form_valid(self, form: HidingForm) -> HttpResponse:
        row = hiding.hide(by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]
        n = hiding.people(row).count()
        messages.success(
            self.request,
            ngettext("%(n)d person is hidden.", "%(n)d people are hidden.", n) % {"n": n},
        )
        return redirect("hidings")


def end_hiding(request: HttpRequest, pk: int) -> HttpResponse:
    """Show them again as they had chosen."""
    if not request.user.has_perm("alumni.add_hiding"):
        raise PermissionDenied
    row = get_object_or_404(Hiding, pk=pk, is_own=False)
    if request.method == "POST":
        if hiding.end(hiding=row, by=request.user):  # type: ignore[arg-type]
            messages.success(request, gettext("Ended. They are shown as they had chosen."))
        else:
            messages.info(request, gettext("It had ended already."))
    return redirect("hidings")


class Stop(Screen, FormView):
    """They wrote to us: please stop."""

    permission_required = "newsletters.add_suppression"
    form_class = StopForm
    template_name = "alumni/admin/stop.html"
    page_title = _("They wrote to us: please stop")
    header_icon = "mail"

    def form_valid(self, form: StopForm) -> HttpResponse:
        try:
            found = stopping.stop(by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]
        except ValidationError as why:
            form.add_error("address", why)
            return self.form_invalid(form)
        n = len(found)
        messages.success(
            self.request,
            ngettext(
                "Nothing is mailed to this address any more.",
                "Nothing is mailed to these %(n)d addresses any more.",
                n,
            )
            % {"n": n},
        )
        return redirect("stop_mail")


class TakeOut(Screen, FormView):
    """A list that leaves the house."""

    permission_required = "alumni.take_out_list"
    form_class = ListForm
    template_name = "alumni/admin/list.html"
    page_title = _("Take a list out")
    header_icon = "download"

    def form_valid(self, form: ListForm) -> HttpResponse:
        text = lists.take_out(by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]
        # Spreadsheets take a CSV without the mark for something else than UTF-8.
        response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
        name = f"people-{timezone.localdate():%Y-%m-%d}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


class Complaints(Screen, ListView):
    """Conversations that members asked staff to read; open ones first. No word of them here."""

    permission_required = "alumni.view_complaint"
    queryset = Complaint.objects.order_by(
        F("settled_at").desc(nulls_first=True), "-at"
    ).select_related("settled_by")
    paginate_by = 30
    template_name = "alumni/admin/complaints.html"
    page_title = _("Reported conversations")
    header_icon = "warning"


class ComplaintScreen(Screen, DetailView):
    """The one conversation, written down in the record of both; then what was done."""

    permission_required = "alumni.view_complaint"
    queryset = Complaint.objects.select_related("conversation__asker", "conversation__asked", "by")
    template_name = "alumni/admin/complaint.html"
    page_title = _("Reported conversation")
    header_icon = "warning"
    object: Complaint

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        access.note_all(
            profiles=self._both(),
            what=access.What.CONVERSATION,
            by=request.user,  # type: ignore[arg-type]
        )
        return response

    def _both(self) -> list[Profile]:
        talk = self.object.conversation
        return [person for person in (talk.asker, talk.asked) if person is not None]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "both": self._both(),
            "said": self.object.conversation.messages.select_related("author"),
            "form": kwargs.get("form", SettleForm()),
            "may_mute": self.request.user.has_perm(relay_desk.MUTES),
        }

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.object, form = self.get_object(), SettleForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        contact.settle(complaint=self.object, by=request.user, outcome=form.cleaned_data["outcome"])  # type: ignore[arg-type]
        messages.success(request, gettext("Noted."))
        return redirect("complaints")


SCREENS: tuple[tuple[str, str, type[Any], str], ...] = (
    ("hidings", "hiding/", Hidings, "view"),
    ("stop_mail", "stop/", Stop, "mail"),
    ("by_letter", "letter/", ByLetter, "doc-full"),
    ("take_out_list", "list/", TakeOut, "download"),
    ("complaints", "reported/", Complaints, "warning"),
    ("mutings", "writing/", relay_desk.Mutings, "comment-add"),
    ("looks", "looks/", Looks, "history"),
)


def urls() -> list[URLPattern]:
    """The screens, under /cms/rights/."""
    return [
        *(path(f"rights/{route}", view.as_view(), name=name) for name, route, view, _i in SCREENS),
        path("rights/hiding/<int:pk>/end/", end_hiding, name="end_hiding"),
        path("rights/writing/<int:pk>/end/", relay_desk.end, name="end_muting"),
        path("rights/reported/<int:pk>/", ComplaintScreen.as_view(), name="complaint"),
    ]


class RightsItem(MenuItem):
    """Shown to whoever may do it."""

    def __init__(self, permission: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.permission = permission

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(self.permission)


def menu_items() -> list[MenuItem]:
    """One line for each screen."""
    return [
        RightsItem(
            view.permission_required,
            view.page_title,
            reverse(name),
            name=name,
            icon_name=icon,
            order=n,
        )
        for n, (name, _route, view, icon) in enumerate(SCREENS)
    ]
