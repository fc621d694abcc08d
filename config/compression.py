"""Pages go out compressed, whatever stands in front; pictures and documents are small already."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/", "application/json", "application/xml", "application/rss+xml")


class CompressTexts(GZipMiddleware):
    """Django's own, for texts alone.

    It pads each answer by chance, so that its length tells nothing of the tokens in it.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith(TEXTS):
            return response
        return super().process_response(request, response)
