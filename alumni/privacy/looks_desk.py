"""The administrator's screen of who looked at what of whom. Looking at it is written down, too."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import ListView

from alumni.models import Access, Profile
from alumni.privacy import access
from alumni.privacy.screens import Screen

What = Access.What
A_PAGE = 50
MOST_FOUND = 200
"""People whom the words of a search may mean."""
SAID: dict[str, Promise] = {
    What.RECORD: _("opened the record, with address and phone"),
    What.PAGE: _("opened the page"),
    What.CONVERSATION: _("read a conversation that was reported"),
    What.ANSWERS: _("read the answers after a course"),
    What.LIST: _("took out a list"),
    What.HIDDEN: _("hid the person"),
    What.SHOWN: _("ended the hiding"),
    What.STOPPED: _("stopped all mail, because the person asked"),
    What.MUTED: _("took the right to write to members"),
    What.UNMUTED: _("gave back the right to write to members"),
    What.LOOKS: _("read who looked at what"),
    What.TAKEN_OUT: _("took out everything, asked by letter"),
    What.ERASED: _("erased somebody, asked by letter"),
    What.VOUCHED: _("brought somebody in who stood on no list"),
    What.RETURNED: _("let somebody who had been erased come back"),
}
"""As colleagues read it; the person reads the label of `Access.What`."""


class LooksForm(forms.Form):
    """Whose looks, and at whom."""

    colleague = forms.TypedChoiceField(
        label=_("Colleague"), required=False, coerce=int, empty_value=None
    )
    person = forms.CharField(label=_("Person"), required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names: dict[int, str] = {}
        rows = Access.objects.order_by("by", "by_name").values_list("by", "by_name").distinct()
        for number, name in rows:
            names[number] = f"{names[number]}, {name}" if number in names else name
        choices = sorted(names.items(), key=lambda choice: choice[1].casefold())
        self.fields["colleague"].choices = [("", _("everyone")), *choices]  # type: ignore[attr-defined]

    def people(self) -> list[Profile] | None:
        """Whom the words mean; None where no words are given."""
        words = self.cleaned_data["person"].split()
        if not words:
            return None
        found = Profile.objects.all()
        for word in words:
            found = found.filter(Q(given_name__icontains=word) | Q(family_name__icontains=word))
        return list(found[:MOST_FOUND])


class Looks(Screen, ListView):
    """Newest first, a page at a time, by colleague and by person."""

    permission_required = "alumni.view_access"
    template_name = "alumni/admin/looks.html"
    page_title = _("Who looked at what")
    header_icon = "history"
    paginate_by = A_PAGE
    form: LooksForm
    meant: list[Profile] | None

    def get_queryset(self) -> QuerySet[Access]:
        rows = Access.objects.order_by("-at", "-id")
        self.form, self.meant = LooksForm(self.request.GET), None
        if not self.form.is_valid():
            return rows.none()
        if (number := self.form.cleaned_data["colleague"]) is not None:
            rows = rows.filter(by=number)
        self.meant = self.form.people()
        if self.meant is not None:
            rows = rows.filter(subject__in=[person.key for person in self.meant])
        return rows

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        if self.meant is not None and len(self.meant) <= A_PAGE:
            access.note_all(profiles=self.meant, what=What.LOOKS, by=request.user)  # type: ignore[arg-type]
        else:
            access.note_list(by=request.user, what=What.LOOKS, detail=self._asked())  # type: ignore[arg-type]
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = list(context["object_list"])
        keys = {row.subject for row in rows} - {""}
        people = {person.key: person for person in Profile.objects.filter(key__in=keys)}
        asked = self.request.GET.copy()
        asked.pop("page", None)
        return context | {
            "form": self.form,
            "rows": [(row, people.get(row.subject), SAID.get(row.what, row.what)) for row in rows],
            "asked": asked.urlencode(),
        }

    def _asked(self) -> str:
        number = self.form.cleaned_data.get("colleague") if self.form.is_valid() else None
        page = self.request.GET.get("page", "1")[:6]
        if number is None:
            return gettext("everyone's, page %(page)s") % {"page": page}
        name = dict(self.form.fields["colleague"].choices).get(number, number)  # type: ignore[attr-defined]
        return gettext("those of %(colleague)s, page %(page)s") % {"colleague": name, "page": page}
