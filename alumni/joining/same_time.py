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
    }
)
"""Forms that take an address, by the name of their route."""


class SameTime:
    """Middleware: whatever is known of an address, the answer comes after the same time.

    The work behind a door differs by a few queries (an address on a roster opens an account, any
    other does not). The answer waits until all of it would have been done.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        response = self.get_response(request)
        match = request.resolver_match
        if request.method == "POST" and match is not None and match.url_name in DOORS:
            over = began + settings.DOORS_TAKE_SECONDS - time.monotonic()
            if over > 0:
                time.sleep(over)
        return response
