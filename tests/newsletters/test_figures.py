"""What became of a mailing: counted by the database, and nobody can be told from it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from newsletters import figures
from newsletters.models import Batch, Delivery, Issue, Newsletter, Subscription, Suppression
from tests.factories.newsletters import (
    BatchFactory,
    DeliveryFactory,
    EditionFactory,
    IssueFactory,
    SubscriptionFactory,
)

FROZEN = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)
ARRIVED = {"delivered_at": FROZEN}
CAME_BACK = {"bounced_at": FROZEN}
DISLIKED = {"delivered_at": FROZEN, "complained_at": FROZEN}


def mailing(newsletter: Newsletter, days: int = 0) -> Issue:
    """One that left so many days after the first."""
    at = FROZEN + dt.timedelta(days=days)
    return IssueFactory(
        newsletter=newsletter, state=Issue.State.DONE, cutoff_at=at, frozen_at=at, audience=1
    )


def handed_over(
    issue: Issue,
    people: int,
    language: str = "en",
    state: str = Batch.State.ACCEPTED,
    interests: list[str] | None = None,
    **facts: Any,
) -> list[Subscription]:
    """So many readers of an edition and what was reported of them."""
    found = issue.editions.filter(language=language).first()
    edition = found or EditionFactory(issue=issue, language=language)
    batch = BatchFactory(edition=edition, size=people, state=state)
    readers = SubscriptionFactory.create_batch(
        people, newsletter=issue.newsletter, interests=interests or ["all"]
    )
    for reader in readers:
        DeliveryFactory(batch=batch, reader=reader, **facts)
    return readers


def leave(readers: list[Subscription], days: int = 1) -> None:
    Subscription.objects.filter(pk__in=[reader.pk for reader in readers]).update(
        state=Subscription.State.LEFT, left_at=FROZEN + dt.timedelta(days=days)
    )


def sums(issue: Issue) -> tuple[dict[str, int | None], dict[str, int | None]]:
    found = figures.of(issue, "en")
    return dict(found.went.sums.named), dict(found.did.sums.named)


def test_everyone_it_was_handed_over_for_is_counted_once(newsletter: Newsletter) -> None:
    issue = mailing(newsletter)
    handed_over(issue, 14, **ARRIVED)
    leave(handed_over(issue, 12, **ARRIVED))
    handed_over(issue, 11, **DISLIKED)
    handed_over(issue, 10, **CAME_BACK)
    gone = handed_over(issue, 13, **CAME_BACK, **ARRIVED)
    for reader in gone:
        Suppression.objects.create(
            address=reader.subscriber.address, reason=Suppression.Reason.BOUNCE
        )
    handed_over(issue, 15)
    handed_over(issue, 20, state=Batch.State.FAILED)
    handed_over(issue, 20, exception=Delivery.Exception.LEFT)
    handed_over(issue, 16, state=Batch.State.FAILED, exception=Delivery.Exception.ACCEPTED)

    went, did = sums(issue)

    assert went == {"Arrived": 37, "Came back": 10, "No such mailbox": 13, "Nothing heard": 31}
    assert did == {"Marked as spam": 11, "Left": 12, "Neither": 68}
    assert figures.of(issue, "en").people == 91


def test_who_left_left_the_last_mailing_that_came_before(newsletter: Newsletter) -> None:
    first, second = mailing(newsletter), mailing(newsletter, days=7)
    readers = handed_over(first, 30, **ARRIVED)
    batch = BatchFactory(edition=EditionFactory(issue=second), size=30)
    for reader in readers:
        DeliveryFactory(batch=batch, reader=reader)
    leave(readers[:10], days=1)
    leave(readers[10:20], days=8)

    assert sums(first)[1] == {"Marked as spam": 0, "Left": 10, "Neither": 20}
    assert sums(second)[1] == {"Marked as spam": 0, "Left": 10, "Neither": 20}


def test_before_anything_was_handed_over_there_are_no_figures(newsletter: Newsletter) -> None:
    issue = mailing(newsletter)
    handed_over(issue, 12, state=Batch.State.QUEUED)

    assert figures.of(issue, "en").is_empty


def test_a_handful_of_people_is_no_figure(newsletter: Newsletter) -> None:
    issue = mailing(newsletter)
    handed_over(issue, 9, **ARRIVED)

    found = figures.of(issue, "en")

    assert (found.people, found.went.rows, set(found.went.sums.cells)) == (None, (), {None})


def test_few_in_a_language_stand_with_others(newsletter: Newsletter) -> None:
    issue = mailing(newsletter)
    handed_over(issue, 40, **ARRIVED)
    handed_over(issue, 3, language="fr", **ARRIVED)
    handed_over(issue, 12, language="ar", **ARRIVED)

    found = figures.of(issue, "en")

    assert [(row.label, row.people, row.cells[0]) for row in found.went.rows] == [
        ("English", 40, 40),
        ("Other languages", 15, 15),
    ]


def test_three_in_one_language_cannot_be_told_from_the_sum(newsletter: Newsletter) -> None:
    issue = mailing(newsletter)
    handed_over(issue, 40, **ARRIVED)
    handed_over(issue, 12, **CAME_BACK)
    handed_over(issue, 30, language="fr", **ARRIVED)
    handed_over(issue, 3, language="fr", **CAME_BACK)

    found = figures.of(issue, "en").went

    assert found.sums.cells[:2] == (70, 15)
    assert [row.cells[:2] for row in found.rows] == [(None, None), (None, None)]


def test_countries_are_those_that_readers_follow(newsletter: Newsletter) -> None:
    issue = mailing(newsletter)
    handed_over(issue, 12, interests=["country:KE", "topic:referral"])
    handed_over(issue, 4, interests=["country:ZM"])
    handed_over(issue, 20, interests=["all"])

    found = figures.of(issue, "en")

    assert (found.follow, found.follow_hides) == ((("Everything", 20),), True)


def test_it_stands_beside_those_before_it(newsletter: Newsletter) -> None:
    for week in range(7):
        issue = mailing(newsletter, days=7 * week)
        handed_over(issue, 30, **ARRIVED)
        handed_over(issue, 10 + week, **CAME_BACK)
    mailing(newsletter, days=60)

    beside = figures.of(issue, "en").beside

    assert [one.people for one in beside] == [41, 42, 43, 44, 45, 46]
    assert round(beside[-1].arrived.percent or 0, 1) == 65.2


def test_what_a_mailing_hides_is_hidden_beside_others_too(newsletter: Newsletter) -> None:
    first, second = mailing(newsletter), mailing(newsletter, days=7)
    handed_over(first, 30, **ARRIVED)
    handed_over(first, 4, **CAME_BACK)
    handed_over(second, 30, **ARRIVED)

    assert [one.arrived.is_known for one in figures.of(second, "en").beside] == [False, True]


def test_one_reader_and_three_cost_the_same(
    newsletter: Newsletter, django_assert_max_num_queries: Any
) -> None:
    issue = mailing(newsletter)
    handed_over(issue, 1, **ARRIVED)
    with django_assert_max_num_queries(4) as one:
        figures.of(issue, "en")
    handed_over(issue, 3, language="ar", interests=["country:KE"], **CAME_BACK)
    handed_over(mailing(newsletter, days=-7), 3)
    with django_assert_max_num_queries(5) as three:
        figures.of(issue, "en")

    assert len(three) <= len(one) + 1  # the names of the newsletters beside


def test_no_figure_is_of_opening_or_clicking() -> None:
    told = " ".join(str(label) for label in [*figures.WENT.values(), *figures.DID.values()])
    kept = {field.name for field in Delivery._meta.get_fields()}

    assert not any(word in told.lower() for word in ("open", "click", "read"))
    assert kept.isdisjoint({"opened_at", "clicked_at"})
