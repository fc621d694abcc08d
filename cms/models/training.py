"""Courses as the site tells of them: one page for one course run."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField

from cms.blocks import TextBlock
from cms.models import panels
from cms.models.content import Content
from cms.models.shown import IndexPage


class CourseIndexPage(IndexPage):
    """The list of courses. Template variables: contexts.listing."""

    subpage_types: ClassVar[list[str]] = ["cms.CoursePage"]
    template = "cms/course_index_page.html"
    context_function = "cms.contexts.reading.courses"

    class Meta:
        verbose_name = _("list of courses")
        verbose_name_plural = _("lists of courses")


class CoursePage(Content):
    """One run of a course: when, where, what was taught, and whom it owes thanks."""

    course_run = models.ForeignKey(
        "alumni.CourseRun",
        models.PROTECT,
        related_name="+",
        verbose_name=_("course run"),
        help_text=_("Dates, place, modules and the acknowledgement come from here."),
    )
    picture = models.ForeignKey(
        "cms.Picture",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("picture"),
    )
    body = StreamField(TextBlock(), blank=True, verbose_name=_("text"))

    parent_page_types: ClassVar[list[str]] = ["cms.CourseIndexPage", "cms.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/course_page.html"
    context_function = "cms.contexts.reading.course"

    content_panels = [
        *Content.top_panels,
        MultiFieldPanel([FieldPanel("course_run"), panels.PICTURE], heading=_("Course")),
        panels.BODY,
        *Content.reach_panels,
    ]
    search_fields = Content.search_fields

    class Meta:
        verbose_name = _("course page")
        verbose_name_plural = _("course pages")
