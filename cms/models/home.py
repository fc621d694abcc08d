"""The front page, one in each language."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from cms.models import panels
from cms.models.shown import ShownPage


class HomePage(ShownPage):
    """What this is in one sentence, the newest stories, countries, open calls, the course."""

    standfirst = models.TextField(
        _("what this is"), max_length=300, help_text=_("One sentence beneath the name.")
    )
    course = models.ForeignKey(
        "cms.CoursePage",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("the course this network grew from"),
    )

    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = [
        "cms.CountryIndexPage",
        "cms.StoryIndexPage",
        "cms.UpdateIndexPage",
        "cms.CourseIndexPage",
        "cms.ProgrammeIndexPage",
        "cms.ResourceIndexPage",
        "cms.CoursePage",
        "cms.NoticePage",
    ]
    kept_in_memory = True
    template = "cms/home_page.html"
    context_function = "cms.contexts.front.home"
    content_panels = [
        panels.TITLE,
        FieldPanel("standfirst"),
        FieldPanel(
            "course", help_text=_("It stands on the front page, after the countries and calls.")
        ),
    ]

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")
