"""The editor's form of a story: it says which of the ticked countries have no page yet."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, gettext

from cms import places
from cms.models.content import ContentForm
from cms.models.countries import CountryIndexPage, CountryPage
from cms.models.ticks import Note


class StoryForm(ContentForm):
    """Says so while one writes, with the way to make the page for whoever may."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "countries" in self.fields and self.instance.locale_id and self.for_user:
            self.fields["countries"].widget.note = self._without_a_page()

    def _without_a_page(self) -> Note:
        """Of the page's language; pages that the colleague may not see count as none."""
        locale, user = self.instance.locale, self.for_user
        pages = CountryPage.objects.visible_to(user).filter(locale=locale, alias_of=None)
        there = set(pages.values_list("country", flat=True))
        listing = CountryIndexPage.objects.filter(locale=locale, alias_of=None).first()
        may = listing is not None and listing.permissions_for_user(user).can_add_subpage()
        text = gettext(
            "No page in %(language)s yet: {name}. Until there is one, the map leads to the list of "
            "the stories told there."
        )
        spoken = places.language_name(locale.language_code, get_language() or "en")
        return Note(
            values=frozenset(settings.PACK.countries) - there,
            text=text % {"language": spoken},
            button=gettext("Make the page (in a new tab)") if may else "",
            url=_making(listing) if may else "",
        )


def _making(listing: Any) -> str:
    return reverse("wagtailadmin_pages:add", args=["cms", "countrypage", listing.pk])
