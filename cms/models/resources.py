"""Resources: publications, tools and training materials, each with its documents."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Orderable
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField

from alumni import vocabulary
from alumni.models import Project
from cms.blocks import TextBlock
from cms.models import panels
from cms.models.codes import CountriesField, TopicsField
from cms.models.content import Content, ContentManager, ContentQuerySet
from cms.models.shown import IndexPage


class ResourceIndexPage(IndexPage):
    """All resources, newest first, or those of one kind."""

    subpage_types: ClassVar[list[str]] = ["cms.ResourcePage"]
    template = "cms/resource_index_page.html"
    context_function = "cms.contexts.resources.listing"

    class Meta:
        verbose_name = _("list of resources")
        verbose_name_plural = _("lists of resources")


class ResourceQuerySet(ContentQuerySet):
    """Resources by what they belong to."""

    def of_project(self, project: Any) -> ResourceQuerySet:
        """Those of the project itself and of its courses."""
        return self.filter(
            models.Q(project=project) | models.Q(project=None, course_run__project=project)
        )

    def of_programme(self, programme: Any) -> ResourceQuerySet:
        """Those of its projects and of its courses."""
        return self.filter(
            models.Q(project__programme=programme)
            | models.Q(course_run__course__programme=programme)
        )


class ResourcePage(Content):
    """A publication, tool or training material: what it is for, and the documents to take away."""

    mail_kind = "resource"

    class Kind(models.TextChoices):
        PUBLICATION = "publication", _("Publication")
        TOOL = "tool", _("Tool")
        MATERIAL = "material", _("Training material")

    kind = models.CharField(
        _("kind"), max_length=12, choices=Kind.choices, default=Kind.PUBLICATION
    )
    countries = CountriesField(
        verbose_name=_("countries"),
        help_text=_("Readers who follow one of them are told of it. Tick only what it is about."),
    )
    topics = TopicsField(
        verbose_name=_("topics"),
        help_text=_("Readers who follow one of them are told of it."),
    )
    course_run = models.ForeignKey(
        "alumni.CourseRun",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("course run it comes out of"),
        help_text=_("Its page shows the resource; its project's acknowledgement stands beneath."),
    )
    project = models.ForeignKey(
        "alumni.Project",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("project it was made in"),
        help_text=_("Leave it empty where the course run says it already."),
    )
    body = StreamField(TextBlock(), blank=True, verbose_name=_("text"))

    parent_page_types: ClassVar[list[str]] = ["cms.ResourceIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/resource_page.html"
    context_function = "cms.contexts.resources.resource"

    content_panels = [
        *Content.top_panels,
        FieldPanel("kind", help_text=_("It stands above the title, here and in mails.")),
        InlinePanel(
            "documents",
            heading=_("Documents"),
            label=_("Document"),
            help_text=_(
                "The files to take away, one for each language there is. Whoever may read the page "
                "may open them, nobody else. A file can hold its authors' names among its "
                "properties: remove them before you upload it."
            ),
        ),
        panels.BODY,
        MultiFieldPanel(
            [
                FieldPanel("countries"),
                FieldPanel("topics"),
                FieldPanel("course_run"),
                FieldPanel("project"),
            ],
            heading=_("Where it belongs"),
        ),
        *Content.reach_panels,
    ]
    search_fields = [
        *Content.search_fields,
        index.SearchField("body"),
        index.RelatedFields("documents", [index.SearchField("title")]),
        index.FilterField("kind"),
    ]
    override_translatable_fields = [
        *Content.override_translatable_fields,
        SynchronizedField("kind", overridable=False),
        SynchronizedField("countries", overridable=False),
        SynchronizedField("topics", overridable=False),
        SynchronizedField("documents", overridable=False),
    ]

    objects = ContentManager.from_queryset(ResourceQuerySet)()

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        indexes = [
            GinIndex(fields=["countries"], name="resource_countries"),
            GinIndex(fields=["topics"], name="resource_topics"),
        ]

    @property
    def made_in(self) -> Project | None:
        """The project whose acknowledgement it owes: its own, else that of its course."""
        return self.project or (self.course_run.project if self.course_run else None)

    def clean(self) -> None:
        """One acknowledgement stands beneath a resource: two projects would ask for two."""
        super().clean()
        run = self.course_run
        if self.project and run and run.project_id not in {None, self.project_id}:
            raise ValidationError(
                {"project": _("The course run belongs to another project: leave this empty.")}
            )


class ResourceDocument(Orderable):
    """A file of a resource, in one language; the library keeps the file itself."""

    page = ParentalKey(ResourcePage, related_name="documents")
    document = models.ForeignKey(
        "wagtaildocs.Document", models.PROTECT, related_name="+", verbose_name=_("file")
    )
    title = models.CharField(
        _("title"),
        max_length=200,
        help_text=_("In the language of the file; readers choose by it."),
    )
    language = models.CharField(
        _("language of the file"), max_length=12, choices=vocabulary.spoken_languages
    )

    panels = [
        FieldPanel("document", help_text=_("The file as readers take it away.")),
        FieldPanel("title"),
        FieldPanel("language"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("document of a resource")
        verbose_name_plural = _("documents of resources")

    def __str__(self) -> str:
        return self.title
