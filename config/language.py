"""Which language an address without one speaks."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware

WITHOUT_LANGUAGE = (
    "/n/",
    "/cms/",
    "/anymail/",
    "/documents/",
    "/media/",
    "/healthz",
    "/metrics",
)


class LanguageMiddleware(LocaleMiddleware):
    """Django's, except that what is not found at an address of ours stays not found.

    Wagtail takes every path beneath a language, so Django would send an unknown link in a mail on
    to a page that does not exist, instead of showing the one neutral page.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.path_info.startswith(WITHOUT_LANGUAGE):
            return response
        return super().process_response(request, response)
