"""The colleagues' screens for somebody on no list: a proposal, and the second look at it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from alumni import vocabulary
from alumni.joining import vouching
from alumni.joining.desk import SEES, OfARun
from alumni.joining.vouching_forms import ProposalForm, SecondLookForm
from alumni.models import Vouching
from alumni.roster.report import Outcome
from alumni.signed_in import user_of


class Proposing(OfARun):
    """Add a person who is on no list."""

    permission_required = (SEES, vouching.MAY)
    template_name = "alumni/vouching_new.html"
    page_title = _("Add a person who is on no list")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {"form": ProposalForm()} | super().get_context_data(**kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Kept for a colleague to look at; nobody arises from it yet."""
        form = ProposalForm(request.POST, instance=Vouching(run=self.run))
        if form.is_valid():
            try:
                with transaction.atomic():
                    vouching.propose(draft=form.instance, by=user_of(request))
                    log(self.run, "alumni.proposed", user=request.user)
            except ValidationError as why:
                form.add_error(None, why)
            else:
                said = gettext("%(name)s waits for the second look of a different colleague.")
                messages.success(request, said % {"name": form.instance.name})
                return redirect("joining_run", self.run.slug)
        return self.render_to_response(self.get_context_data(form=form), status=422)


class SecondLook(OfARun):
    """Read what a colleague proposes; confirm or refuse it."""

    permission_required = (SEES, vouching.MAY)
    template_name = "alumni/vouching.html"
    page_title = _("Somebody on no list")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self._found()
        line = vouching.look(found) if found.waits else None
        return (
            {"form": SecondLookForm()}
            | super().get_context_data(**kwargs)
            | {
                "proposal": found,
                "is_own": found.proposed_by == user_of(self.request).pk,
                "languages": vocabulary.listed(vocabulary.language_names(found.languages)),
                "notes": line.notes if line else (),
                "is_known": bool(line and line.outcome is Outcome.KNOWN),
            }
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Which of the two buttons it was; what staff have to do instead stands on the screen."""
        found, form = self._found(), SecondLookForm(request.POST)
        verb = self._refuse if "refuse" in request.POST else self._confirm
        if form.is_valid():
            try:
                with transaction.atomic():
                    verb(found, form.cleaned_data["word"])
            except ValidationError as why:
                form.add_error(None, why)
            else:
                return redirect("joining_run", self.run.slug)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def _found(self) -> Vouching:
        mine = Vouching.objects.unconfirmed().select_related("run__course")
        return get_object_or_404(mine, run=self.run, key=self.kwargs["key"])

    def _confirm(self, found: Vouching, word: str) -> None:
        by = user_of(self.request)
        if found.proposed_by == by.pk:
            raise ValidationError(
                gettext(
                    "You proposed this person yourself. Ask a different colleague who may import "
                    "lists to open this page and confirm."
                )
            )
        person = vouching.confirm(vouching=found, by=by, word=word)
        if person is None:
            messages.error(self.request, gettext("A colleague was faster, or it is too late."))
            return
        log(self.run, "alumni.vouched", user=by, data={"person": person.key})
        said = gettext("%(name)s stands on this course now. Open one of the doors.")
        messages.success(self.request, said % {"name": person.name})

    def _refuse(self, found: Vouching, word: str) -> None:
        by = user_of(self.request)
        if not vouching.refuse(vouching=found, by=by, word=word):
            messages.error(self.request, gettext("A colleague was faster, or it is too late."))
            return
        log(self.run, "alumni.vouch_refused", user=by)
        messages.success(self.request, gettext("Refused. Nobody was brought in."))
