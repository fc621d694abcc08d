"""The editors' screens of mailings that are written: the list, one of them, and its verbs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.generic import DetailView, ListView
from wagtail.admin.menu import MenuItem

from alumni import vocabulary
from alumni.models import User
from cms import dispatch_forms, dispatching, places
from cms.models import Dispatch, Manuscript
from newsletters import approving, correcting, proofs, proposals, reports
from newsletters.admin_views import Screen, ring
from newsletters.models import Issue

COMPOSE, APPROVE = "newsletters.compose_issue", "newsletters.approve_issue"
LACKS = {
    "subject": _("the subject"),
    "preheader": _("the line after the subject"),
    "body": _("the text"),
}
LEFT_OUT = reports.LEFT_OUT_OF_WRITTEN | {proposals.OTHERS: _("are not among those chosen")}


class WritingItem(MenuItem):
    """Shown to whoever may write mailings or approve them."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_look(request.user)


def may_look(user: Any) -> bool:
    """Who writes mailings, or looks at them before they leave."""
    return bool(user.has_perm(COMPOSE) or user.has_perm(APPROVE))


class DispatchScreen(Screen):
    """A screen of what is being written; found by the key of the mailing."""

    header_icon = "edit"
    slug_field = slug_url_kwarg = "key"

    def has_permission(self) -> bool:
        """Writing or approving, for looking; each verb asks for its own right."""
        return may_look(self.request.user)

    def get_queryset(self) -> QuerySet[Dispatch]:
        rows = Dispatch.objects.select_related("newsletter", "corrects__newsletter")
        return rows.prefetch_related(
            "newsletter__wordings",
            "corrects__newsletter__wordings",
            Prefetch("manuscripts", Manuscript.objects.order_by("pk")),
        )

    def under(self, *names: Any) -> list[dict[str, Any]]:
        """The breadcrumbs of a screen of one mailing."""
        above = {"url": reverse("dispatches"), "label": _("Being written")}
        its_own = {"url": reverse("dispatch", args=[self.object.key]), "label": str(self.object)}
        if not names:
            its_own["url"] = ""
        last = [{"url": "", "label": name} for name in names]
        return [*self.breadcrumbs_items, above, its_own, *last]


class Dispatches(DispatchScreen, ListView):
    """What is being written, what waits for approval, what became of the rest."""

    paginate_by = 20
    page_kwarg = "p"
    template_name = "cms/admin/dispatches.html"
    page_title = _("Being written")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        shown = list(context["object_list"])
        issues = approving.latest(dispatch.reference for dispatch in shown)
        rows = [
            (
                dispatch,
                issues.get(dispatch.reference),
                vocabulary.listed(_language(row.language) for row in dispatch.manuscripts.all()),
            )
            for dispatch in shown
        ]
        return context | {"rows": rows}


