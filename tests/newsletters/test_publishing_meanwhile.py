"""What is published while a list is drawn up is in this digest or the next, never in none."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from newsletters import sources
from newsletters.models import Issue
from newsletters.pipeline import compile
from tests.factories.newsletters import IssueFactory, NewsletterFactory, SubscriptionFactory
from tests.newsletters import fake_source

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_publication_under_way_is_waited_for() -> None:
    newsletter = NewsletterFactory()
    SubscriptionFactory(newsletter=newsletter)
    noted, commit = threading.Event(), threading.Event()

    def publish() -> None:
        """A slow publication: the time is noted, the commit comes later."""
        with transaction.atomic():
            moment = sources.publishing_moment()
            noted.set()
            commit.wait(20)
            fake_source.publish("slow", at=moment)
        connection.close()

    publisher = threading.Thread(target=publish)
    publisher.start()
    assert noted.wait(20)
    issue = IssueFactory(newsletter=newsletter, cutoff_at=timezone.now())
    found: list[Any] = []

    def draw_up() -> None:
        sources.wait_for_publishers()
        with transaction.atomic():
            found.extend(compile.draw_up(Issue.objects.get(pk=issue.pk)))
        connection.close()

    reader = threading.Thread(target=draw_up)
    reader.start()
    reader.join(0.5)
    commit.set()
    publisher.join(20)
    reader.join(20)

    assert [entry.key for entry in found] == ["slow"]


def test_a_later_publication_is_for_the_next_one() -> None:
    cutoff = timezone.now()

    with transaction.atomic():
        moment = sources.publishing_moment()

    assert moment > cutoff
    assert moment - cutoff < dt.timedelta(minutes=1)
