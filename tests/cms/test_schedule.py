"""A page with a day of its own: nobody sees it and no mail tells of it before; then all do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from cms import digest
from cms.models import FirstLive, StoryPage
from cms.tasks import keep_to_the_schedule
from tests.factories.cms import StoryFactory, Tree

BEFORE = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
HOUR = dt.datetime(2026, 11, 27, 7, tzinfo=dt.UTC)
AFTER = HOUR + dt.timedelta(minutes=3)
LIST = "/en/stories/"


@pytest.fixture
def committed(
    settings: Any, django_capture_on_commit_callbacks: Any
) -> Iterator[Callable[[], Any]]:
    """The page cache as in production; a commit is whatever happens inside."""
    settings.PAGE_CACHE_SECONDS = 86400
    cache.clear()
    yield lambda: django_capture_on_commit_callbacks(execute=True)
    cache.clear()


def ring(committed: Any, at: dt.datetime) -> None:
    with time_machine.travel(at, tick=False), committed():
        keep_to_the_schedule.apply().get()


def told(at: dt.datetime) -> list[str]:
    found = digest.entries(BEFORE - dt.timedelta(days=9), at + dt.timedelta(seconds=1))
    return [text.title for entry in found for text in entry.texts]


def seen(client: Client, at: dt.datetime) -> bool:
    with time_machine.travel(at, tick=False):
        return "At nine" in client.get(LIST).content.decode()


@pytest.fixture
def story(tree: Tree, committed: Any) -> StoryPage:
    with time_machine.travel(BEFORE, tick=False), committed():
        page: StoryPage = StoryFactory(
            parent=tree.stories["en"],
            title="At nine",
            slug="at-nine",
            live=False,
            first_published_at=None,
        )
        page.go_live_at = HOUR
        page.save_revision().publish()
    return page


def test_it_goes_live_at_its_hour_and_only_then_is_mailed_and_seen(
    story: StoryPage, client: Client, committed: Any
) -> None:
    ring(committed, HOUR - dt.timedelta(minutes=2))

    assert not seen(client, HOUR - dt.timedelta(minutes=1))
    assert told(HOUR) == []
    assert not FirstLive.objects.exists()

    ring(committed, AFTER)

    assert seen(client, AFTER)
    assert FirstLive.objects.get().mailable_at >= HOUR
    assert told(AFTER) == ["At nine"]


def test_it_is_taken_down_at_its_hour_and_from_the_kept_pages_too(
    story: StoryPage, client: Client, committed: Any
) -> None:
    ring(committed, AFTER)
    with time_machine.travel(AFTER, tick=False), committed():
        story.refresh_from_db()
        story.expire_at = AFTER + dt.timedelta(hours=1)
        story.save_revision().publish()
    assert seen(client, AFTER + dt.timedelta(minutes=1))

    ring(committed, AFTER + dt.timedelta(hours=2))

    assert not seen(client, AFTER + dt.timedelta(hours=2, minutes=1))
    assert told(AFTER + dt.timedelta(hours=2)) == []
