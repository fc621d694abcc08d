"""What every page of the tree has: a function that gives its template words, and its languages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.pages import CopyForm
from wagtail.admin.panels import CommentPanel, FieldPanel
from wagtail.models import Page, PageViewRestriction

from cms import languages, routes
from cms.audiences import Viewer
from cms.generations import kept_around, kept_for_strangers
from cms.models import panels


class DraftCopyForm(CopyForm):
    """Copies begin as drafts: nobody has said yes yet to stand in another story."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("publish_copies", None)


TOLD_TO_MACHINES = "cms.linked.of"
"""By dotted path, for the same reason as `context_function` below."""
SERVED = "rabita.page"
"""Where a request keeps the page that answered it."""


class ShownPage(Page):
    """A page whose template gets its words from one function, and that has no second privacy."""

    reader_language = ""
    """Set where the page is read from another language: everything but its own text is in it."""

    context_function: ClassVar[str] = ""
    """By dotted path: such a function reads every kind of page, so no page model can import it."""

    kept_in_memory: ClassVar[bool] = False
    """Whether every process keeps the row (cms.routes): for the few that have no text."""

    # One policy says who may read: Wagtail's own page privacy would be a second.
    private_page_options: ClassVar[list[str]] = []
    copy_form_class = DraftCopyForm

    content_panels = [panels.TITLE]
    promote_panels = panels.PROMOTE
    settings_panels = [panels.DaysPanel(), CommentPanel()]

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Adds what the function named in `context_function` promises."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        addresses = self.addresses_for(request)
        around = {
            "language": self.shown_language,
            "language_links": self.language_links(addresses, request),
            "hreflang_links": self._hreflang_links(addresses),
            "linked": import_string(TOLD_TO_MACHINES)(self),
        }
        return context | around | import_string(self.context_function)(self, request)

    @property
    def shown_language(self) -> str:
        """The language of everything around the text."""
        return self.reader_language or self.locale.language_code

    def language_links(
        self, addresses: dict[str, str], request: HttpRequest
    ) -> list[languages.LanguageLink]:
        """The ways to the same in other languages; where it is not, to their home pages."""
        return languages.links(addresses)

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
        path = routes.address(self.url_path)
        return f"{settings.SITE_URL}{path}" if path else ""

    def _hreflang_links(self, addresses: dict[str, str]) -> list[tuple[str, str]]:
        """(language, absolute address) of each language, for machines; none of a hidden page."""
        if len(addresses) < 2 or not self.is_public:
            return []
        return [(code, f"{settings.SITE_URL}{path}") for code, path in addresses.items()]


class IndexPage(ShownPage):
    """A list of pages: always for everyone, because it shows each reader only what is theirs."""

    standfirst = models.TextField(_("standfirst"), max_length=300, blank=True)

    kept_in_switching: ClassVar[tuple[str, ...]] = ()
    """What of the question in the address goes along into another language."""

    parent_page_types: ClassVar[list[str]] = ["cms.HomePage"]
    max_count_per_parent = 1
    show_in_menus_default = True
    kept_in_memory = True
    content_panels = [
        panels.TITLE,
        FieldPanel(
            "standfirst", help_text=_("One or two sentences above the list; it may stay empty.")
        ),
    ]

    class Meta:
        abstract = True

    def addresses_for(self, request: HttpRequest) -> dict[str, str]:
        """The same for every reader: an index is for everyone."""
        name = ("languages", self.translation_key)
        return kept_around(name, lambda: self._addresses_for(request))

    def language_links(
        self, addresses: dict[str, str], request: HttpRequest
    ) -> list[languages.LanguageLink]:
        """What was asked of the list is asked of it in the other language."""
        asked = {
            name: request.GET[name] for name in self.kept_in_switching if request.GET.get(name)
        }
        query = f"?{urlencode(asked)}" if asked else ""
        return languages.links({code: path + query for code, path in addresses.items()})
