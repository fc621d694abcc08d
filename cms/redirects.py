"""Old addresses lead to a page's new one: for those who may read the page, and for nobody else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from wagtail.contrib.redirects.middleware import RedirectMiddleware
from wagtail.contrib.redirects.models import Redirect


class ReadersRedirects(RedirectMiddleware):
    """An address holds a slug, and a slug tells a title: a stranger gets what is missing gets."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The new address, or the answer as it was."""
        answer = super().process_response(request, response)
        if answer is response or _may_open(request):
            return answer
        return response


def _may_open(request: HttpRequest) -> bool:
    paths = {
        Redirect.normalise_path(path)
        for path in (request.get_full_path(), request.path)
        if "\0" not in path
    }
    led_to = Redirect.objects.filter(old_path__in=paths, redirect_page__isnull=False)
    pages = [redirect.redirect_page.specific for redirect in led_to]
    return all(
        page.live and (not hasattr(page, "visible_to") or page.visible_to(request.user))
        for page in pages
    )
