"""What every page of the tree has: a function that gives its template words, and its languages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.pages import CopyForm
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page, PageViewRestriction

from cms import languages, routes
from cms.audiences import Viewer
from cms.generations import kept_for_strangers


class DraftCopyForm(CopyForm):
    """Copies begin as drafts: nobody has said yes yet to stand in another story."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("publish_copies", None)


SERVED = "rabita.page"
"""Where a request keeps the page that answered it."""


class ShownPage(Page):
    """A page whose template gets its words from one function, and that has no second privacy."""

    context_function: ClassVar[str] = ""
    """By dotted path: such a function reads every kind of page, so no page model can import it."""

    kept_in_memory: ClassVar[bool] = False
    """Whether every process keeps the row (cms.routes): for the few that have no text."""

    # One policy says who may read: Wagtail's own page privacy would be a second.
    private_page_options: ClassVar[list[str]] = []
    copy_form_class = DraftCopyForm

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Adds what the function named in `context_function` promises."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        addresses = self.addresses_for(request)
        around = {
            "language": self.locale.language_code,
            "language_links": languages.links(addresses),
            "hreflang_links": self._hreflang_links(addresses),
        }
        return context | around | import_string(self.context_function)(self, request)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Tells the page cache what was served."""
        request.META[SERVED] = self
        return super().serve(request, *args, **kwargs)

    def addresses_for(self, request: HttpRequest) -> dict[str, str]:
        """Paths of this page by language, as far as the reader may open them."""
        name = ("languages", self.translation_key)
        return kept_for_strangers(request.user, name, lambda: self._addresses_for(request))

    def _addresses_for(self, request: HttpRequest) -> dict[str, str]:
        same = self.pages_visible_to(request.user).filter(translation_key=self.translation_key)
        written = same.filter(alias_of=None).order_by("pk").values_list("locale", "url_path")
        spoken = routes.locales()
        return {spoken[key].language_code: routes.address(path) for key, path in written}

    def get_view_restrictions(self) -> Any:
        """Wagtail's, looked up where there is any."""
        if routes.some_are_restricted():
            return super().get_view_restrictions()
        return PageViewRestriction.objects.none()

    @classmethod
    def pages_visible_to(cls, user: Viewer) -> Any:
        """Pages of this kind that the person may read: all that are live, here."""
        return cls._default_manager.live()

    @property
    def is_public(self) -> bool:
        """Whether everyone may read it."""
        return True

    @property
    def address(self) -> str:
        """The absolute address on the site's own host; empty for a page outside the site."""
        parts = self.get_url_parts()
        return f"{settings.SITE_URL}{parts[2]}" if parts and parts[2] else ""

    def _hreflang_links(self, addresses: dict[str, str]) -> list[tuple[str, str]]:
        """(language, absolute address) of each language, for machines; none of a hidden page."""
        if len(addresses) < 2 or not self.is_public:
            return []
        return [(code, f"{settings.SITE_URL}{path}") for code, path in addresses.items()]


class IndexPage(ShownPage):
    """A list of pages: always for everyone, because it shows each reader only what is theirs."""

    standfirst = models.TextField(_("standfirst"), max_length=300, blank=True)

    show_in_menus_default = True
    kept_in_memory = True
    content_panels = [*Page.content_panels, FieldPanel("standfirst")]

    class Meta:
        abstract = True
