"""Asks who is there before something weighty, also of members who never set a password."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import (
    get_reauthentication_flows,
    is_reauthentication_required,
)
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _

View = Callable[..., HttpResponse]
Decorator = Callable[[View], View]


def _is_post(request: HttpRequest) -> bool:
    return request.method == "POST"


PROVED = "it-is-you"
"""In the address of the page to which somebody comes back after the question."""


def fresh_sign_in_required(
    *, back: str, when: Callable[[HttpRequest], bool] = _is_post, carries_on: bool = True
) -> Decorator:
    """The view is for someone who has just shown who he or she is, where `when` says so.

    What was pressed is done after the question, unless `carries_on` is false: a file would come
    down and leave the person on the page of the question. Then the page `back` says what to press.

    allauth waves through whoever has neither password nor passkey: such members sign in anew, by
    a code to their mailbox, and find the button again on the page named by `back`.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not when(request) or _came_just_now(request):
                return view(request, *args, **kwargs)
            messages.info(
                request, _("Please sign in once more: we mail you a code. Then press again.")
            )
            logout(request)
            door = resolve_url(settings.LOGIN_URL)
            return redirect(f"{door}?{urlencode({'next': resolve_url(back)})}")

        asks = reauthentication_required(guarded, enabled=when, app="alumni")
        return asks if carries_on else _asks_first(asks, back=back, when=when)

    return decorate


def _asks_first(view: View, *, back: str, when: Callable[[HttpRequest], bool]) -> View:
    """Nothing is put aside to be done later: the question leads to the page `back`."""

    @wraps(view)
    def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        ways = get_adapter().get_reauthentication_methods(request.user)
        if when(request) and ways and is_reauthentication_required(request, app="alumni"):
            back_to = urlencode({"next": f"{resolve_url(back)}?{PROVED}"})
            return redirect(f"{ways[0]['url']}?{back_to}")
        return view(request, *args, **kwargs)

    return asking


def _came_just_now(request: HttpRequest) -> bool:
    if get_reauthentication_flows(request.user):
        return True  # asked by allauth before it came here
    latest = max(
        (row["at"] for row in get_authentication_records(request, request.user)), default=0
    )
    return time.time() - float(latest) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
