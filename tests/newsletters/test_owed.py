"""More is new than one mailing can tell: the next ones tell the rest, and nobody waits for it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from newsletters.models import Issue, Newsletter, Subscriber, Subscription
from newsletters.pipeline import closing, freeze
from newsletters.sources import MOST_ENTRIES
from tests.factories.newsletters import IssueFactory, SubscriberFactory, SubscriptionFactory
from tests.newsletters.fake_source import publish

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
MANY = 150
ALL = [f"s{number:03}" for number in range(MANY)]


@pytest.fixture
def week(newsletter: Newsletter) -> dt.datetime:
    """150 stories are new since a reader began to rest; the others missed one."""
    now = timezone.now()
    for number, name in enumerate(ALL):
        publish(name, at=now - DAY * (MANY - number) / 2)
    subscribe(newsletter, "rested", since=now - DAY * (MANY + 1) / 2)
    subscribe(newsletter, "regular", since=now - DAY)
    return now


def subscribe(
    newsletter: Newsletter, name: str, *, since: dt.datetime, languages: str = "en", **more: Any
) -> None:
    SubscriptionFactory(
        newsletter=newsletter,
        subscriber=SubscriberFactory(address=f"{name}@example.org", languages=languages.split()),
        caught_up_at=since,
        **{"heard_at": timezone.now(), **more},
    )


def leave(newsletter: Newsletter, at: dt.datetime, *, fails: bool = False) -> dict[str, list[str]]:
    """By name what a digest tells at a moment; all of its mails are taken, or none."""
    frozen = freeze.freeze(IssueFactory(newsletter=newsletter, cutoff_at=at).pk)
    assert frozen is not None
    names = dict(Subscriber.objects.values_list("pk", "address"))
    told = {
        names[row.subscriber_id].partition("@")[0]: row.batch.edition.selection
        for row in frozen.deliveries.select_related("batch__edition")
    }
    frozen.batches.update(state="failed" if fails else "accepted")
    closing.close(frozen)
    return told


def plain(names: list[str]) -> list[str]:
    return sorted(name.partition("@")[0] for name in names)


def test_the_next_ones_tell_the_rest_and_nothing_twice(
    newsletter: Newsletter, week: dt.datetime
) -> None:
    first, *others = [leave(newsletter, week + MINUTE * number) for number in range(4)]

    assert first["regular"] == ["s149@en"]
    assert len(first["rested"]) == MOST_ENTRIES - 1
    assert plain(first["rested"]) == ALL[-MOST_ENTRIES + 1 :]
    told = [name for mailing in (first, *others) for name in plain(mailing.get("rested", []))]
    assert sorted(told) == ALL
    assert [set(mailing) for mailing in others] == [{"rested"}, {"rested"}, set()]
    assert not Subscription.objects.exclude(owed=None).exists()


def test_what_is_new_meanwhile_goes_before_what_is_owed(
    newsletter: Newsletter, week: dt.datetime
) -> None:
    leave(newsletter, week)
    publish("newest", at=week + MINUTE)

    second = leave(newsletter, week + 2 * MINUTE)

    assert second["regular"] == ["newest@en"]
    assert plain(second["rested"]) == ["newest", *ALL[: MOST_ENTRIES - 2]]


def test_whose_mail_fails_stops_nobody(newsletter: Newsletter, week: dt.datetime) -> None:
    leave(newsletter, week, fails=True)

    second = leave(newsletter, week + MINUTE)

    assert second["regular"] == ["s149@en"]
    assert plain(second["rested"]) == ALL[-MOST_ENTRIES + 1 :]


def test_its_screen_says_that_the_rest_comes(newsletter: Newsletter, week: dt.datetime) -> None:
    leave(newsletter, week)

    assert Issue.objects.get().reason == freeze.NOT_ALL


def test_whoever_is_owed_something_does_not_hear_of_silence(
    newsletter: Newsletter, week: dt.datetime
) -> None:
    quiet = {"interests": ["country:ZM"], "heard_at": week - 90 * DAY}
    publish("zambian", at=week - 74 * DAY, interests="country:ZM")
    subscribe(newsletter, "zambia", since=week - 75 * DAY, **quiet)

    mailings = [leave(newsletter, week + MINUTE * number) for number in range(3)]

    told = [mailing["zambia"] for mailing in mailings if "zambia" in mailing]
    assert plain(told[0])[-1] == "zambian"
    assert len(told) == 1


def test_what_is_owed_comes_in_the_first_language_that_exists(
    newsletter: Newsletter, week: dt.datetime
) -> None:
    for number in range(MANY):
        moment = week - DAY * (MANY - number) / 2 + MINUTE
        publish(
            f"both{number:03}",
            at=moment,
            languages={"en": moment, "fr": week - DAY * (1 + number / MANY)},
        )
    subscribe(newsletter, "french", since=week - 76 * DAY, languages="fr en")

    mailings = [leave(newsletter, week + MINUTE * number) for number in range(6)]

    told = [name for one in mailings for name in one.get("french", []) if name[:4] == "both"]
    assert len(told) == len(set(told)) == MANY
    assert {name.partition("@")[2] for name in told} == {"fr"}


def test_whoever_comes_back_begins_anew(newsletter: Newsletter, week: dt.datetime) -> None:
    leave(newsletter, week)
    rows = Subscription.objects.exclude(owed=None)
    assert rows.count() == 1

    rows.begin(timezone.now())

    assert not rows.exists()
