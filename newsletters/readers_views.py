"""The editors' screens of readers: who reads, one reader, why a mailing came or not, lists, proof.

Every look at a person is handed to the audience source, which writes it down for the person.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, get_language_bidi, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from django.views.generic import DetailView, TemplateView

from newsletters import explain, fates, proof, readers, sources
from newsletters.addresses import masked, normalise
from newsletters.admin_views import Mailings, Screen
from newsletters.interests import in_words
from newsletters.models import Consent, Delivery, Issue, Subscriber, Subscription
from newsletters.reader_forms import CSV, FindForm, TakeOutForm, WhyForm
from newsletters.spreadsheets.written import CSV_TYPE, XLSX_TYPE, as_csv, as_xlsx

A_PAGE = 50
TOLD_APART = 3
"""Letters by which colleagues tell the readers of a list apart."""
LATEST = 15
"""Mailings shown on a reader's screen."""
MOST_IN_A_WORKBOOK = 100_000


class Readers(Screen, TemplateView):
    """Everyone who reads, by address, state, newsletter and language.

    What is looked for is posted: an address in a web address would stand in logs.
    """

    permission_required = "newsletters.view_people"
    template_name = "newsletters/admin/readers.html"
    page_title = _("Readers")
    header_icon = "group"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Looking for somebody changes nothing; taking the list out is written down."""
        found = FindForm(request.POST)
        take_out = TakeOutForm(request.POST) if "purpose" in request.POST else None
        if not found.is_valid() or (take_out and not take_out.is_valid()):
            return self.render_to_response(self.get_context_data(take_out=take_out), status=400)
        return self._list(found, take_out) if take_out else self.get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.POST or self.request.GET
        form = FindForm(asked or None)
        is_asked = not form.is_bound or form.is_valid()
        found = readers.found(form.wanted) if is_asked else Subscriber.objects.none()
        everyone = readers.with_subscriptions(found)
        page = Paginator(everyone, A_PAGE).get_page(asked.get("page"))
        return super().get_context_data(**kwargs) | {
            "form": form,
            "page_obj": page,
            "is_narrowed": not is_asked or form.wanted != readers.Wanted(),
            "is_asked": is_asked,
            "rows": [
                (
                    reader,
                    masked(reader.address, TOLD_APART),
                    [fates.language_name(code) for code in reader.languages],
                    [(row, readers.state_of(row)) for row in reader.subscriptions.all()],
                )
                for reader in page
            ],
            "take_out": kwargs.get("take_out") or TakeOutForm(),
            "may_bring_in": self.request.user.has_perm("newsletters.add_subscription"),
        }

    def _list(self, found: FindForm, form: TakeOutForm) -> HttpResponse:
        wanted, purpose = found.wanted, form.cleaned_data["purpose"]
        is_csv = form.cleaned_data["kind"] == CSV
        if not is_csv and readers.found(wanted).count() > MOST_IN_A_WORKBOOK:
            form.add_error("kind", _("So long a list fits a text table only: choose CSV."))
            return self.render_to_response(self.get_context_data(take_out=form), status=400)
        chosen = found.cleaned_data["newsletter"]
        narrowed = readers.in_words_of(wanted, str(chosen or ""))
        with transaction.atomic():
            detail = gettext("%(purpose)s (readers: %(which)s)")
            sources.audience().looked(
                readers.found(wanted),
                how="list",
                detail=detail % {"purpose": purpose, "which": narrowed},
                by=self.request.user,
            )
            rows = readers.rows_that_leave(wanted)
            content = (as_csv if is_csv else as_xlsx)(readers.COLUMNS, rows)
        answer = HttpResponse(content, content_type=CSV_TYPE if is_csv else XLSX_TYPE)
        name = f"readers-{timezone.localdate():%Y-%m-%d}.{form.cleaned_data['kind']}"
        return _as_file(answer, name)


class Reader(Screen, DetailView):
    """One reader: what he or she receives and agreed to, and what became of the latest mailings."""

    permission_required = "newsletters.view_people"
    model = Subscriber
    template_name = "newsletters/admin/reader.html"
    header_icon = "user"
    object: Subscriber

    def get_page_title(self) -> str:
        return masked(self.object.address)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("readers"), "label": _("Readers")}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.get_page_title()}]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().get(request, *args, **kwargs)
        _note(self.object, gettext("the screen of newsletters"), request)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reader, language = self.object, get_language() or "en"
        subscriptions = (
            Subscription.objects.filter(subscriber=reader)
            .select_related("newsletter")
            .prefetch_related("newsletter__wordings")
            .order_by("newsletter")
        )
        suppression = explain.suppression_of(reader)
        return super().get_context_data(**kwargs) | {
            "languages": [fates.language_name(code) for code in reader.languages],
            "suppression": fates.suppressed(suppression) if suppression else "",
            "subscriptions": [
                (row, readers.state_of(row), in_words(row.interests, language))
                for row in subscriptions
            ],
            "consents": [
                (row, proof.way(row.how), fates.language_name(row.language))
                for row in Consent.objects.filter(subject=f"subscriber:{reader.pk}")
            ],
            "mailings": _latest(reader, [row.newsletter_id for row in subscriptions]),
        }


class Why(Screen, DetailView):
    """Why somebody got a mailing or did not: the address is posted, the answer stands below."""

    permission_required = "newsletters.view_people"
    queryset = Mailings.queryset
    template_name = "newsletters/admin/why.html"
    page_title = _("Why did, or didn't, this person get it?")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.beneath(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"form": kwargs.get("form") or WhyForm()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """It changes nothing but the record of looks."""
        self.object = self.get_object()
        form = WhyForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        address = form.cleaned_data["address"]
        said = explain.explain(self.object, address)
        reader = _reader_at(address)
        if reader:
            _note(reader, gettext("why a mailing came or did not"), request)
        context = self.get_context_data(form=form, said=said, reader=reader)
        return self.render_to_response(context)


class WhyOfReader(Why):
    """The same from the reader's screen."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        reader = get_object_or_404(Subscriber, pk=kwargs["reader"])
        suppression = explain.suppression_of(reader)
        said = explain.of_reader(self.object, reader, suppression)
        _note(reader, gettext("why a mailing came or did not"), request)
        form = WhyForm(initial={"address": reader.address})
        return self.render_to_response(self.get_context_data(form=form, said=said, reader=reader))


