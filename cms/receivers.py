"""The edge to signals: a page that is deleted, a person who hides, is erased, wants everything."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.signals import pre_delete

from alumni import signals
from alumni.models import Profile
from cms import bylines, namings
from cms.models import StoryPage, UpdatePage
from newsletters.sources import Section


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


def on_collecting(sender: object, profile: Profile, **kwargs: object) -> list[Section]:
    """Somebody wants everything that is kept."""
    return [namings.kept_of(profile)]


def connect() -> None:
    """Called once, when the application is ready."""
    for model in (StoryPage, UpdatePage):
        pre_delete.connect(on_delete, sender=model, dispatch_uid=f"cms.{model.__name__}.on_delete")
    signals.sight_changed.connect(on_sight_changed, dispatch_uid="cms.on_sight_changed")
    signals.forgetting.connect(on_forgetting, dispatch_uid="cms.on_forgetting")
    signals.collecting.connect(on_collecting, dispatch_uid="cms.on_collecting")
