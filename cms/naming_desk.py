"""The editors' side: who is in a story, who has agreed, and the button that asks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from alumni.choosers import person_chooser
from alumni.models import Profile
from cms import namings
from cms.models import Naming, StoryPage
from cms.models.namings import people_of


class AppearanceForm(forms.Form):
    """Somebody else who is named or pictured."""

    profile = forms.ModelChoiceField(
        Profile.objects.all(), label=_("Person"), widget=person_chooser.widget_class
    )
    what = forms.ChoiceField(
        label=_("How the person appears"),
        choices=[(what.value, what.label) for what in (Naming.What.TEXT, Naming.What.PICTURE)],
    )


class PaperForm(forms.Form):
    """What a person said in another way than on the site."""

    agrees = forms.ChoiceField(
        label=_("The person"), choices=[("yes", _("agrees")), ("no", _("does not want it"))]
    )
    form = forms.ChoiceField(
        label=_("Named by"),
        choices=[("", "—"), *Naming.Form.choices],
        required=False,
        help_text=_("For whoever tells the story."),
    )
    how = forms.CharField(
        label=_("How and when"),
        max_length=200,
        help_text=_("For example: signed form of 3 May, in the course folder."),
    )


def people(request: HttpRequest, page_id: int) -> HttpResponse:
    """Who is in the story; add, ask, and note what was said on paper."""
    page = get_object_or_404(StoryPage.objects.select_related("author", "locale"), pk=page_id)
    allowed = page.permissions_for_user(request.user).can_edit()
    if not allowed or not request.user.has_perm("alumni.view_profile"):
        raise PermissionDenied
    add_form, paper_form = AppearanceForm(), PaperForm()
    if request.method == "POST":
        add_form = AppearanceForm(request.POST if "add" in request.POST else None)
        paper_form = PaperForm(request.POST if "note" in request.POST else None)
        try:
            if _done(request, page, add_form, paper_form):
                return redirect("story_people", page.pk)
        except ValidationError as why:
            messages.error(request, why.messages[0])
    appearances = people_of(page)
    context = {
        "page": page,
        "appearances": appearances,
        "holds_up": any(one.holds_up for one in appearances),
        "add_form": add_form,
        "paper_form": paper_form,
    }
    return render(request, "cms/admin/story_people.html", context)


def _done(
    request: HttpRequest, page: StoryPage, add_form: AppearanceForm, paper_form: PaperForm
) -> bool:
    if "add" in request.POST:
        if add_form.is_valid():
            namings.add(page=page, **add_form.cleaned_data)
        return add_form.is_valid()
    person, what = _meant(page, request.POST.get("who", ""))
    if "ask" in request.POST:
        if namings.ask(page=page, profile=person, what=what):
            messages.success(request, gettext("Asked. The answer appears here."))
        else:
            messages.info(request, gettext("The person was asked less than three days ago."))
        return True
    if not paper_form.is_valid():
        return False
    said: dict[str, Any] = paper_form.cleaned_data
    namings.note_on_paper(
        naming=namings.add(page=page, profile=person, what=what),
        agrees=said["agrees"] == "yes",
        form=said["form"],
        how=said["how"],
        language=get_language() or "en",
    )
    messages.success(request, gettext("Noted."))
    return True


def _meant(page: StoryPage, who: str) -> tuple[Profile, str]:
    for one in people_of(page):
        if who == f"{one.profile.key}:{one.what}":
            return one.profile, one.what
    raise ValidationError(gettext("This person is not in the story any more."))
