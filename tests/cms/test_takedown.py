"""A page that is taken down leaves the mailings that still wait."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from alumni.models import Profile
from newsletters import tallies
from newsletters.models import Batch, Issue
from newsletters.pipeline import claim, freeze
from tests.factories.alumni import EnrolmentFactory, ProfileFactory
from tests.factories.cms import StoryFactory, Tree, course_run
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


def closes_the_account(reader: Profile) -> None:
    reader.user.is_active = False
    reader.user.save()


def is_no_member(reader: Profile) -> None:
    Profile.objects.filter(pk=reader.pk).update(user=None, accepted_at=None)


def was_not_there(reader: Profile) -> None:
    reader.enrolments.all().delete()


@pytest.mark.parametrize(
    ("audience", "happens"),
    [
        ("members", closes_the_account),
        ("members", is_no_member),
        ("run:spring", closes_the_account),
        ("run:spring", was_not_there),
    ],
)
def test_what_waits_is_not_handed_over_for_who_may_read_it_no_more(
    tree: Tree, audience: str, happens: Callable[[Profile], None]
) -> None:
    run = course_run("spring")
    StoryFactory(parent=tree.stories["en"], audience=audience)
    reader, other = (ProfileFactory(joined=True) for _ in "ab")
    own_this_database()
    newsletter = NewsletterFactory()
    for one in (reader, other):
        EnrolmentFactory(profile=one, run=run)
        one.subscriber = SubscriptionFactory(newsletter=newsletter).subscriber
        one.save()
    cutoff = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    issue = IssueFactory(newsletter=newsletter, cutoff_at=cutoff)
    freeze.freeze(issue.pk)
    held = claim.claim_batch("test")
    assert held is not None
    assert held.batch.size == 2

    happens(reader)

    assert [one.address for one in claim.look_again(held)] == [other.subscriber.address]
    assert tallies.tally(issue).not_theirs == 1


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
