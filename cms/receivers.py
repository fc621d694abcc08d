"""The edge to signals: a page that is deleted, a person who hides, is erased, wants everything."""

from __future__ import annotations

from django.apps import apps
from django.db.models import QuerySet
from django.db.models.signals import post_delete, post_save, pre_delete
from wagtail.models import Locale, Page, PageViewRestriction, Site
from wagtail.signals import post_page_move

from alumni import signals
from alumni.models import Course, CourseRun, Module, Profile, Programme, Project
from cms import bylines, namings, page_cache, submissions
from cms.models import PictureRendition, StoryPage, Submission, Tally, UpdatePage
from newsletters.models import Newsletter, Wording
from newsletters.sources import Section

SHOWN_BY_PAGES = (
    *(Site, Locale, Page, PageViewRestriction),
    *(Programme, Project, Course, Module, CourseRun, Newsletter, Wording),
)
"""What the pages show that is no page of ours."""


def on_delete(sender: object, instance: StoryPage | UpdatePage, **kwargs: object) -> None:
    """What is deleted is no longer told of in mailings."""
    if instance.live:
        instance.take_out_of_mailings()


def on_sight_changed(sender: object, profiles: QuerySet[Profile], **kwargs: object) -> None:
    """Somebody is hidden, or shown again."""
    bylines.follow_sight(profiles)


def on_forgetting(sender: object, profile: Profile, **kwargs: object) -> None:
    """Somebody is about to be erased."""
    bylines.forget(profile)


def on_change(sender: object, **kwargs: object) -> None:
    """Something changed that a page may show."""
    page_cache.renew()


def on_collecting(sender: object, profile: Profile, **kwargs: object) -> list[Section]:
    """Somebody wants everything that is kept."""
    return [namings.kept_of(profile), submissions.kept_of(profile)]


def connect() -> None:
    """Called once, when the application is ready."""
    ours = set(apps.get_app_config("cms").get_models()) - {PictureRendition, Submission, Tally}
    for model in (*ours, *SHOWN_BY_PAGES):
        for signal in (post_save, post_delete):
            signal.connect(on_change, sender=model, dispatch_uid=f"{model.__name__}.on_change")
    for moment in (post_page_move, signals.sight_changed, signals.forgetting):
        moment.connect(on_change, dispatch_uid="cms.on_change")
    for model in (StoryPage, UpdatePage):
        pre_delete.connect(on_delete, sender=model, dispatch_uid=f"cms.{model.__name__}.on_delete")
    signals.sight_changed.connect(on_sight_changed, dispatch_uid="cms.on_sight_changed")
    signals.forgetting.connect(on_forgetting, dispatch_uid="cms.on_forgetting")
    signals.collecting.connect(on_collecting, dispatch_uid="cms.on_collecting")
