"""Staff's screen of members who may not write for now, and the form that takes it from one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.generic import FormView

from alumni.choosers import person_chooser
from alumni.models import Muting, Profile
from alumni.privacy.screens import Screen
from alumni.relay import muting

MUTES = "alumni.change_complaint"


class MutingForm(forms.Form):
    """From whom, and why."""

    profile = forms.ModelChoiceField(
        Profile.objects.members(), label=_("Member"), widget=person_chooser.widget_class
    )
    why = forms.CharField(
        label=_("Why"),
        max_length=300,
        help_text=_("Kept with your name; the member can read it under “My data”."),
    )


class Mutings(Screen, FormView):
    """Who may not write now, and who might not before."""

    permission_required = MUTES
    form_class = MutingForm
    template_name = "alumni/admin/mutings.html"
    page_title = _("Right to write")
    header_icon = "comment-add"

    def get_initial(self) -> dict[str, Any]:
        """Whom another screen has named."""
        person = Profile.objects.filter(key=self.request.GET.get("person", "")).first()
        return {"profile": person} if person else {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Muting.objects.select_related("profile", "began_by", "ended_by")
        return super().get_context_data(**kwargs) | {
            "in_force": list(rows.in_force()),
            "ended": list(rows.exclude(ended_at=None)[:30]),
        }

    def form_valid(self, form: MutingForm) -> HttpResponse:
        row = muting.mute(by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]
        words = gettext("%(name)s may not write to members any more.")
        messages.success(self.request, words % {"name": row.profile.name})
        return redirect("mutings")


@require_POST
@permission_required(MUTES, raise_exception=True)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the right back."""
    row = get_object_or_404(Muting.objects.select_related("profile"), pk=pk)
    if muting.end(muting=row, by=request.user):  # type: ignore[arg-type]
        words = gettext("%(name)s may write to members again.")
        messages.success(request, words % {"name": row.profile.name})
    else:
        messages.info(request, gettext("It had ended already."))
    return redirect("mutings")
