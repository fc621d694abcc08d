"""What a digest tells in full, as a title, from elsewhere, after a long silence, and why."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from newsletters.issues import withdraw
from newsletters.models import Edition, Issue, Subscription
from newsletters.pipeline import closing, editions, freeze
from tests.factories.newsletters import (
    IssueFactory,
    SubscriberFactory,
    SubscriptionFactory,
)
from tests.newsletters.fake_source import permitted, publish

HOUR = dt.timedelta(hours=1)
DAY = 24 * HOUR


def subscribe(issue: Issue, name: str, languages: str = "en", **facts: Any) -> Subscription:
    return SubscriptionFactory(
        newsletter=issue.newsletter,
        subscriber=SubscriberFactory(address=f"{name}@example.org", languages=languages.split()),
        **facts,
    )


def read(issue: Issue) -> dict[str, Edition]:
    """Name → what he or she gets; the issue closes with every mail taken."""
    frozen = freeze.freeze(issue.pk)
    assert frozen is not None
    rows = frozen.deliveries.select_related("batch__edition")
    names = dict(
        Subscription.objects.values_list("subscriber_id", "subscriber__address").order_by("pk")
    )
    found = {names[row.subscriber_id].partition("@")[0]: row.batch.edition for row in rows}
    frozen.batches.update(state="accepted")
    closing.close(frozen)
    return found


def pieces(edition: Edition) -> list[str]:
    return [piece.removesuffix("@en") for piece in edition.pieces]


def test_seven_stand_in_full_and_the_rest_as_titles(issue: Issue) -> None:
    for number in range(10):
        publish(f"s{number}", at=issue.cutoff_at - (number + 1) * HOUR)
    subscribe(issue, "reader")

    edition = read(issue)["reader"]

    cards, titles = [f" s{n}" for n in range(7)], [f"~line s{n}" for n in range(7, 10)]
    assert pieces(edition) == [*cards, "~more ", *titles]
    assert edition.selection == [f"s{n}@en" for n in range(10)]
    mail = editions.mail(edition)
    assert mail.html.count("The standfirst of") == mail.text.count("The standfirst of") == 7
    assert mail.text.count("http://testserver/en/stories/") == 10
    assert mail.text.index("Also new in what you follow") < mail.text.index("s7 in en")
    assert edition.subject == "s0 in en: what one country learned, and 9 more"


def test_seven_need_no_heading(issue: Issue) -> None:
    for number in range(7):
        publish(f"s{number}", at=issue.cutoff_at - (number + 1) * HOUR)
    subscribe(issue, "reader")

    assert "Also new" not in editions.mail(read(issue)["reader"]).text


def test_titles_count_as_told(issue: Issue) -> None:
    for number in range(10):
        publish(f"s{number}", at=issue.cutoff_at - (number + 1) * HOUR)
    subscribe(issue, "reader")
    read(issue)
    later = IssueFactory(newsletter=issue.newsletter, cutoff_at=issue.cutoff_at + DAY)

    assert read(later) == {}


def test_a_title_for_members_says_nothing_but_itself(issue: Issue) -> None:
    for number in range(7):
        publish(f"s{number}", at=issue.cutoff_at - (number + 1) * HOUR)
    publish("closed", at=issue.cutoff_at - 9 * HOUR, audience="members")
    permitted["members"] = {"reader@example.org"}
    subscribe(issue, "reader")

    text = editions.mail(read(issue)["reader"]).text

    _before, _title, after = text.partition("closed in en: what one country learned")
    assert after.startswith("\nFor members: sign in to read it.\nhttp://")


def test_whoever_has_few_of_the_own_is_told_of_two_from_elsewhere(issue: Issue) -> None:
    publish("own", at=issue.cutoff_at - HOUR, interests="country:KE")
    for number in range(4):
        publish(f"other{number}", at=issue.cutoff_at - (number + 2) * HOUR, interests="country:TN")
    subscribe(issue, "few", interests=["country:KE"])
    subscribe(issue, "many", interests=["country:TN"])
    subscribe(issue, "none", interests=["country:ZM"])

    found = read(issue)

    assert pieces(found["few"]) == ["country:KE own", "~elsewhere ", " other0", " other1"]
    assert pieces(found["many"]) == [f" other{n}" for n in range(4)]
    assert "none" not in found
    assert found["few"].subject == "own in en: what one country learned"
    assert "From elsewhere" in editions.mail(found["few"]).text


@pytest.mark.parametrize(
    "facts",
    [
        {"audience": "members"},
        {"kind": "update"},
        {"deadline": dt.date(2099, 1, 1)},
        {"languages": "ar"},
    ],
    ids=str,
)
def test_from_elsewhere_come_only_public_stories_that_can_be_read(
    issue: Issue, facts: dict[str, Any]
) -> None:
    publish("own", at=issue.cutoff_at - HOUR, interests="country:KE")
    publish("other", at=issue.cutoff_at - 2 * HOUR, interests="country:TN", **facts)
    permitted["members"] = {"reader@example.org"}
    subscribe(issue, "reader", interests=["country:KE"])

    assert pieces(read(issue)["reader"]) == ["country:KE own"]


def test_what_was_told_from_elsewhere_is_never_told_again(issue: Issue) -> None:
    publish("own", at=issue.cutoff_at - HOUR, interests="country:KE")
    publish("other", at=issue.cutoff_at - 2 * HOUR, interests="country:ZM")
    reader = subscribe(issue, "reader", interests=["country:KE"])
    read(issue)
    Subscription.objects.filter(pk=reader.pk).update(interests=["country:KE", "country:ZM"])
    later = IssueFactory(newsletter=issue.newsletter, cutoff_at=issue.cutoff_at + DAY)
    publish("newer", at=later.cutoff_at - HOUR, interests="country:ZM")

    assert pieces(read(later)["reader"]) == ["country:ZM newer"]


def silent(issue: Issue, days: float, **facts: Any) -> Subscription:
    facts = {"interests": ["country:KE"], "caught_up_at": issue.cutoff_at - DAY} | facts
    return subscribe(issue, "silent", heard_at=issue.cutoff_at - days * DAY, **facts)


def five_stories(issue: Issue) -> None:
    for number in range(5):
        publish(f"s{number}", at=issue.cutoff_at - (number * 14 + 1) * DAY, interests="country:TN")


def test_sixty_silent_days_end_with_a_mail_that_says_so(issue: Issue) -> None:
    five_stories(issue)
    silent(issue, 60)

    edition = read(issue)["silent"]

    assert pieces(edition) == ["~silent ", " s0", " s1", " s2"]
    assert edition.subject == "What countries learned: nothing new in what you follow"
    text = editions.mail(edition).text
    assert "For sixty days there was nothing new in what you follow." in text
    assert text.index("/n/p/") < text.index("s0 in en")


def test_fifty_nine_days_are_no_silence(issue: Issue) -> None:
    five_stories(issue)
    silent(issue, 59)

    assert read(issue) == {}


def test_silence_is_told_once_in_sixty_days(issue: Issue) -> None:
    five_stories(issue)
    reader = silent(issue, 70)
    read(issue)
    reader.refresh_from_db()
    assert reader.heard_at == reader.caught_up_at == issue.cutoff_at

    for days, told in ((30, []), (59, []), (60, ["silent"])):
        later = IssueFactory(newsletter=issue.newsletter, cutoff_at=issue.cutoff_at + days * DAY)
        publish(f"in-{days}", at=later.cutoff_at - HOUR, interests="country:TN")
        assert list(read(later)) == told


def test_a_mail_that_failed_ends_no_silence(issue: Issue) -> None:
    five_stories(issue)
    reader = silent(issue, 70)
    frozen = freeze.freeze(issue.pk)
    assert frozen is not None
    frozen.batches.update(state="failed")
    closing.close(frozen)

    reader.refresh_from_db()
    assert reader.heard_at == issue.cutoff_at - 70 * DAY


def test_whoever_rested_was_not_left_in_silence(issue: Issue) -> None:
    five_stories(issue)
    silent(issue, 70, paused_until=issue.cutoff_at - DAY)

    assert read(issue) == {}


def test_without_anything_to_show_silence_goes_on(issue: Issue) -> None:
    publish("old", at=issue.cutoff_at - 61 * DAY)
    silent(issue, 90)

    assert read(issue) == {}


def test_one_reason_stands_beneath_each_entry(issue: Issue) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR, interests="country:KE topic:referral")
    publish("zambia", at=issue.cutoff_at - 2 * HOUR, interests="country:ZM")
    publish("both", at=issue.cutoff_at - 3 * HOUR, interests="country:KE country:ZM")
    subscribe(issue, "follower", interests=["country:KE", "country:ZM", "topic:referral"])
    subscribe(issue, "all")

    found = read(issue)

    assert pieces(found["follower"]) == ["country:KE kenya", "country:ZM zambia", "country:KE both"]
    mail = editions.mail(found["follower"])
    assert mail.text.count("Because you follow Kenya.") == 2
    assert mail.html.count("Because you follow Zambia.") == 1
    assert pieces(found["all"]) == [" kenya", " zambia", " both"]
    assert "Because you follow" not in editions.mail(found["all"]).html


def test_readers_of_the_same_for_the_same_reason_share_an_edition(issue: Issue) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR, interests="country:KE topic:referral")
    publish("also", at=issue.cutoff_at - 2 * HOUR, interests="country:KE")
    subscribe(issue, "one", interests=["country:KE"])
    subscribe(issue, "two", interests=["country:KE", "topic:referral", "country:TN"])

    found = read(issue)

    assert found["one"] == found["two"]


def test_what_nobody_can_follow_any_more_is_no_reason_and_makes_no_edition(issue: Issue) -> None:
    publish("story", at=issue.cutoff_at - HOUR, interests="country:TN topic:gone")
    subscribe(issue, "tunisia", interests=["country:TN"])
    subscribe(issue, "topic", interests=["topic:gone"])

    found = read(issue)

    assert found["tunisia"] == found["topic"]


def test_what_is_open_to_all_countries_says_no_reason(issue: Issue) -> None:
    everywhere = " ".join(f"country:{letter}{other}" for letter in "ABCD" for other in "EFGH")
    publish("open", at=issue.cutoff_at - HOUR, interests=everywhere)
    publish("closed", at=issue.cutoff_at - HOUR, interests="country:AE", audience="members")
    permitted["members"] = {"one@example.org"}
    subscribe(issue, "one", interests=["country:AE"])
    subscribe(issue, "two", interests=["country:BE"])

    found = read(issue)

    assert sorted(pieces(found["one"])) == [" closed", " open"]
    assert pieces(found["two"]) == [" open"]


def test_a_call_that_is_over_is_told_to_nobody_whatever_the_source_says(issue: Issue) -> None:
    today = issue.cutoff_at.astimezone(issue.newsletter.zone).date()
    for name, days in (("over", -1), ("last-day", 0), ("open", 5)):
        deadline = today + dt.timedelta(days=days)
        publish(name, at=issue.cutoff_at - HOUR, kind="update", deadline=deadline)
    subscribe(issue, "reader")

    assert pieces(read(issue)["reader"]) == [" last-day", " open"]


def test_a_correction_is_never_new(issue: Issue) -> None:
    story = publish("story", at=issue.cutoff_at - HOUR)
    subscribe(issue, "reader")
    assert list(read(issue)) == ["reader"]
    later = IssueFactory(newsletter=issue.newsletter, cutoff_at=issue.cutoff_at + DAY)
    publish("story", at=story.texts[0].mailable_at)

    assert read(later) == {}


def test_what_is_taken_down_leaves_in_every_form(issue: Issue) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR, interests="country:KE")
    subscribe(issue, "follower", interests=["country:KE"])
    subscribe(issue, "all")
    freeze.freeze(issue.pk)

    assert withdraw("kenya", ["en"]) == 2
    assert not issue.fragments.filter(entry="kenya@en", withdrawn_at=None).exists()


def test_a_heading_stands_above_nothing_only_with_what_it_announces(
    issue: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish("own", at=issue.cutoff_at - HOUR, interests="country:KE")
    publish("other", at=issue.cutoff_at - 2 * HOUR, interests="country:TN")
    subscribe(issue, "reader", interests=["country:KE"])
    edition = read(issue)["reader"]
    whole = editions.mail(edition)
    editions.mail.cache_clear()
    monkeypatch.setattr(
        "newsletters.pipeline.render.MOST_WEIGHT", editions.render.weight(whole.html) - 1000
    )

    mail = editions.mail(edition)
    editions.mail.cache_clear()

    assert "From elsewhere" not in mail.html
    assert "There is more for you than one mail can hold." in mail.text
