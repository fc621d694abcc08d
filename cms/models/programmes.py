"""Programmes and projects as the site tells of them, bound to what alumni.models keeps of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel
from wagtail.fields import StreamField

from cms.blocks import TextBlock
from cms.models import panels
from cms.models.content import Content
from cms.models.shown import IndexPage

SHOWN_HERE = _(
    "This page goes into no mail. It shows by itself the courses that have a page, the newest "
    "stories that came out of them and the resources, as far as each reader may see them."
)


class ProgrammeIndexPage(IndexPage):
    """The programmes, each with its projects."""

    subpage_types: ClassVar[list[str]] = ["cms.ProgrammePage", "cms.ProjectPage"]
    template = "cms/programme_index_page.html"
    context_function = "cms.contexts.programmes.listing"

    class Meta:
        verbose_name = _("list of programmes")
        verbose_name_plural = _("lists of programmes")


class ProgrammePage(Content):
    """A thematic line: its projects, its courses and what came out of them."""

    programme = models.ForeignKey(
        "alumni.Programme",
        models.PROTECT,
        related_name="+",
        verbose_name=_("programme"),
        help_text=_("Projects and courses of this programme stand on the page."),
    )
    body = StreamField(TextBlock(), blank=True, verbose_name=_("text"))

    parent_page_types: ClassVar[list[str]] = ["cms.ProgrammeIndexPage"]
    subpage_types: ClassVar[list[str]] = ["cms.ProjectPage"]
    template = "cms/programme_page.html"
    context_function = "cms.contexts.programmes.programme"

    content_panels = [
        HelpPanel(SHOWN_HERE),
        *Content.title_panels,
        FieldPanel("programme"),
        panels.BODY,
        *Content.reach_panels,
    ]
    search_fields = Content.search_fields

    class Meta:
        verbose_name = _("programme page")
        verbose_name_plural = _("programme pages")


class ProjectPage(Content):
    """A funded intervention: who gave, who administers, when, and the acknowledgement it owes."""

    project = models.ForeignKey(
        "alumni.Project",
        models.PROTECT,
        related_name="+",
        verbose_name=_("project"),
        help_text=_(
            "Donor, administering partner, dates and the acknowledgement come from here. Its "
            "figures do not: they stand behind the links of its reports."
        ),
    )
    body = StreamField(TextBlock(), blank=True, verbose_name=_("text"))

    parent_page_types: ClassVar[list[str]] = ["cms.ProgrammePage", "cms.ProgrammeIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/project_page.html"
    context_function = "cms.contexts.programmes.project"

    content_panels = [
        HelpPanel(SHOWN_HERE),
        *Content.title_panels,
        FieldPanel("project"),
        panels.BODY,
        *Content.reach_panels,
    ]
    search_fields = Content.search_fields

    class Meta:
        verbose_name = _("project page")
        verbose_name_plural = _("project pages")
