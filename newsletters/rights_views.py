"""A reader's own data, page by page. GET changes nothing; the mail's link is used up by a POST."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_POST

from newsletters import links, rights, sources
from newsletters.addresses import masked
from newsletters.forms import NewMailboxForm
from newsletters.link_views import private, unknown
from newsletters.models import Subscriber
from newsletters.open_forms import network_of


@private
@require_POST
def ask(request: HttpRequest, token: str) -> HttpResponse:
    """From the preference page: mail me a fresh link. The answer is the same for everybody."""
    subscriber = Subscriber.objects.filter(key=token).first()
    if subscriber is None:
        return unknown(request)
    with translation.override(subscriber.languages[0]):
        try:
            rights.ask(subscriber, network=network_of(request))
        except links.TooManyRequests:
            return render(request, "newsletters/too_many.html", status=429)
        context = {"address": masked(subscriber.address)}
        return render(request, "newsletters/data_asked.html", context)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, the first POST opens the page; what is pressed there carries the sitting."""
    if request.method != "POST":
        link = links.unused(token, "data")
        if link is None:
            return _used_up(request)
        with translation.override(link.subscriber.languages[0]):
            context = {"address": masked(link.subscriber.address)}
            return render(request, "newsletters/data_door.html", context)
    sitting = request.POST.get("sitting", "")
    if not sitting:
        begun = rights.begin(token)
        return _page(request, *begun) if begun else _used_up(request)
    subscriber = rights.sitting_of(sitting)
    if subscriber is None:
        return _used_up(request)
    if sources.audience().elsewhere(subscriber).page:
        return _page(request, subscriber, sitting)
    with translation.override(subscriber.languages[0]):
        return _do(request, subscriber, sitting)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, token: str) -> HttpResponse:
    """In the new mailbox: GET asks, POST moves everything there."""
    link = rights.movable(token)
    if link is None:
        return _used_up(request)
    with translation.override(link.subscriber.languages[0]):
        if request.method != "POST":
            context = {"address": masked(link.address)}
            return render(request, "newsletters/data_move.html", context)
        moved = rights.move(token)
        if moved is None:
            return _used_up(request)
        context = {
            "address": masked(moved.address),
            "preferences_url": links.preferences_url(moved),
        }
        return render(request, "newsletters/data_moved.html", context)


def _do(request: HttpRequest, subscriber: Subscriber, sitting: str) -> HttpResponse:
    wanted, language = request.POST.get("do"), translation.get_language()
    if wanted == "take":
        response = HttpResponse(rights.take(subscriber), content_type="application/zip")
        name = f"my-data-{timezone.localdate():%Y-%m-%d}.zip"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    if wanted == "forget" and "sure" in request.POST:
        rights.forget(subscriber, language=language)
        return render(request, "newsletters/data_erased.html")
    if wanted == "forget":
        return _page(request, subscriber, sitting, unsure=True)
    form = NewMailboxForm(request.POST)
    if not form.is_valid():
        return _page(request, subscriber, sitting, form=form)
    try:
        rights.ask_new_mailbox(
            subscriber, address=form.cleaned_data["address"], network=network_of(request)
        )
    except links.TooManyRequests:
        return render(request, "newsletters/too_many.html", status=429)
    return render(request, "newsletters/data_move_asked.html")


def _page(
    request: HttpRequest,
    subscriber: Subscriber,
    sitting: str,
    *,
    form: NewMailboxForm | None = None,
    unsure: bool = False,
) -> HttpResponse:
    with translation.override(subscriber.languages[0]):
        elsewhere = sources.audience().elsewhere(subscriber)
        context = {
            "address": masked(subscriber.address),
            "sitting": sitting,
            "form": form or NewMailboxForm(),
            "unsure": unsure,
            "page": elsewhere.page,
            "is_listed": bool(elsewhere.sections),
        }
        status = 422 if unsure or (form and form.errors) else 200
        return render(request, "newsletters/data.html", context, status=status)


def _used_up(request: HttpRequest) -> HttpResponse:
    """The neutral page: the link may be wrong, used, or older than an hour."""
    return render(request, "newsletters/data_used_up.html", status=404)
