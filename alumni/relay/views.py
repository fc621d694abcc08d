"""Pages of writing to a member: the list, a conversation, a new message, a report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from alumni import appearance, visibility
from alumni.models import User
from alumni.relay import contact, inbox, muting
from alumni.relay.forms import MessageForm, ReportForm
from alumni.views import members_page
from alumni.vocabulary import language_now

A_LEAF = 20
VERBS: dict[str, tuple[Callable[..., Any], Any]] = {
    "accept": (contact.accept, _("Accepted. You can both write now.")),
    "decline": (contact.decline, _("Done. The other person is not told.")),
    "block": (contact.block, _("Blocked. The other person is not told.")),
    "unblock": (contact.unblock, _("You hear from this person again.")),
}


@members_page
@require_safe
def conversations(request: HttpRequest) -> HttpResponse:
    """Whom I write with, the latest first."""
    user = _member(request)
    leaf = Paginator(inbox.of(user), A_LEAF).get_page(request.GET.get("page"))
    is_muted = muting.is_muted(user.profile)
    return render(request, "alumni/relay_inbox.html", {"page_obj": leaf, "is_muted": is_muted})


@members_page
def conversation(request: HttpRequest, key: str) -> HttpResponse:
    """What the two wrote, and the place to go on. Reading marks it read."""
    user = _member(request)
    talk = _talk(request, key)
    form = MessageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if _sent(form, lambda: contact.write(conversation=talk.conversation, by=user, text=text)):
            messages.success(request, _("Your message is sent."))
            return redirect("alumni:conversation", key)
    if request.method == "GET":
        contact.read(conversation=talk.conversation, by=user)
    return render(
        request,
        "alumni/relay_conversation.html",
        {"talk": talk, "form": form} | _standing(user),
        status=422 if form.errors else 200,
    )


@members_page
def write_to(request: HttpRequest, key: str) -> HttpResponse:
    """The first message to a member; for someone one may not find, the same as for nobody."""
    user = _member(request)
    to = visibility.visible_to(user).filter(key=key).first()
    if to is None or not contact.may_write(by=user, to=to):
        raise Http404
    own = user.profile
    known = contact.between(own, to)
    if known is not None:
        return redirect("alumni:conversation", known.key)
    form = MessageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if _sent(form, lambda: contact.ask(by=user, to=to, text=text)):
            messages.success(request, _("Sent. You can go on writing once you have an answer."))
            return redirect("alumni:conversations")
    (person,) = appearance.seen(user, [to])
    return render(
        request,
        "alumni/relay_new.html",
        {
            "person": person,
            "form": form,
            "own_name": inbox.shown_as(own, to=to),
            "notices": settings.PACK.notices.spoken(language_now()),
        }
        | _standing(user),
        status=422 if form.errors else 200,
    )


@members_page
@require_POST
def answer(request: HttpRequest, key: str, verb: str) -> HttpResponse:
    """Accept, decline, block or take a block back."""
    talk = _talk(request, key)
    act, said = VERBS[verb]
    try:
        act(conversation=talk.conversation, by=_member(request))
    except contact.NotNow as why:
        messages.error(request, str(why))
    else:
        messages.success(request, said)
    if verb in {"decline", "block"}:
        return redirect("alumni:conversations")
    return redirect("alumni:conversation", key)


@members_page
def report(request: HttpRequest, key: str) -> HttpResponse:
    """Ask the centre's staff to read this conversation, and no other one."""
    user, talk = _member(request), _talk(request, key)
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        contact.report(conversation=talk.conversation, by=user, why=form.cleaned_data["why"])
        if form.cleaned_data["block"]:
            contact.block(conversation=talk.conversation, by=user)
        messages.success(request, _("Reported. A colleague of the centre will read it."))
        return redirect("alumni:conversations")
    return render(request, "alumni/relay_report.html", {"talk": talk, "form": form})


def _member(request: HttpRequest) -> User:
    """Whoever has joined; for others these pages are not there."""
    own = visibility.membership(request.user)
    if own is None or not own.is_member or not isinstance(request.user, User):
        raise Http404
    return request.user


def _standing(user: User) -> dict[str, Any]:
    """Whether the member may write at all now, and what the first message agrees to."""
    return {"is_muted": muting.is_muted(user.profile), "agrees": contact.wording(user.profile)}


def _talk(request: HttpRequest, key: str) -> inbox.Talk:
    talk = inbox.find(_member(request), key)
    if talk is None:
        raise Http404
    return talk


def _sent(form: MessageForm, send: Callable[[], object]) -> bool:
    """Whether it went; why not stands in the form, above what was typed."""
    try:
        send()
    except contact.NotNow as why:
        form.add_error(None, str(why))
    except ValidationError as why:
        form.add_error("text", why)
    else:
        return True
    return False
