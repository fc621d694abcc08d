"""Pages behind a token, which is the only key needed. GET never changes anything."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from newsletters import consents, links, sources, subscriptions
from newsletters.addresses import masked
from newsletters.forms import LanguagesForm, PreferencesForm, ReadingForm
from newsletters.interests import in_words
from newsletters.models import Newsletter, Subscriber, Subscription
from newsletters.open_forms import network_of

P = ParamSpec("P")


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
            "sentence": consents.sentence(subscription.newsletter, language),
            "follows": in_words(follows, language),
            "already": already,
            "address": masked(subscription.subscriber.address),
            "preferences_url": links.preferences_url(subscription.subscriber),
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
        if data is not None and "ask" in data:
            return _ask(request, subscriber, data["ask"])
        if data is not None and "return" in data:
            back = [
                subscriptions.return_to(row, language=language)
                for row in rows
                if row.key == data["return"]
            ]
            return redirect(f"{request.path}?{'saved' if all(back) else 'asked'}=1")
        interests = sources.content().interests(language)
        languages = LanguagesForm(data, subscriber=subscriber)
        reading = ReadingForm(data, subscriber=subscriber)
        forms = [
            PreferencesForm(data, subscription=row, interests=interests, prefix=f"s{row.pk}")
            for row in rows
            if row.state == Subscription.State.CONFIRMED
        ]
        if data is not None and all(form.is_valid() for form in [languages, reading, *forms]):
            subscriptions.read_in(subscriber, languages=languages.languages)
            subscriptions.read_as(subscriber, plain_text=reading.cleaned_data["plain_text"])
            for form in forms:
                subscriptions.prefer(form.subscription, **form.wanted)
            return redirect(f"{request.path}?saved=1")
        agreed = consents.agreed(subscriber)
        context = {
            "address": masked(subscriber.address),
            "token": token,
            "languages_form": languages,
            "reading_form": reading,
            "forms": [(form, agreed.get(form.subscription.newsletter.slug)) for form in forms],
            "others": Newsletter.objects.filter(is_open=True)
            .exclude(pk__in=[row.newsletter_id for row in rows])
            .prefetch_related("wordings")
            .order_by("pk"),
            "left": [row for row in rows if row.state == Subscription.State.LEFT],
            "saved": "saved" in request.GET and data is None,
            "asked": "asked" in request.GET and data is None,
        }
        return render(request, "newsletters/preferences.html", context, status=400 if data else 200)


def _ask(request: HttpRequest, subscriber: Subscriber, slug: str) -> HttpResponse:
    """One newsletter more: the mailbox is asked, for a preference link travels with its mail."""
    newsletter = Newsletter.objects.filter(is_open=True, slug=slug).first()
    if newsletter is None:
        return redirect(request.path)
    try:
        subscriptions.subscribe(
            address=subscriber.address,
            newsletter=newsletter,
            language=subscriber.languages[0],
            network=network_of(request),
        )
    except links.TooManyRequests:
        return render(request, "newsletters/too_many.html", status=429)
    return redirect(f"{request.path}?asked=1")


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
            "preferences_url": links.preferences_url(subscription.subscriber),
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
@require_safe
def go(request: HttpRequest, token: str, purpose: str) -> HttpResponse:
    """A reader's own page elsewhere on the site, for this purpose; it changes nothing."""
    subscriber = Subscriber.objects.filter(key=token).first()
    address = sources.audience().personal_link(subscriber.pk, purpose) if subscriber else None
    return redirect(address) if address else unknown(request)


@private
@csrf_exempt  # what is posted to a broken link gets the same page
def unknown(request: HttpRequest, nonsense: str = "") -> HttpResponse:
    """The one neutral page for every link that leads nowhere (any more)."""
    return render(request, "newsletters/unknown.html", status=404)
