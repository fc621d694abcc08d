"""The sum that closes, read while others write: on the command line and on the editors' screen."""

from __future__ import annotations

from typing import Any

from newsletters import tallies
from newsletters.models import Issue, Subscription
from newsletters.pipeline import freeze
from tests.newsletters.test_deliver import readers  # noqa: F401


def test_a_page_that_was_asked_for_before_the_list_stood_shows_a_sum_that_closes(
    issue: Issue,
    readers: list[Subscription],  # noqa: F811
) -> None:
    asked_for = Issue.objects.get(pk=issue.pk)
    freeze.freeze(issue.pk)

    tally = tallies.tally(asked_for)

    assert (tally.audience, tally.queued, tally.closes) == (3, 3, True)


def test_the_sums_of_all_mailings_are_those_of_one_moment(
    issue: Issue,
    readers: list[Subscription],  # noqa: F811
    django_assert_num_queries: Any,
) -> None:
    freeze.freeze(issue.pk)

    with django_assert_num_queries(1):
        sums = tallies.tallies([issue])

    assert sums[issue.pk].closes
