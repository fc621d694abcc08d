"""Beside the pages: a topic with what is told of it, and a call's or course's day as a file."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alumni.vocabulary import language_now
from cms import calendars
from cms.contexts import topics


@require_safe
def topic_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/<language>/topics/<code>/`. Variables: contexts.topics.topic, and `code`."""
    shown = topics.topic(code, request, language_now())
    response = render(request, "cms/topic.html", shown | {"code": code})
    if request.user.is_authenticated:
        response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def calendar(request: HttpRequest, key: UUID) -> HttpResponse:
    """`/<language>/calendar/<key>.ics`, for whoever may read the page; the others find nothing."""
    day = calendars.day_of(key, user=request.user, language=language_now())
    if day is None:
        raise Http404
    response = HttpResponse(calendars.written(day), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{day.first:%Y-%m-%d}.ics"'
    response["X-Robots-Tag"] = "noindex"
    if not day.public:
        response["Cache-Control"] = "private, no-store"
    return response
