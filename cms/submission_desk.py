"""The editors' list of stories from members, and one of them: pass on, take on, give back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import ListView
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.permissions import page_permission_policy

from alumni import visibility, vocabulary
from alumni.models import User
from cms import moderation, places
from cms.models import Naming, StoryPage, StorySteps, Submission, SubmissionPicture
from cms.models.namings import signature_of
from cms.submission_views import picture_answer

ALL = "all"


class FilterForm(forms.Form):
    """Which of them."""

    state = forms.ChoiceField(label=_("Where they stand"), required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)

    def __init__(self, *args: Any, countries: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        states = [(state.value, _state_at_the_desk(state)) for state in moderation.AT_THE_DESK]
        fields["state"].choices = [("", _("waiting for you")), *states, (ALL, _("all"))]
        named = [(code, vocabulary.country_name(code)) for code in countries if code]
        named.sort(key=lambda pair: vocabulary.sort_key(pair[1]))
        fields["country"].choices = [("", _("all")), *named]


class Submissions(WagtailAdminTemplateMixin, ListView):
    """What waits for this colleague first; the others by where they stand and by country."""

    template_name = "cms/admin/submissions.html"
    page_title = _("Stories from members")
    header_icon = "doc-full"
    paginate_by = 20
    page_kwarg = "p"  # as Wagtail's own turning of pages says it
    _show_breadcrumbs = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """For whoever may put a page anywhere."""
        if not may_look(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def form(self) -> FilterForm:
        """What was chosen."""
        seen = moderation.seen_by(self.request.user)
        codes = seen.order_by().values_list("country", flat=True).distinct()
        form = FilterForm(self.request.GET, countries=list(codes))
        form.is_valid()
        return form

    def get_queryset(self) -> QuerySet[Submission]:
        chosen = getattr(self.form, "cleaned_data", {})
        state, country = chosen.get("state"), chosen.get("country")
        if not state:
            rows = moderation.waiting(self.request.user)
        else:
            rows = moderation.seen_by(self.request.user).order_by("-sent_at", "-pk")
            rows = rows if state == ALL else rows.filter(state=state)
        return rows.filter(country=country) if country else rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(form=self.form, **kwargs)
        context["lines"] = [_line(self.request.user, row) for row in context["object_list"]]
        return context

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]


def one(request: HttpRequest, key: str) -> HttpResponse:
    """One story with all that its author said of it, and what this colleague can do."""
    user = request.user
    row = get_object_or_404(moderation.seen_by(user), key=key)
    if request.method == "POST" and isinstance(user, User):
        try:
            return _done(request, user, row)
        except ValidationError as why:
            messages.error(request, why.messages[0])
    pages = list(StoryPage.objects.filter(translation_key=row.story)) if row.story else []
    context = _line(user, row) | {
        "course_run": row.course_run,
        "topics": _topics(row),
        "pictures": row.pictures.defer("data"),
        "signature": signature_of(row.author, row.form, row.language),
        "way": dict(Naming.Form.choices).get(row.form, ""),
        "waits": moderation.waiting(user).filter(pk=row.pk).exists(),
        "passed_first": moderation.is_passed_first(row),
        "asks_institution": StorySteps.now().institution_agrees,
        "note": request.POST.get("note", row.note),
        "pages": [page for page in pages if page.permissions_for_user(user).can_edit()],
        "is_out": any(page.live for page in pages),
    }
    return render(request, "cms/admin/submission.html", context)


def picture(request: HttpRequest, key: str) -> HttpResponse:
    """A picture of a story that this colleague may look at."""
    seen = moderation.seen_by(request.user)
    return picture_answer(SubmissionPicture.objects.filter(submission__in=seen), key)


def may_look(user: Any) -> bool:
    """Whether stories from members are a colleague's business."""
    return bool(page_permission_policy.user_has_permission(user, "add"))


class SubmissionsItem(MenuItem):
    """In the menu, with how many wait."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_look(request.user)

    def render_component(self, request: HttpRequest) -> Any:
        component = super().render_component(request)
        n = moderation.waiting(request.user).count()
        if n:
            component.label = gettext("Stories from members (%(n)d)") % {"n": n}
        return component


def _done(request: HttpRequest, user: User, row: Submission) -> HttpResponse:
    note = request.POST.get("note", "")
    if "take" in request.POST:
        page = moderation.take_on(by=user, row=row)
        return redirect("wagtailadmin_pages:edit", page.pk)
    if "pass" in request.POST:
        moderation.pass_on(by=user, row=row)
        messages.success(request, gettext("Passed on. Another editor takes it on."))
    elif "down" in request.POST:
        moderation.take_down(by=user, row=row)
        messages.success(request, gettext("Taken down, in every language and in waiting mail."))
        return redirect("submission", row.key)
    elif "sign_off" in request.POST:
        moderation.note_sign_off(by=user, row=row, words=request.POST["sign_off"])
        messages.success(request, gettext("Noted."))
        return redirect("submission", row.key)
    else:
        moderation.give_back(by=user, row=row, note=note, finally_="decline" in request.POST)
        messages.success(request, gettext("The author is told."))
    return redirect("submissions")


def _line(user: Any, row: Submission) -> dict[str, Any]:
    """A story in words; its author by name for whoever looks after people."""
    return {
        "story": row,
        "url": reverse("submission", args=[row.key]),
        "state": _state_at_the_desk(row.state),
        "country": vocabulary.country_name(row.country) if row.country else "",
        "language": places.language_name(row.language, vocabulary.language_now()),
        "author": row.author.name if visibility.is_staff(user) else "",
    }


def _state_at_the_desk(state: str) -> Any:
    """The words of the desk, not those to the author."""
    if state == Submission.State.TAKEN_ON:
        return _("taken on, not published yet")
    return Submission.State(state).label


def _topics(row: Submission) -> list[str]:
    titles = dict(vocabulary.topics())
    return [titles.get(code, code) for code in row.topics]
