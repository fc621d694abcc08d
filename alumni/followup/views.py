"""Pages of follow-up: the questions behind a link in a mail, my plan, what has changed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from alumni.followup import answers, asking
from alumni.followup.forms import ChangeForm, PlanForm, StepFormSet, SurveyForm, readers
from alumni.followup.survey import asked_when
from alumni.followup.survey import survey as questions
from alumni.models import ActionPlan, Answer, Change, Enrolment, PlanStep, User
from alumni.signed_in import joined, user_of
from alumni.views import members_page
from alumni.vocabulary import language_now
from newsletters.link_views import private


@private
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the questions, with the answer of the link chosen; POST saves. No sign-in.

    What was answered before is never shown: a mail is forwarded.
    """
    asked = answers.find(token)
    if asked is None:
        return render(request, "alumni/dead_link.html", status=404)
    form = SurveyForm(
        request.POST if request.method == "POST" else None,
        initial={questions().questions[0].code: request.GET.get("answer", "")},
    )
    if request.method == "POST" and form.is_valid():
        first, others = form.answers()
        user = request.user if isinstance(request.user, User) else None
        at_home = user is not None and asked.enrolment.profile.user_id == user.pk
        answers.answer(
            asked=asked,
            first=first,
            others=others,
            language=language_now(),
            how=Answer.How.SITE if at_home else Answer.How.MAIL,
            by=user,
        )
        return redirect(f"{request.path}?saved=1")
    if "saved" in request.GET and not form.is_bound and asked.answer:
        return render(request, "alumni/followup_thanks.html", {"asked": asked})
    return render(
        request,
        "alumni/followup_survey.html",
        {"asked": asked, "form": form, "before": asked.answer},
        status=422 if form.errors else 200,
    )


@members_page
@require_POST
def agree(request: HttpRequest) -> HttpResponse:
    """The member lets the centre ask, or not any more."""
    profile = joined(request)
    given = request.POST.get("given") == "yes"
    reached = asking.agree(
        profile=profile, given=given, language=language_now(), by=user_of(request)
    )
    if given and not reached:
        said = _("Saved. No mail can reach you at the moment: the questions will stand here.")
    elif given:
        when = asked_when(language_now())
        said = _("Thank you. The centre will ask you %(when)s.") % {"when": when}
    else:
        said = _("Saved. The centre asks you nothing any more.")
    messages.success(request, said)
    return redirect("alumni:me")


@members_page
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, run: str) -> HttpResponse:
    """What I set out to do after a course."""
    enrolment = get_object_or_404(
        Enrolment.objects.taken_up().select_related("run__course"),
        profile=joined(request),
        run__slug=run,
    )
    saved = ActionPlan.objects.filter(enrolment=enrolment).first()
    data = request.POST if request.method == "POST" else None
    form = PlanForm(data, instance=saved)
    steps = StepFormSet(data, queryset=saved.steps.all() if saved else PlanStep.objects.none())
    if data is not None and form.is_valid() and steps.is_valid():
        rows = [one.instance for one in steps if one.cleaned_data.get("text")]
        answers.plan(enrolment=enrolment, values=form.cleaned_data, steps=rows)
        messages.success(request, _("Your plan is saved. Only you and the centre's staff read it."))
        return redirect("alumni:plan", run=run)
    return render(
        request,
        "alumni/followup_plan.html",
        {"enrolment": enrolment, "form": form, "steps": steps},
        status=422 if form.errors or any(steps.errors) else 200,
    )


@members_page
@require_http_methods(["GET", "HEAD", "POST"])
def changes(request: HttpRequest) -> HttpResponse:
    """What is different at work: my list, and one more."""
    return _tell(request, None)


@members_page
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, key: str) -> HttpResponse:
    """One of my own, to mend or to show to others, or to fewer."""
    return _tell(request, get_object_or_404(Change, key=key, profile=joined(request)))


def _tell(request: HttpRequest, told: Change | None) -> HttpResponse:
    profile = joined(request)
    data = request.POST if request.method == "POST" else None
    form = ChangeForm(data, instance=told, profile=profile)
    if data is not None and form.is_valid():
        answers.tell(profile=profile, values=form.cleaned_data, change=told)
        messages.success(request, _("Saved. Thank you for telling."))
        return redirect("alumni:changes")
    named = readers()
    mine = [
        (one, named[one.use]) for one in profile.changes.select_related("enrolment__run__course")
    ]
    return render(
        request,
        "alumni/followup_changes.html",
        {"form": form, "changes": mine, "told": told},
        status=422 if form.errors else 200,
    )
