"""What the forms of all pages share: title, address, search engines, and the day of a page.

The help texts stand with the panels, not with the columns: Wagtail's own columns have theirs, and
a text is no reason for a migration.
"""

from __future__ import annotations

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PublishingPanel, TitleFieldPanel

from cms import places


def _goes_live() -> str:
    words = gettext(
        "%(town)s time. Leave it empty to publish at once; otherwise nobody sees the page, and no "
        "mail tells of it, before that day and hour."
    )
    return words % {"town": places.clock()}


def _is_taken_down() -> str:
    words = gettext(
        "%(town)s time. Leave it empty and the page stays until somebody takes it down."
    )
    return words % {"town": places.clock()}


DAYS = {
    "go_live_at": (_("Goes live on"), lazy(_goes_live, str)()),
    "expire_at": (_("Is taken down on"), lazy(_is_taken_down, str)()),
}


class DaysPanel(PublishingPanel):
    """Wagtail's own dialog, with the network's clock beside each hour."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for panel in self.children:
            panel.heading, panel.help_text = DAYS[panel.field_name]


TITLE = TitleFieldPanel(
    "title",
    help_text=_("What the page is about, as lists, mails and the browser's tab name it."),
)
PROMOTE = [
    MultiFieldPanel(
        [
            FieldPanel(
                "slug",
                help_text=_(
                    "The last part of the page's address. It is made from the title; once the page "
                    "is published, links lead to it, so leave it as it is."
                ),
            ),
            FieldPanel(
                "seo_title",
                help_text=_("Only where search engines should show another title than the page's."),
            ),
            FieldPanel(
                "search_description",
                help_text=_(
                    "One sentence that search engines may show. Leave it empty and they take the "
                    "standfirst."
                ),
            ),
        ],
        heading=_("For search engines"),
    ),
    MultiFieldPanel(
        [
            FieldPanel(
                "show_in_menus",
                help_text=_("Tick it and the page stands in the menu at the top of every page."),
            )
        ],
        heading=_("In the menu"),
    ),
]
BODY = FieldPanel(
    "body",
    help_text=_(
        "Paragraph by paragraph: the plus sign adds a piece of text, a heading, a quotation, a "
        "picture or links."
    ),
)
PICTURE = FieldPanel(
    "picture",
    help_text=_("It stands above the text and in lists. People who can be seen are asked first."),
)
