"""Beside the pages: topics with what is told of them, the feeds, and a day as a file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from alumni.vocabulary import language_now
from cms import calendars, places
from cms.contexts import topics
from cms.models import Topic
from newsletters.models import Newsletter


@require_safe
def topic_index(request: HttpRequest) -> HttpResponse:
    """`/<language>/topics/`. Variables: `topics` (contexts.topics.TopicLines)."""
    return _own(request, "cms/topics.html", {"topics": topics.topics(request, language_now())})


@require_safe
def feeds(request: HttpRequest) -> HttpResponse:
    """`/<language>/feeds/`: every feed there is. Variables: `newsletters`, `topics`, `regions`."""
    language = language_now()
    named = [
        (region, [(name, reverse("country_feed", args=[code.lower()])) for code, name in countries])
        for region, countries in places.countries_by_region(language)
    ]
    titles = Topic.objects.titles(language)
    newsletters = Newsletter.objects.filter(is_open=True).prefetch_related("wordings")
    shown = {
        "newsletters": [
            (one.wording(language).name, reverse("newsletters:feed", args=[one.slug]))
            for one in newsletters.order_by("pk")
        ],
        "topics": [(title, reverse("topic_feed", args=[code])) for code, title in titles.items()],
        "regions": named,
    }
    return render(request, "cms/feeds.html", shown)


@require_safe
def topic_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/<language>/topics/<code>/`. Variables: contexts.topics.topic, and `code`."""
    shown = topics.topic(code, request, language_now())
    return _own(request, "cms/topic.html", shown | {"code": code})


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


def _own(request: HttpRequest, template: str, shown: dict[str, Any]) -> HttpResponse:
    """A screen that may show members what others do not see is kept by nobody else."""
    response = render(request, template, shown)
    if request.user.is_authenticated:
        response["Cache-Control"] = "private, no-store"
    return response
