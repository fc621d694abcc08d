"""Beginning and changing a mailing that is written: its frame, its readers, how it looks to one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST
from django.views.generic import CreateView, DetailView, UpdateView

from alumni.audience import countries_of
from cms import corrections, dispatch_previews, mailings
from cms.dispatch_forms import AudienceForm, DispatchForm, ReaderForm
from cms.dispatch_views import COMPOSE, DispatchScreen, colleague, count, may_look
from cms.models import Dispatch, Manuscript
from newsletters import approving, correcting, proposals
from newsletters.admin_views import Screen
from newsletters.models import Issue
from newsletters.pipeline import written


class Composing(DispatchScreen):
    """For those who write."""

    def has_permission(self) -> bool:
        return bool(self.request.user.has_perm(COMPOSE))


class NewDispatch(Screen, CreateView):
    """A new one; its words come next."""

    permission_required = COMPOSE
    model = Dispatch
    form_class = DispatchForm
    template_name = "cms/admin/dispatch_form.html"
    page_title = _("A new mailing")
    header_icon = "edit"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("dispatches"), "label": _("Being written")}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.page_title}]

    def form_valid(self, form: Any) -> HttpResponse:
        form.instance.created_by = self.request.user
        return redirect("dispatch", form.save().key)


@require_POST
@permission_required(COMPOSE, raise_exception=True)
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the correction of a mailing that has ended; a second press leads to the first one's."""
    mailing = get_object_or_404(Issue, pk=pk)
    try:
        correction, is_new = corrections.begin(mailing, by=colleague(request))
    except correcting.CannotCorrect as why:
        messages.error(request, str(why))
        return redirect("mailing", pk)
    if not is_new:
        messages.info(
            request, gettext("It has a correction already that was not sent yet: this is it.")
        )
    return redirect("dispatch", correction.key)


class EditDispatch(Composing, UpdateView):
    """Its frame: title, newsletter, when it leaves, what readers of other languages get."""

    form_class = DispatchForm
    template_name = "cms/admin/dispatch_form.html"

    def get_page_title(self) -> Any:
        return _("When it leaves") if self.object.corrects_id else _("Newsletter and time")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.under(self.get_page_title())

    def form_valid(self, form: Any) -> HttpResponse:
        return redirect("dispatch", form.save().key)


class Audience(Composing, DetailView):
    """To whom; the count follows what is ticked, by itself or by its button."""

    template_name = "cms/admin/dispatch_audience.html"
    parts_template_name = "cms/admin/_dispatch_count.html"
    page_title = _("To whom")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.under(self.page_title)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = kwargs.get("form") or AudienceForm(initial=self.object.criteria)
        criteria = self.object.criteria
        if form.is_bound and form.is_valid():
            criteria = form.criteria
        return context | {"form": form} | count(_reach(self.object, criteria))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.has_permission() and (one := self.get_object()).corrects_id:
            # Its readers are settled: what is left to choose stands there.
            return redirect("dispatch_edit", one.key)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        form = AudienceForm(request.GET) if "count" in request.GET else None
        return self.render_to_response(self.get_context_data(form=form))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        form = AudienceForm(request.POST)
        if "count" in request.POST or not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        self.object.criteria = form.criteria
        self.object.save()
        messages.success(request, gettext("Saved."))
        return redirect("dispatch", self.object.key)


class Looking(DispatchScreen, DetailView):
    """The mailing through the eyes of a chosen reader: which language comes, and how it looks."""

    template_name = "cms/admin/dispatch_look.html"
    page_title = _("How it looks")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.under(self.page_title)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        complete = [row.language for row in self.object.manuscripts.all() if row.is_complete]
        first = complete[0] if complete else settings.LANGUAGE_CODE
        form = ReaderForm(self.request.GET if "language" in self.request.GET else None)
        form.initial = {"language": first}
        chosen: dict[str, Any] = {"language": first}
        if form.is_bound and form.is_valid():
            chosen = form.cleaned_data
        language = chosen["language"] if chosen["language"] in complete else self.object.fallback
        language = language if language in complete else ""
        elsewhere = bool(chosen.get("country")) and not _is_meant(self.object, chosen["country"])
        row = next((r for r in self.object.manuscripts.all() if r.language == language), None)
        proof = row and written.proof(
            mailings.as_written(row),
            newsletter=self.object.newsletter,
            discreet=bool(chosen.get("at_risk")),
        )
        return context | {
            "form": form,
            "language": language,
            "proof": proof,
            "is_other_language": bool(language) and language != chosen["language"],
            "elsewhere": elsewhere,
            "modes": [
                (mode or "mail", label)
                for mode, label in dispatch_previews.MODES
                if mode != dispatch_previews.AT_RISK
            ],
            "mode": self.request.GET.get("mode", "mail"),
            "at_risk": bool(chosen.get("at_risk")),
        }


@xframe_options_sameorigin
def mail(request: HttpRequest, key: str, language: str, mode: str) -> HttpResponse:
    """The mail alone, as it would leave."""
    rows = Manuscript.objects.select_related("dispatch__newsletter")
    row = rows.filter(dispatch__key=key, language=language).first()
    if row is None or not may_look(request.user):
        raise Http404
    return dispatch_previews.shown(row, "" if mode == "mail" else mode)


class Deleting(Composing, DetailView):
    """What cannot be undone is asked first: GET asks, POST deletes what never left."""

    template_name = "cms/admin/dispatch_delete.html"
    page_title = _("Delete this mailing")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.under(self.page_title)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        if refusal := _delete(self.object):
            messages.error(request, refusal)
            return redirect("dispatch", self.object.key)
        messages.success(request, gettext("The mailing was deleted."))
        return redirect("dispatches")


def _delete(dispatch: Dispatch) -> str:
    """Why it stays; empty once it is gone."""
    with transaction.atomic():
        # Whoever proposes holds this row: nothing is proposed of what is gone.
        Dispatch.objects.select_for_update().filter(pk=dispatch.pk).first()
        if approving.has_left(dispatch.reference):
            return gettext(
                "It has left, if not to everybody: it stays, so that all can look it up."
            )
        if approving.standing(dispatch.reference) is not None:
            return gettext("It was proposed: stop it first.")
        dispatch.delete()
    return ""


def _reach(dispatch: Dispatch, criteria: dict[str, Any]) -> Any:
    complete = [row.language for row in dispatch.manuscripts.all() if row.is_complete]
    # Before anything is written, people are counted as if every language were.
    begun = complete or [code for code, _name in settings.LANGUAGES]
    dispatch.criteria = criteria
    return proposals.reach(dispatch.plan, begun)


def _is_meant(dispatch: Dispatch, country: str) -> bool:
    """Whether the countries chosen hold this one; following it by name counts, too."""
    regions, countries = (dispatch.criteria.get(name, []) for name in ("regions", "countries"))
    return not (regions or countries) or country in [*countries, *countries_of(regions)]