@require_safe
def prove(request: HttpRequest, pk: int) -> HttpResponse:
    """What the reader agreed to, as one page for printing."""
    if not request.user.has_perm("newsletters.view_people"):
        raise PermissionDenied
    reader = get_object_or_404(Subscriber, pk=pk)
    page = render_to_string(
        "newsletters/admin/proof.html",
        {
            "reader": reader,
            "agreed": proof.of_reader(reader),
            "made_at": timezone.now(),
            "language": get_language(),
            "direction": "rtl" if get_language_bidi() else "ltr",
        },
    )
    _note(reader, gettext("the proof of consent"), request)
    return _as_file(HttpResponse(page), f"consent-{timezone.localdate():%Y-%m-%d}.html")


def _latest(reader: Subscriber, newsletters: list[int]) -> list[tuple[Issue, list[str], bool]]:
    """The latest mailings of these newsletters and those that went to the reader, newest first."""
    got = {
        one.issue_id: one
        for one in Delivery.objects.filter(subscriber_id=reader.pk)
        .select_related("batch__edition")
        .order_by("-issue")[:LATEST]
    }
    issues = Mailings.queryset.filter(newsletter__in=newsletters).exclude(frozen_at=None)
    newest = {issue.pk: issue for issue in issues.order_by("-pk")[:LATEST]}
    newest |= {issue.pk: issue for issue in Mailings.queryset.filter(pk__in=got.keys() - newest)}
    said = fates.of_each(got.values())
    return [
        (newest[pk], said[got[pk].pk] if pk in got else [], pk in got)
        for pk in sorted(newest, reverse=True)
    ]


def _reader_at(address: str) -> Subscriber | None:
    try:
        return Subscriber.objects.filter(address=normalise(address)).first()
    except ValidationError:
        return None


def _note(reader: Subscriber, detail: str, request: HttpRequest) -> None:
    one = Subscriber.objects.filter(pk=reader.pk)
    sources.audience().looked(one, how="reader", detail=detail, by=request.user)


def _as_file(answer: HttpResponse, name: str) -> HttpResponse:
    """It is taken home, and kept by no cache."""
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
