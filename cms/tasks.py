"""Thin edges to Celery: what editors put down for a day goes live, or goes, by itself."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Revision

from cms.models import StoryPage
from cms.models.namings import may_be_published


@shared_task
def keep_to_the_schedule() -> None:
    """Publish and take down what is due. Safe to run again.

    A story that waits for somebody in it leaves the schedule: one that may not be published would
    hold up all others.
    """
    due = Revision.page_revisions.filter(approved_go_live_at__lt=timezone.now())
    for version in due:
        page = version.as_object()
        if isinstance(page, StoryPage) and not may_be_published(page):
            Revision.objects.filter(pk=version.pk).update(approved_go_live_at=None)
    call_command("publish_scheduled")