class OneDispatch(DispatchScreen, DetailView):
    """One mailing from its words to its approval."""

    template_name = "cms/admin/dispatch.html"

    def get_page_title(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.under()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        dispatch, user = self.object, self.request.user
        issue = approving.standing(dispatch.reference)
        # Nothing of what has left is chosen or mended any more.
        look = None if issue and issue.frozen_at else dispatching.look(dispatch)
        ended = approving.ended(dispatch.reference)
        written = {row.language for row in dispatch.manuscripts.all()}
        return context | {
            "look": look,
            "cards": [_card(row) for row in dispatch.manuscripts.all()],
            "to_add": [
                (code, _language(code)) for code, _name in settings.LANGUAGES if code not in written
            ],
            "corrects": dispatch.corrects and correcting.for_whom(dispatch.corrects),
            "summary": dispatch_forms.summary(dispatch.criteria),
            "fallback": dispatch.fallback and _language(dispatch.fallback),
            "findings": [
                (one, one.language and _language(one.language))
                for one in (look.findings if look else ())
            ],
            "issue": issue,
            "has_left": look is None,
            "held": issue and approving.held_sentence(issue),
            "waits_for_approval": issue and issue.state == Issue.State.DRAFT,
            "may_be_deleted": issue is None and not approving.has_left(dispatch.reference),
            "may_be_stopped": issue and issue.frozen_at is None,
            "differing": issue
            and issue.frozen_at is None
            and vocabulary.listed(map(_language, dispatching.differing(dispatch, issue))),
            "sender_differs": issue
            and issue.frozen_at is None
            and dispatching.sender_differs(issue),
            "is_own": issue and issue.proposed_by_id == user.pk,
            "why_ended": ended and reports.reason(ended),
            "why_stopped": issue and reports.reason(issue),
            "testers": proofs.colleagues("approve_issue").count(),
            "may_compose": user.has_perm(COMPOSE),
            "may_approve": user.has_perm(APPROVE),
            **(count(look.reach) if look else {}),
        }


def count(reach: Any) -> dict[str, Any]:
    """How many would get it, in which languages, and why the others would not."""
    by_language = [(_language(code), n) for code, n in reach.by_language.most_common() if code]
    left_out = [(LEFT_OUT.get(why, why), n) for why, n in reach.left_out.most_common()]
    return {"people": reach.people, "by_language": by_language, "left_out": left_out}


@require_POST
@permission_required(COMPOSE, raise_exception=True)
def add_language(request: HttpRequest, key: str) -> HttpResponse:
    """Begin its words in a language, and go there."""
    dispatch = get_object_or_404(Dispatch, key=key)
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        return redirect("dispatch", key)
    row = dispatching.add_language(dispatch, language)
    return redirect(manuscript_url(row))


@require_POST
def send_test(request: HttpRequest, key: str) -> HttpResponse:
    """Every finished language to the colleague who presses, or to all who may approve."""
    if not isinstance(request.user, User) or not may_look(request.user):
        return _refuse(request)
    dispatch = get_object_or_404(Dispatch, key=key)
    group = proofs.colleagues("approve_issue").values_list("email", flat=True)
    to = list(group) if request.POST.get("to") == "group" else [request.user.email]
    sent = dispatching.send_tests(dispatch, to=to)
    if sent:
        words = ngettext(
            "%(n)d test mail is on its way.", "%(n)d test mails are on their way.", sent
        )
        messages.success(request, words % {"n": sent})
    else:
        messages.error(request, gettext("No language is finished yet: there is nothing to test."))
    return redirect("dispatch", key)


@require_POST
@permission_required(COMPOSE, raise_exception=True)
def propose(request: HttpRequest, key: str) -> HttpResponse:
    """Seal it for a colleague to look at."""
    dispatch = get_object_or_404(Dispatch.objects.select_related("newsletter"), key=key)
    try:
        dispatching.propose(dispatch, by=colleague(request))
    except approving.CannotPropose as why:
        messages.error(request, str(why))
        if not Dispatch.objects.filter(pk=dispatch.pk).exists():
            return redirect("dispatches")
    else:
        messages.success(
            request, gettext("Proposed. Text and list are locked as a colleague will see them.")
        )
    return redirect("dispatch", key)


@require_POST
@permission_required(APPROVE, raise_exception=True)
def approve(request: HttpRequest, key: str) -> HttpResponse:
    """Set on its way what the colleague has looked at: the form names the seal."""
    dispatch = get_object_or_404(Dispatch, key=key)
    issue = approving.standing(dispatch.reference)
    if issue is None or request.POST.get("seal") != issue.seal:
        messages.error(request, gettext("It changed meanwhile: look again."))
        return redirect("dispatch", key)
    try:
        dispatching.approve(issue, dispatch, by=colleague(request))
    except approving.CannotApprove as why:
        messages.error(request, str(why))
    else:
        ring()
        messages.success(request, gettext("Approved."))
    return redirect("dispatch", key)


@require_POST
def stop(request: HttpRequest, key: str) -> HttpResponse:
    """Take it back before its list is drawn up."""
    dispatch = get_object_or_404(Dispatch, key=key)
    issue = approving.standing(dispatch.reference)
    own = issue is not None and issue.proposed_by_id == request.user.pk
    if not (own or request.user.has_perm(APPROVE)):
        return _refuse(request)
    if issue is not None and approving.take_back(issue, by=request.user):
        messages.success(request, gettext("Stopped: it goes to nobody. Its words stay here."))
    else:
        messages.error(request, gettext("It changed meanwhile: look again."))
    return redirect("dispatch", key)


def manuscript_url(row: Manuscript) -> str:
    """Where its words are written."""
    return reverse("wagtailsnippets_cms_manuscript:edit", args=[row.pk])


def colleague(request: HttpRequest) -> User:
    """Who presses; the right was asked for before."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _refuse(request: HttpRequest) -> HttpResponse:
    messages.error(request, gettext("You may not do this: ask a colleague who may."))
    return redirect("wagtailadmin_home")


def _card(row: Manuscript) -> dict[str, Any]:
    return {
        "row": row,
        "language": _language(row.language),
        "url": manuscript_url(row),
        "lacks": vocabulary.listed(LACKS[name] for name in row.lacks),
    }


def _language(code: str) -> str:
    return places.language_name(code, vocabulary.language_now())
