"""What drawing up a list leaves behind: why some were left out, and what is new next time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from newsletters import reports
from newsletters.models import Batch, Delivery, Edition, Fragment, Issue, Subscription
from newsletters.pipeline import freeze
from tests.factories.newsletters import IssueFactory, SubscriberFactory, SubscriptionFactory
from tests.newsletters.fake_source import publish, published

HOUR = dt.timedelta(hours=1)


def subscribe(issue: Issue, languages: str = "en", **facts: Any) -> Subscription:
    reader = SubscriberFactory(languages=languages.split())
    return SubscriptionFactory(newsletter=issue.newsletter, subscriber=reader, **facts)


def draw_up(issue: Issue) -> Issue:
    frozen = freeze.freeze(issue.pk)
    assert frozen is not None
    return frozen


def next_of(issue: Issue) -> Issue:
    """The same newsletter's digest an hour later, when the one before is over."""
    Issue.objects.filter(pk=issue.pk).update(state=Issue.State.DONE)
    return IssueFactory(newsletter=issue.newsletter, cutoff_at=issue.cutoff_at + HOUR)


def test_who_reads_other_languages_is_told_apart_from_who_has_nothing_new(issue: Issue) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR, interests="country:KE")
    subscribe(issue)
    for languages in ("ar", "ar fr"):
        subscribe(issue, languages)
    subscribe(issue, interests=["country:ZM"])

    frozen = draw_up(issue)

    assert frozen.audience == 1
    assert frozen.excluded == {"nothing_new": 1, "not_in_their_language": 2}


@pytest.mark.parametrize(
    ("readers", "why"),
    [
        ({"ar": ["all"]}, freeze.IN_NO_LANGUAGE),
        ({"en": ["country:ZM"]}, freeze.NOTHING_MATCHED),
        ({"ar": ["all"], "en": ["country:ZM"]}, freeze.NOTHING_FITTED),
        ({}, freeze.NOBODY_RECEIVES),
    ],
)
def test_a_mailing_to_nobody_says_why(issue: Issue, readers: dict[str, Any], why: str) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR, interests="country:KE")
    for languages, interests in readers.items():
        subscribe(issue, languages, interests=interests)

    frozen = draw_up(issue)

    assert (frozen.state, frozen.reason) == (Issue.State.DONE, why)
    assert reports.reason(frozen).endswith("no mail was sent.")


def test_where_everybody_rests_nobody_receives_it(issue: Issue) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR)
    subscribe(issue, paused_until=issue.cutoff_at + 24 * HOUR)

    frozen = draw_up(issue)

    assert (frozen.excluded, frozen.reason) == ({"paused": 1}, freeze.NOBODY_RECEIVES)


def test_a_late_translation_reaches_who_was_left_out_in_the_next_digest(issue: Issue) -> None:
    first_live = issue.cutoff_at - HOUR
    story = publish("story", at=first_live)
    reader = subscribe(issue, "ar")
    assert draw_up(issue).reason == freeze.IN_NO_LANGUAGE
    reader.refresh_from_db()
    assert reader.caught_up_at == issue.cutoff_at
    published.remove(story)
    translated = issue.cutoff_at + HOUR / 2
    publish("story", at=first_live, languages={"en": first_live, "ar": translated})

    later = draw_up(next_of(issue))

    assert (later.audience, later.excluded) == (1, {})
    assert later.editions.get().selection == ["story@ar"]


def test_what_nobody_can_read_does_not_come_up_again_for_ever(issue: Issue) -> None:
    publish("story", at=issue.cutoff_at - HOUR)
    subscribe(issue, "ar")
    draw_up(issue)

    later = draw_up(next_of(issue))

    assert (later.excluded, later.reason) == ({"nothing_new": 1}, freeze.NOTHING_PUBLISHED)


def test_every_reason_for_being_left_out_has_words(issue: Issue) -> None:
    untold = {"nothing_new", "not_in_their_language", "told_since", "received"}

    assert set(reports.LEFT_OUT) == untold | {"paused", "suppressed", "left", "not_theirs"}


def test_a_list_that_does_not_add_up_is_not_sent(issue: Issue, monkeypatch: Any) -> None:
    """Candidates are those chosen and those left out; a crash or a doubt leaves nothing behind."""
    publish("kenya", at=issue.cutoff_at - HOUR)
    for _reader in range(3):
        subscribe(issue)
    monkeypatch.setattr(freeze, "DELIVERIES", freeze.DELIVERIES + " LIMIT 2")

    assert freeze.freeze_or_halt(issue.pk) is None

    issue.refresh_from_db()
    assert (issue.state, issue.audience) == (Issue.State.HALTED, 0)
    assert "chosen readers and deliveries differ" in issue.reason
    assert not any(model.objects.exists() for model in (Edition, Fragment, Batch, Delivery))
    monkeypatch.undo()
    Issue.objects.update(state=Issue.State.APPROVED)
    assert draw_up(issue).audience == 3
