"""Edges to Celery: what happens to people once a day."""

from celery import shared_task
from django.utils import timezone

from alumni import quota, reviews


@shared_task
def ask_whether_profiles_are_right() -> None:
    """The yearly question, and counters of the directory that are old enough to go."""
    reviews.ask(timezone.now())
    quota.forget(timezone.localdate())
