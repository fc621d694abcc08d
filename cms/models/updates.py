"""Calls and courses: what members of the network can apply for, attend, read or use."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField

from cms.blocks import TextBlock
from cms.models import panels
from cms.models.codes import CountriesField, TopicsField
from cms.models.content import Content, ContentManager, ContentQuerySet
from cms.models.shown import IndexPage


def today() -> dt.date:
    """The date by the network's clock: a deadline is over when that day is."""
    return timezone.localdate()


class UpdateIndexPage(IndexPage):
    """Open calls and courses by deadline, then the others."""

    subpage_types: ClassVar[list[str]] = ["cms.UpdatePage"]
    template = "cms/update_index_page.html"
    context_function = "cms.contexts.reading.updates"

    class Meta:
        verbose_name = _("list of calls and courses")
        verbose_name_plural = _("lists of calls and courses")


class UpdateQuerySet(ContentQuerySet):
    """Calls and courses by their deadline."""

    def open(self, *, on: dt.date | None = None) -> UpdateQuerySet:
        """Those one can answer on that day (today): the deadline is not over, or there is none."""
        return self.filter(models.Q(deadline=None) | models.Q(deadline__gte=on or today()))

    def reaching(self, country: str) -> UpdateQuerySet:
        """Those open to the country: it is named, or none is."""
        return self.filter(
            models.Q(eligible_countries__contains=[country]) | models.Q(eligible_countries=[])
        )

    def soonest_first(self) -> UpdateQuerySet:
        """By deadline; those without one last, newest first."""
        return self.order_by(
            models.F("deadline").asc(nulls_last=True),
            models.F("first_published_at").desc(nulls_last=True),
            "-pk",
        )


class UpdatePage(Content):
    """A call, course, webinar, publication, tool or grant."""

    mail_kind = "update"

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        COURSE = "course", _("Course")
        WEBINAR = "webinar", _("Webinar")
        PUBLICATION = "publication", _("Publication")
        TOOL = "tool", _("Tool")
        GRANT = "grant", _("Grant")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.CALL)
    deadline = models.DateField(
        _("deadline"),
        null=True,
        blank=True,
        help_text=_("The last day on which one can apply; afterwards it goes into no mail."),
    )
    eligible_countries = CountriesField(
        verbose_name=_("eligible countries"),
        help_text=_("None ticked: open to every country of the network."),
    )
    topics = TopicsField(verbose_name=_("topics"))
    link = models.URLField(_("where to apply or read on"), blank=True)
    body = StreamField(TextBlock(), blank=True, verbose_name=_("text"))

    parent_page_types: ClassVar[list[str]] = ["cms.UpdateIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/update_page.html"
    context_function = "cms.contexts.reading.update"

    content_panels = [
        *Content.top_panels,
        MultiFieldPanel(
            [
                FieldPanel("kind", help_text=_("It stands above the title, here and in mails.")),
                FieldPanel("deadline"),
                FieldPanel(
                    "link", help_text=_("The address where one applies or reads on, with https://.")
                ),
            ],
            heading=_("The offer"),
        ),
        panels.BODY,
        MultiFieldPanel(
            [
                FieldPanel("eligible_countries"),
                FieldPanel("topics", help_text=_("Readers who follow one of them get it.")),
            ],
            heading=_("For whom"),
        ),
        *Content.reach_panels,
    ]
    search_fields = [
        *Content.search_fields,
        index.SearchField("body"),
        index.FilterField("kind"),
        index.FilterField("deadline"),
    ]
    override_translatable_fields = [
        *Content.override_translatable_fields,
        SynchronizedField("kind", overridable=False),
        SynchronizedField("deadline", overridable=False),
        SynchronizedField("eligible_countries", overridable=False),
        SynchronizedField("topics", overridable=False),
    ]

    objects = ContentManager.from_queryset(UpdateQuerySet)()

    class Meta:
        verbose_name = _("call or course")
        verbose_name_plural = _("calls and courses")
        indexes = [
            GinIndex(fields=["eligible_countries"], name="update_countries"),
            GinIndex(fields=["topics"], name="update_topics"),
        ]

    @property
    def is_open(self) -> bool:
        """Whether one can still answer."""
        return self.deadline is None or self.deadline >= today()

    @property
    def days_left(self) -> int | None:
        """Days until the deadline, 0 on the day itself, negative afterwards."""
        return None if self.deadline is None else (self.deadline - today()).days

    def countries_it_reaches(self) -> list[str]:
        """The eligible countries; all of the pack's where none is named."""
        return self.eligible_countries or list(settings.PACK.countries)
