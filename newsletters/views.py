"""Pages for readers: what there is to subscribe to, and the archive. GET changes nothing."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language, get_language_info
from django.views.decorators.http import require_http_methods, require_safe

from newsletters import links, subscriptions
from newsletters.forms import LinkForm, SubscribeForm
from newsletters.models import Batch, Fragment, Issue, Newsletter
from newsletters.open_forms import network_of, open_form

ARCHIVED = 10
"""Earlier issues shown beneath each newsletter."""


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All newsletters one can subscribe to, each with its latest issues."""
    return _listed(request)


@open_form
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """Ask for a newsletter; the answer is the same whether the address is known or not."""
    language = get_language() or settings.LANGUAGE_CODE
    initial = {"language": language, "follow": request.GET.getlist("follow")}
    form = SubscribeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            subscriptions.subscribe(
                address=wanted["address"],
                newsletter=wanted["newsletter"],
                language=wanted["language"],
                frequency=wanted["frequency"],
                interests=wanted["follow"],
                network=network_of(request),
            )
        except links.TooManyRequests:
            return render(request, "newsletters/too_many.html", status=429)
        return redirect(_with_query("newsletters:asked", follow=wanted["follow"]))
    status = 400 if form.is_bound else 200
    return render(request, "newsletters/subscribe.html", {"form": form}, status=status)


@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """Look into your mailbox: what happens next, and the way back to the form that was sent."""
    if request.GET.get("form") == "link":
        context = {"for_link": True, "form_url": reverse("newsletters:link")}
    else:
        follow = request.GET.getlist("follow")
        context = {"form_url": _with_query("newsletters:subscribe", follow=follow)}
    return render(request, "newsletters/asked.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest) -> HttpResponse:
    """Mail me my preference link."""
    form = LinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            subscriptions.send_preferences_link(
                address=form.cleaned_data["address"],
                language=get_language() or settings.LANGUAGE_CODE,
                network=network_of(request),
            )
        except links.TooManyRequests:
            return render(request, "newsletters/too_many.html", status=429)
        return redirect(_with_query("newsletters:asked", form="link"))
    status = 400 if form.is_bound else 200
    return render(request, "newsletters/link.html", {"form": form}, status=status)


@require_safe
def issue(request: HttpRequest, newsletter: str, key: str) -> HttpResponse:
    """An issue in the archive: what was public in it, in the language of the page.

    In a language it was not made in, the list says so and leads to it: the way to another language
    stands on every page and must end nowhere.
    """
    of_key = {"key": key, "newsletter__slug": newsletter}
    language = get_language() or settings.LANGUAGE_CODE
    if found := _archived(language).filter(**of_key).first():
        return render(request, "newsletters/issue.html", {"issue": found})
    elsewhere = []
    for code, _name in settings.LANGUAGES:
        if _archived(code).filter(**of_key).exists():
            with translation.override(code):
                url = reverse("newsletters:issue", args=[newsletter, key])
            elsewhere.append(get_language_info(code) | {"url": url})
    if not elsewhere:
        raise Http404
    answer = _listed(request, elsewhere=elsewhere)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _listed(request: HttpRequest, **more: Any) -> HttpResponse:
    language = get_language() or settings.LANGUAGE_CODE
    newsletters = Newsletter.objects.filter(is_open=True).prefetch_related(
        "wordings", Prefetch("issues", _archived(language)[:ARCHIVED], to_attr="archived")
    )
    form = SubscribeForm(initial={"language": language})
    return render(
        request, "newsletters/index.html", {"newsletters": newsletters, "form": form} | more
    )


def _with_query(name: str, **query: str | list[str]) -> str:
    """The address of a page with a query; without one where nothing is asked."""
    written = urlencode(query, doseq=True)
    return reverse(name) + (f"?{written}" if written else "")


def _archived(language: str) -> QuerySet[Issue]:
    """Issues that reached somebody, with their public cards in a language, newest first.

    What was taken down since, or is no longer for everyone, is on no card.
    """
    shown = Fragment.objects.filter(language=language, is_public=True, withdrawn_at=None)
    own_forms = {name: OuterRef(name) for name in ("issue", "language", "entry")}
    earlier = Fragment.objects.filter(**own_forms, pk__lt=OuterRef("pk"))
    # One stands in several forms: with a reason, as a title.
    cards = shown.exclude(entry="").exclude(Exists(earlier))
    own = {"issue": OuterRef("pk")}
    reached = Batch.objects.filter(state=Batch.State.ACCEPTED, **own)
    return (
        Issue.objects.filter(Exists(cards.filter(**own)), Exists(reached))
        .select_related("newsletter")
        .prefetch_related(
            Prefetch(
                "fragments", cards.only("issue", "title", "url").order_by("pk"), to_attr="cards"
            )
        )
        .order_by("-cutoff_at", "-pk")
    )
