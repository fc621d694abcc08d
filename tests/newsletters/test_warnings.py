"""What the desk is warned of, with what to do about it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from newsletters import attention
from newsletters.models import Batch, Issue, Newsletter
from tests.factories.newsletters import (
    BatchFactory,
    DeliveryFactory,
    EditionFactory,
    IssueFactory,
)

DAY = dt.timedelta(days=1)


def disliked(newsletter: Newsletter, complained: int, of: int, **facts: Any) -> Issue:
    """A mailing that so many people got, of whom so many marked it as spam."""
    facts = {"state": Issue.State.DONE, "frozen_at": timezone.now()} | facts
    issue = IssueFactory(newsletter=newsletter, frequency="", audience=of, **facts)
    batch = BatchFactory(edition=EditionFactory(issue=issue), size=of)
    for _person in range(complained):
        DeliveryFactory(batch=batch, complained_at=timezone.now())
    return issue


def told(issue: Issue) -> list[str]:
    return [sentence for sentence in attention.warnings() if f"“{issue}” as spam" in sentence]


@pytest.mark.parametrize(
    ("complained", "of", "warns"),
    [(2, 2000, True), (2, 2001, False), (1, 10, False), (30, 20_000, True), (0, 500, False)],
)
def test_one_in_a_thousand_who_marked_it_as_spam_warns(
    newsletter: Newsletter, complained: int, of: int, warns: bool
) -> None:
    issue = disliked(newsletter, complained, of)

    assert [sentence.split(" ")[0] for sentence in told(issue)] == [str(complained)] * warns


def test_the_rate_is_of_those_who_got_it(newsletter: Newsletter) -> None:
    issue = disliked(newsletter, 2, 20_000)
    assert told(issue) == []
    Batch.objects.filter(issue=issue).update(size=1000)
    BatchFactory(
        issue=issue, edition=issue.editions.get(), size=19_000, state=Batch.State.CANCELLED
    )

    assert len(told(issue)) == 1


def test_a_mailing_of_long_ago_or_one_that_stopped_for_it_is_not_told_again(
    newsletter: Newsletter,
) -> None:
    long_ago = disliked(newsletter, 5, 1000, frozen_at=timezone.now() - 15 * DAY)
    stopped = disliked(newsletter, 5, 1000, state=Issue.State.HALTED, reason="complaints|5 / 1000")

    assert told(long_ago) == told(stopped) == []
    assert any("Too many people marked it as spam" in words for words in attention.warnings())


def test_one_and_three_mailings_without_a_second_complaint_cost_the_same(
    newsletter: Newsletter, django_assert_max_num_queries: Any
) -> None:
    disliked(newsletter, 1, 1000)
    with django_assert_max_num_queries(20) as one:
        attention.warnings()
    for _mailing in range(2):
        disliked(newsletter, 1, 1000)
    with django_assert_max_num_queries(20) as three:
        attention.warnings()

    assert len(one) == len(three)
