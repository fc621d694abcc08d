"""Presses of the ten minutes, in demonstrations only: sign in as somebody invented, begin a story.

Both take POST alone. Elsewhere there are no such addresses.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from alumni.models import User
from cms.demo import articles, steps
from cms.demo.tour import in_demonstrations
from cms.models import StoryIndexPage, StoryPage


@in_demonstrations
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """As the person of `address`, on to `next`, a screen of this site; Http404 for anybody else.

    Whoever was signed in is signed out.
    """
    _sign_in(request)
    onward = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(onward, allowed_hosts=None)
    return redirect(onward if here else reverse("demo"))


@in_demonstrations
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """The pack's ready story as a draft in its form; the one that stands when there is one."""
    if request.POST.get("address"):
        _sign_in(request)
    if not request.user.has_perm("wagtailadmin.access_admin"):
        raise Http404
    found = settings.PACK.demonstration(timezone.localdate())
    if found is None or not found.ready:
        raise Http404
    name, plan = next(iter(found.ready.items()))
    with transaction.atomic():
        # One press after the other: two at once would begin it twice.
        lists = StoryIndexPage.objects.order_by("pk")
        list(lists.select_for_update(of=("self",), no_key=True).values_list("pk"))
        articles.draft(name, plan)
    page = StoryPage.objects.filter(slug=name).order_by("pk")[0]
    return redirect("wagtailadmin_pages:edit", page.pk)


def _sign_in(request: HttpRequest) -> None:
    """Only as one of those whose password the page prints for everybody."""
    address = request.POST.get("address", "")
    if address not in {one.address for one in steps.colleagues()}:
        raise Http404
    user = User.objects.filter(email=address, is_active=True).first()
    if user is None:
        raise Http404
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    # The page stays open beside what a press opens in a tab of its own: its token is good still.
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = False
