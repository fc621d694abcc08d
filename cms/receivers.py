"""The edge to Django's signals: a page that is deleted, with whatever it stood beneath."""

from __future__ import annotations

from django.db.models.signals import pre_delete

from cms.models import StoryPage, UpdatePage


def on_delete(sender: object, instance: StoryPage | UpdatePage, **kwargs: object) -> None:
    """What is deleted is no longer told of in mailings."""
    if instance.live:
        instance.take_out_of_mailings()


def connect() -> None:
    """Called once, when the application is ready."""
    for model in (StoryPage, UpdatePage):
        pre_delete.connect(on_delete, sender=model, dispatch_uid=f"cms.{model.__name__}.on_delete")
