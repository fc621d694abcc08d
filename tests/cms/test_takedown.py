"""A page that is taken down leaves the mailings that still wait."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from newsletters.models import Batch, Issue
from newsletters.pipeline import freeze
from tests.factories.cms import StoryFactory, Tree
from tests.factories.newsletters import (
    IssueFactory,
    NewsletterFactory,
    SubscriptionFactory,
    own_this_database,
)


def waiting(story: Any, languages: Sequence[str] = ("en",)) -> Issue:
    """A digest that tells of it, drawn up and not handed over."""
    own_this_database()
    newsletter = NewsletterFactory()
    SubscriptionFactory(newsletter=newsletter, subscriber__languages=list(languages))
    cutoff = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    issue = IssueFactory(newsletter=newsletter, cutoff_at=cutoff)
    freeze.freeze(issue.pk)
    assert Batch.objects.get().state == Batch.State.QUEUED
    return issue


def narrow(story: Any) -> None:
    story.audience = "members"
    story.save()


@pytest.mark.parametrize(
    "takes_down",
    [
        lambda story: story.unpublish(),
        lambda story: story.delete(),
        lambda story: story.get_parent().specific.delete(),
        narrow,
    ],
    ids=["unpublished", "deleted", "deleted with its section", "for members now"],
)
def test_what_is_taken_down_is_mailed_to_nobody(
    tree: Tree, takes_down: Callable[[Any], None]
) -> None:
    story = StoryFactory(parent=tree.stories["en"])
    issue = waiting(story)

    takes_down(story)

    issue.refresh_from_db()
    assert Batch.objects.get().state == Batch.State.CANCELLED
    assert issue.state == Issue.State.DONE


def test_an_edit_takes_nothing_down(tree: Tree) -> None:
    story = StoryFactory(parent=tree.stories["en"])
    waiting(story)

    story.title = "Another title"
    story.save_revision().publish()

    assert Batch.objects.get().state == Batch.State.QUEUED


def test_who_narrows_a_page_narrows_its_translations_in_mailings_too(tree: Tree) -> None:
    story = StoryFactory(parent=tree.stories["en"])
    StoryFactory(parent=tree.stories["ar"], translation_key=story.translation_key)
    waiting(story, languages=["ar"])

    narrow(story)

    assert Batch.objects.get().state == Batch.State.CANCELLED
