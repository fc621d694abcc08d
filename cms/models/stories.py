"""What a country learned, told as a story."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField

from alumni import visibility
from cms.blocks import TextBlock
from cms.models import panels
from cms.models.codes import CountriesField, TopicsField
from cms.models.content import Content
from cms.models.countries import CountryPage
from cms.models.namings import LacksConsent, Naming, may_be_published
from cms.models.shown import IndexPage
from cms.models.story_form import StoryForm


class StoryIndexPage(IndexPage):
    """All stories, newest first."""

    subpage_types: ClassVar[list[str]] = ["cms.StoryPage"]
    kept_in_switching = ("country", "topic")
    template = "cms/story_index_page.html"
    context_function = "cms.contexts.reading.stories"

    class Meta:
        verbose_name = _("list of stories")
        verbose_name_plural = _("lists of stories")


class StoryPage(Content):
    """A story. Beneath a country's page it belongs to that country without being told so."""

    byline = models.CharField(
        _("byline"),
        max_length=200,
        blank=True,
        help_text=_(
            "Only for a story by nobody of the network: an author among the members chooses the "
            "byline by himself or herself."
        ),
    )
    author = models.ForeignKey(
        "alumni.Profile",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("author among the members"),
        help_text=_(
            "Seen by staff alone. The person is asked whether and how to be named: see “Who is in "
            "it”. When he or she hides or is erased, the byline goes by itself."
        ),
    )
    picture = models.ForeignKey(
        "cms.Picture",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("picture"),
    )
    picture_caption = models.CharField(_("caption"), max_length=250, blank=True)
    countries = CountriesField(
        verbose_name=_("countries"),
        help_text=_("Readers who follow one of them get the story."),
    )
    topics = TopicsField(
        verbose_name=_("topics"),
        help_text=_("Readers who follow one of them get the story."),
    )
    course_run = models.ForeignKey(
        "alumni.CourseRun",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("course run it comes out of"),
        help_text=_("Its project's acknowledgement then stands beneath the story and in mails."),
    )
    body = StreamField(TextBlock(), verbose_name=_("text"))

    parent_page_types: ClassVar[list[str]] = ["cms.StoryIndexPage", "cms.CountryPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/story_page.html"
    context_function = "cms.contexts.reading.story"

    base_form_class = StoryForm
    content_panels = [
        *Content.top_panels,
        panels.BODY,
        MultiFieldPanel(
            [FieldPanel("countries"), FieldPanel("topics"), FieldPanel("course_run")],
            heading=_("Where it belongs"),
        ),
        *Content.reach_panels,
        MultiFieldPanel(
            [FieldPanel("author", permission="alumni.view_profile"), FieldPanel("byline")],
            heading=_("Who tells it"),
        ),
        MultiFieldPanel(
            [
                panels.PICTURE,
                FieldPanel(
                    "picture_caption",
                    help_text=_("One line beneath the picture; it may stay empty."),
                ),
            ],
            heading=_("Picture"),
        ),
    ]
    search_fields = [
        *Content.search_fields,
        index.SearchField("body"),
        index.SearchField("shown_byline"),
    ]
    override_translatable_fields = [
        *Content.override_translatable_fields,
        SynchronizedField("countries", overridable=False),
        SynchronizedField("topics", overridable=False),
    ]

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")
        indexes = [
            GinIndex(fields=["countries"], name="story_countries"),
            GinIndex(fields=["topics"], name="story_topics"),
        ]

    @property
    def shown_byline(self) -> str:
        """Whom the story says it is told by, now: also what a search can find."""
        if self.author is None:
            return self.byline
        agreed = Naming.objects.filter(
            story=self.translation_key,
            profile=self.author,
            what=Naming.What.BYLINE,
            state=Naming.State.GIVEN,
        ).first()
        if agreed is None:
            return ""
        agreed.profile = self.author
        return visibility.byline(self.author, agreed.signature(self.locale.language_code))

    def publish(self, revision: Any, *args: Any, **kwargs: Any) -> Any:
        """Not before everybody in it has agreed: raises LacksConsent."""
        if not may_be_published(revision.as_object()):
            raise LacksConsent("Somebody in this story has not agreed to be named or pictured.")
        return super().publish(revision, *args, **kwargs)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A story in a country's section carries that country first."""
        section = CountryPage.objects.parent_of(self).first() if self.path else None
        if section is not None and section.country not in self.countries:
            self.countries = [section.country, *self.countries]
        super().save(*args, **kwargs)
