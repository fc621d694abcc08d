"""Uploads, where the site serves them itself: pictures, and nothing else that was uploaded."""

from __future__ import annotations

import posixpath

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.static import serve

SERVED = ("images/", "original_images/", "avatar_images/")
"""A web server in front serves these folders alone: documents go through their own view."""


def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """A picture under its random name; not found for the rest."""
    path = posixpath.normpath(path).lstrip("/")
    if not path.startswith(SERVED):
        raise Http404
    return serve(request, path, document_root=str(settings.MEDIA_ROOT))
