"""The buttons beneath a story."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from cms import reactions
from cms.models import StoryPage, Tally
from newsletters.open_forms import network_of, open_form

COOKIE, MOST_REMEMBERED = "said", 40
"""On the reader's own device: which stories something was said about."""


@open_form
@require_POST
def say(request: HttpRequest, story: UUID) -> HttpResponse:
    """One press; a second one of the same browser changes nothing, and is thanked as well."""
    told = StoryPage.objects.visible_to(request.user).filter(translation_key=story)
    page = told.written_in(get_language() or "").first() or get_object_or_404(told[:1])
    what = request.POST.get("what", "")
    answer = redirect(f"{page.get_url(request)}?said=1#said")
    if what not in Tally.What.values:
        return answer
    mark = story.hex[:8]
    said = [one for one in request.COOKIES.get(COOKIE, "").split(".") if one]
    if mark in said:
        return answer
    reactions.say(page=page, what=Tally.What(what), network=network_of(request))
    answer.set_cookie(
        COOKIE,
        ".".join([*said, mark][-MOST_REMEMBERED:]),
        max_age=180 * 24 * 3600,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return answer
