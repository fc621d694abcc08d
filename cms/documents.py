"""The library's files at their addresses: for whoever may read a page that offers them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from wagtail.documents.views.serve import serve as serve_of_library

from cms.audiences import Viewer, reads_everything
from cms.models import ResourcePage


def may_open(document_id: Any, user: Viewer) -> bool:
    """Whether a live resource for this person offers it; the desk opens all that lies there."""
    offering = ResourcePage.objects.visible_to(user).filter(documents__document=document_id)
    return reads_everything(user) or offering.exists()


def serve(request: HttpRequest, document_id: str, document_filename: str) -> HttpResponseBase:
    """The file as Wagtail hands it out, behind its hooks; what is not for everyone, kept nowhere.

    Raises Http404 for what is not there or not for this person: see `cms.page_hooks`.
    """
    response: HttpResponseBase = serve_of_library(request, document_id, document_filename)
    if may_open(document_id, AnonymousUser()):
        # Asked for anew each time: tomorrow the page may be for members alone.
        response["Cache-Control"] = "no-cache"
    else:
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex, noarchive"
    return response
