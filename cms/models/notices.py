"""What a site owes its visitors: what becomes of their data, and who is behind it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel
from wagtail.fields import StreamField
from wagtail_localize.fields import SynchronizedField

from cms.blocks import TextBlock
from cms.models import panels
from cms.models.shown import ShownPage


class NoticePage(ShownPage):
    """The privacy notice or the imprint. Editors write the words; beneath them the page itself
    says what the code does, so that no text can promise what the site does not keep."""

    class Kind(models.TextChoices):
        PRIVACY = "privacy", _("Privacy")
        IMPRINT = "imprint", _("Imprint")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    standfirst = models.TextField(_("standfirst"), max_length=300, blank=True)
    body = StreamField(TextBlock(), blank=True, verbose_name=_("text"))

    parent_page_types: ClassVar[list[str]] = ["cms.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/notice_page.html"
    context_function = "cms.contexts.notices.notice"

    content_panels = [
        panels.TITLE,
        FieldPanel("kind", help_text=_("It decides what the page says by itself.")),
        HelpPanel(
            _(
                "Beneath your text the page says by itself: for privacy, how long what is kept, "
                "the rights people have and where, and what stays in a browser; for the imprint, "
                "your address and where the map comes from."
            )
        ),
        FieldPanel(
            "standfirst", help_text=_("One or two sentences above the text; it may stay empty.")
        ),
        panels.BODY,
    ]
    override_translatable_fields = [SynchronizedField("kind", overridable=False)]

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
