"""What a form for everybody needs: no cookie to be sent, and the network it was sent from."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponse]


def open_form(view: View) -> View:
    """A form that may stand on a page that a cache holds: without the token of one visitor.

    Whoever sends it acts in nobody's name, so a token would guard nothing. A form on somebody
    else's site is refused all the same, as far as the browser tells.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method == "POST" and _from_elsewhere(request):
            raise PermissionDenied("The form stands on another site.")
        return view(request, *args, **kwargs)

    exempt: View = csrf_exempt(guarded)
    return exempt


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


def _from_elsewhere(request: HttpRequest) -> bool:
    told = request.headers.get("Sec-Fetch-Site")
    if told is not None:
        return told not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is not None and origin.partition("://")[2] != request.get_host()
