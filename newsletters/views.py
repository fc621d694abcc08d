"""Pages for readers. GET never changes anything; a token in an address is the only key needed."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language, get_language_info
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from newsletters import sources, subscriptions
from newsletters.addresses import masked
from newsletters.forms import LanguagesForm, LinkForm, PreferencesForm, SubscribeForm
from newsletters.models import Batch, Fragment, Issue, Newsletter, Subscriber, Subscription

P = ParamSpec("P")
ARCHIVED = 10
"""Earlier issues shown beneath each newsletter."""


def private(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page behind a token: never cached, never indexed."""

    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        response["X-Robots-Tag"] = "noindex, noarchive"
        return response

    return answer


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All newsletters one can subscribe to, each with its latest issues."""
    return _listed(request)


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
        except subscriptions.TooManyRequests:
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
        except subscriptions.TooManyRequests:
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


@private
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST confirms: a mail gateway that follows links confirms nobody.

    Once confirmed, the link says so and leads to the preferences.
    """
    link = subscriptions.confirmable(token)
    if link is None:
        return unknown(request)
    subscription, language = link.subscription, link.asked["language"]
    already = subscription.state == Subscription.State.CONFIRMED
    if request.method == "POST":
        confirmed = subscriptions.confirm(token, language=language)
        if confirmed is None:
            return unknown(request)
        subscription = confirmed
    done = subscription.state == Subscription.State.CONFIRMED
    follows = subscription.interests if done else link.asked["interests"]
    with translation.override(language):
        context = {
            "subscription": subscription,
            "newsletter": subscription.newsletter.wording(),
            "sentence": subscriptions.consent_sentence(subscription.newsletter, language),
            "follows": subscriptions.in_words(follows, language),
            "already": already,
            "address": masked(subscription.subscriber.address),
            "preferences_url": subscriptions.preferences_url(subscription.subscriber),
        }
        template = "newsletters/confirmed.html" if done else "newsletters/confirm.html"
        return render(request, template, context)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """The reader's own page: what, how often, in which languages; one save for all of it."""
    subscriber = Subscriber.objects.filter(key=token).first()
    if subscriber is None:
        return unknown(request)
    with translation.override(subscriber.languages[0]):
        language = translation.get_language()
        rows = list(
            Subscription.objects.filter(subscriber=subscriber)
            .select_related("newsletter")
            .prefetch_related("newsletter__wordings")
            .order_by("newsletter")
        )
        data = request.POST if request.method == "POST" else None
        if data is not None and "return" in data:
            back = [
                subscriptions.return_to(row, language=language)
                for row in rows
                if row.key == data["return"]
            ]
            return redirect(f"{request.path}?{'saved' if all(back) else 'asked'}=1")
        interests = sources.content().interests(language)
        languages = LanguagesForm(data, subscriber=subscriber)
        forms = [
            PreferencesForm(data, subscription=row, interests=interests, prefix=f"s{row.pk}")
            for row in rows
            if row.state == Subscription.State.CONFIRMED
        ]
        if data is not None and languages.is_valid() and all(form.is_valid() for form in forms):
            subscriptions.read_in(subscriber, languages=languages.languages)
            for form in forms:
                subscriptions.prefer(form.subscription, **form.wanted)
            return redirect(f"{request.path}?saved=1")
        context = {
            "address": masked(subscriber.address),
            "languages_form": languages,
            "forms": forms,
            "left": [row for row in rows if row.state == Subscription.State.LEFT],
            "saved": "saved" in request.GET and data is None,
            "asked": "asked" in request.GET and data is None,
        }
        return render(request, "newsletters/preferences.html", context, status=400 if data else 200)


@private
@csrf_exempt  # RFC 8058: a mail client posts without cookie and without having seen the page
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST leaves and answers 200; a repeated one answers the same.

    Who has left is told so by GET, with the way back.
    """
    subscription = (
        Subscription.objects.filter(key=token).select_related("subscriber", "newsletter").first()
    )
    if subscription is None:
        return unknown(request)
    with translation.override(subscription.subscriber.languages[0]):
        context = {
            "newsletter": subscription.newsletter.wording(),
            "address": masked(subscription.subscriber.address),
            "preferences_url": subscriptions.preferences_url(subscription.subscriber),
        }
        if request.method != "POST":
            if subscription.state == Subscription.State.LEFT:
                context["already"] = True
                return render(request, "newsletters/unsubscribed.html", context)
            return render(request, "newsletters/unsubscribe.html", context)
        try:
            one_click = "List-Unsubscribe" in request.POST
        except (BadRequest, MultiPartParserError, SuspiciousOperation):
            one_click = True  # leaving needs no body; a broken one must not keep anybody
        subscriptions.unsubscribe(
            subscription,
            how="button in the mail" if one_click else "link in the mail",
            language=translation.get_language(),
        )
        return render(request, "newsletters/unsubscribed.html", context)


@private
@csrf_exempt  # what is posted to a broken link gets the same page
def unknown(request: HttpRequest, nonsense: str = "") -> HttpResponse:
    """The one neutral page for every link that leads nowhere (any more)."""
    return render(request, "newsletters/unknown.html", status=404)


def network_of(request: HttpRequest) -> str:
    """The caller's network (/24 or /64), as the last proxy we trust saw it."""
    address = request.META.get("REMOTE_ADDR", "")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if 0 < settings.TRUSTED_PROXIES <= len(forwarded):
        address = forwarded[-settings.TRUSTED_PROXIES].strip()
    try:
        prefix = 24 if ipaddress.ip_address(address).version == 4 else 64
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False))


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
    """Issues that reached somebody, with their public cards in a language, newest first."""
    cards = Fragment.objects.filter(language=language, is_public=True).exclude(entry="")
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
