"""Doors that tell nothing by how long they take."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

DOORS = frozenset(
    {
        "account_login",
        "account_request_login_code",
        "account_reset_password",
        "account_signup",
        "alumni:slip",
    }
)
"""Forms that take an address, by the name of their route."""
AFTER_THE_DOOR = frozenset(
    {
        "account_confirm_login_code",
        "account_confirm_password_reset_code",
        "account_email_verification_sent",
    }
)
"""Where the mailed code is typed; looking at them costs a query more when there is somebody."""


class SameTime:
    """Middleware: whatever is known of an address, the answer comes after the same time.

    The work behind a door differs by a few queries (an address on a roster opens an account, any
    other does not). The answer waits until all of it would have been done: DOORS_TAKE_SECONDS,
    or a multiple where hashing a password takes longer on a slow machine.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        response = self.get_response(request)
        step = settings.DOORS_TAKE_SECONDS
        if step and _depends_on_an_address(request):
            time.sleep(step - (time.monotonic() - began) % step)
        return response


def _depends_on_an_address(request: HttpRequest) -> bool:
    match = request.resolver_match
    route = match.view_name if match is not None else ""
    return route in AFTER_THE_DOOR or (request.method == "POST" and route in DOORS)
