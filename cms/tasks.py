"""Thin edges to Celery: what editors put down for a day goes live, or goes, by itself."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Revision

from cms.models import StoryPage
from cms.models.namings import may_be_published
from cms.waiting import HELD_BACK


@shared_task
def keep_to_the_schedule() -> None:
    """Publish and take down what is due. Safe to run again.

    A story that waits for somebody in it leaves the schedule, because one that may not be published
    would hold up all others; its history and the editors' first screen say so.
    """
    due = Revision.page_revisions.filter(approved_go_live_at__lt=timezone.now())
    for version in due:
        page = version.as_object()
        if isinstance(page, StoryPage) and not may_be_published(page):
            Revision.objects.filter(pk=version.pk).update(approved_go_live_at=None)
            log(instance=page, action=HELD_BACK)
    call_command("publish_scheduled")
