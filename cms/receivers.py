"""The edge to signals: a page that is deleted, a person who hides, is erased, wants everything."""

from __future__ import annotations

from django.apps import apps
from django.db.models import QuerySet
from django.db.models.signals import post_delete, post_save, pre_delete
from wagtail.documents.models import Document
from wagtail.models import Locale, Page, PageViewRestriction, Site
from wagtail.search import index
from wagtail.signals import page_published, page_unpublished, post_page_move

from alumni import signals
from alumni.models import Course, CourseRun, Module, Profile, Programme, Project
from cms import bylines, desks, moderation, namings, page_cache, submissions
from cms.models import (
    CountryDesk,
    CountryFact,
    CountryPage,
    Dispatch,
    Manuscript,
    Naming,
    PictureRendition,
    ResourcePage,
    ShortTranslation,
    StoryPage,
    StorySteps,
    Submission,
    SubmissionPicture,
    Tally,
    UpdatePage,
)
from newsletters.models import Newsletter, Wording
from newsletters.sources import Section

SHOWN_BY_PAGES = (
    *(Site, Locale, Page, PageViewRestriction, Document, Newsletter, Wording),
    *(Programme, Project, Course, Module, CourseRun),
)
"""What the pages show that is no page of ours."""
SHOWN_BY_NO_PAGE = {
    CountryDesk,
    Dispatch,
    Manuscript,
    PictureRendition,
    StorySteps,
    Submission,
    SubmissionPicture,
    Tally,
}


TELLS = {CountryFact, CountryPage, Naming, ResourcePage, ShortTranslation, StoryPage, UpdatePage}
"""What changes daily, and nothing that stands around pages."""


def on_delete(
    sender: object, instance: StoryPage | UpdatePage | ResourcePage, **kwargs: object
) -> None:
    """What is deleted is no longer told of in mailings."""
    if instance.live:
        instance.take_out_of_mailings()


def on_story_deleted(sender: object, instance: StoryPage, **kwargs: object) -> None:
    """What is deleted is not on the site any more."""
    moderation.follow(instance, is_live=False)


def on_words_deleted(sender: object, instance: Manuscript, **kwargs: object) -> None:
    """One language of a mailing goes, alone or among others that are deleted at once."""
    instance.take_out()


def on_published(sender: object, instance: StoryPage, **kwargs: object) -> None:
    """A story went live, or an edit of it."""
    moderation.follow(instance, is_live=True)


def on_unpublished(sender: object, instance: StoryPage, **kwargs: object) -> None:
    """A story was taken down, by hand or by the clock."""
    moderation.follow(instance, is_live=False)


def on_section(sender: object, instance: CountryPage, **kwargs: object) -> None:
    """A country has a section: whoever looks after the country works there."""
    desks.equip_for(instance.country)


def on_desk_deleted(sender: object, instance: CountryDesk, **kwargs: object) -> None:
    """Country editors are none any more, and may do nothing by that name."""
    desks.dissolve(instance)


def on_sight_changed(sender: object, profiles: QuerySet[Profile], **kwargs: object) -> None:
    """Somebody is hidden, or shown again."""
    bylines.follow_sight(profiles)


def on_forgetting(sender: object, profile: Profile, **kwargs: object) -> None:
    """Somebody is about to be erased."""
    bylines.forget(profile)
    submissions.forget(profile)


def on_change(sender: object, **kwargs: object) -> None:
    """Something changed that a page may show."""
    page_cache.renew(around=sender not in TELLS)


def on_short_translation(sender: object, instance: ShortTranslation, **kwargs: object) -> None:
    """Saved after its page, which was put into the search index without it."""
    page = Page.objects.filter(pk=instance.page_id).first()
    if page is not None and not kwargs.get("raw"):
        index.insert_or_update_object(page)


def on_collecting(sender: object, profile: Profile, **kwargs: object) -> list[Section]:
    """Somebody wants everything that is kept."""
    return [namings.kept_of(profile), *submissions.kept_of(profile)]


def connect() -> None:
    """Called once, when the application is ready."""
    ours = set(apps.get_app_config("cms").get_models()) - SHOWN_BY_NO_PAGE
    for model in (*ours, *SHOWN_BY_PAGES):
        for signal in (post_save, post_delete):
            signal.connect(on_change, sender=model, dispatch_uid=f"{model.__name__}.on_change")
    for moment in (post_page_move, signals.sight_changed, signals.forgetting):
        moment.connect(on_change, dispatch_uid="cms.on_change")
    for model in (StoryPage, UpdatePage, ResourcePage):
        pre_delete.connect(on_delete, sender=model, dispatch_uid=f"cms.{model.__name__}.on_delete")
    pre_delete.connect(on_words_deleted, sender=Manuscript, dispatch_uid="cms.on_words_deleted")
    pre_delete.connect(on_story_deleted, sender=StoryPage, dispatch_uid="cms.on_story_deleted")
    page_published.connect(on_published, sender=StoryPage, dispatch_uid="cms.on_published")
    page_unpublished.connect(on_unpublished, sender=StoryPage, dispatch_uid="cms.on_unpublished")
    for signal in (post_save, post_delete):
        signal.connect(
            on_short_translation, sender=ShortTranslation, dispatch_uid="cms.on_short_translation"
        )
    post_save.connect(on_section, sender=CountryPage, dispatch_uid="cms.on_section")
    post_delete.connect(on_desk_deleted, sender=CountryDesk, dispatch_uid="cms.on_desk_deleted")
    signals.sight_changed.connect(on_sight_changed, dispatch_uid="cms.on_sight_changed")
    signals.forgetting.connect(on_forgetting, dispatch_uid="cms.on_forgetting")
    signals.collecting.connect(on_collecting, dispatch_uid="cms.on_collecting")
