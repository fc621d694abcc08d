"""Who gets which entries, in which language."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from newsletters.models import Issue, Newsletter, Suppression
from newsletters.pipeline import compile
from tests.factories.newsletters import LONG_AGO, SubscriberFactory, SubscriptionFactory
from tests.newsletters.fake_source import permitted, publish

HOUR = dt.timedelta(hours=1)


def read(issue: Issue) -> dict[str, tuple[str, list[str]]]:
    """Address → (frame language, names of the own entries in order) of everyone chosen."""
    with transaction.atomic():
        by_key = dict(compile.selections(compile.draw_up(issue)))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT s.address, w.languages, w.discreet, w.mask, w.elsewhere, w.reasons"
                " FROM newsletters_wanted w"
                " JOIN newsletters_subscriber s ON s.id = w.subscriber_id WHERE excluded = ''"
            )
            rows = cursor.fetchall()
    found = {address: by_key[tuple(key)] for address, *key in rows}
    return {
        address: (choice.language, [f"{one.key}@{text.language}" for one, text in choice.choices])
        for address, choice in found.items()
    }


def left_out(issue: Issue) -> dict[str, str]:
    """Name → reason of everyone left out."""
    with transaction.atomic():
        compile.draw_up(issue)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT split_part(s.address, '@', 1), w.excluded FROM newsletters_wanted w"
                " JOIN newsletters_subscriber s ON s.id = w.subscriber_id WHERE excluded <> ''"
            )
            return dict(cursor.fetchall())


def subscribe(issue: Issue, name: str, languages: str = "en", **facts: Any) -> None:
    SubscriptionFactory(
        newsletter=issue.newsletter,
        subscriber=SubscriberFactory(address=f"{name}@example.org", languages=languages.split()),
        **facts,
    )


def test_each_reader_gets_what_he_or_she_follows(issue: Issue) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR, interests="country:KE topic:referral")
    publish("zambia", at=issue.cutoff_at - 2 * HOUR, interests="country:ZM")
    subscribe(issue, "all")
    subscribe(issue, "kenya", interests=["country:KE"])
    subscribe(issue, "topic", interests=["topic:referral", "country:ZM"])
    subscribe(issue, "neither", interests=["country:TN"])

    assert read(issue) == {
        "all@example.org": ("en", ["kenya@en", "zambia@en"]),
        "kenya@example.org": ("en", ["kenya@en"]),
        "topic@example.org": ("en", ["kenya@en", "zambia@en"]),
    }


def test_an_entry_comes_in_the_first_language_of_the_reader_that_exists(issue: Issue) -> None:
    publish("both", at=issue.cutoff_at - HOUR, languages="en ar")
    publish("english", at=issue.cutoff_at - 2 * HOUR, languages="en")
    subscribe(issue, "arabic", "ar")
    subscribe(issue, "arabic-first", "ar en")
    subscribe(issue, "french-first", "fr en")
    subscribe(issue, "french", "fr")

    assert read(issue) == {
        "arabic@example.org": ("ar", ["both@ar"]),
        "arabic-first@example.org": ("ar", ["both@ar", "english@en"]),
        "french-first@example.org": ("fr", ["both@en", "english@en"]),
    }


def test_only_what_is_new_for_the_reader(issue: Issue) -> None:
    publish("old", at=issue.cutoff_at - 5 * HOUR)
    publish("new", at=issue.cutoff_at - HOUR)
    publish("future", at=issue.cutoff_at + HOUR)
    subscribe(issue, "behind")
    subscribe(issue, "recent", caught_up_at=issue.cutoff_at - 2 * HOUR)
    subscribe(issue, "up-to-date", caught_up_at=issue.cutoff_at)

    assert read(issue) == {
        "behind@example.org": ("en", ["new@en", "old@en"]),
        "recent@example.org": ("en", ["new@en"]),
    }


def test_a_late_translation_is_new_only_for_who_could_not_read_it_before(issue: Issue) -> None:
    last_time = issue.cutoff_at - 2 * HOUR
    publish(
        "story",
        at=LONG_AGO,
        languages={"en": last_time - HOUR, "ar": issue.cutoff_at - HOUR},
    )
    subscribe(issue, "arabic", "ar", caught_up_at=last_time)
    subscribe(issue, "both", "ar en", caught_up_at=last_time)
    subscribe(issue, "english", "en", caught_up_at=last_time)

    assert read(issue) == {"arabic@example.org": ("ar", ["story@ar"])}


def test_who_could_not_read_what_is_new_is_left_out_for_that(issue: Issue) -> None:
    last_time = issue.cutoff_at - 2 * HOUR
    publish("kenya", at=issue.cutoff_at - HOUR, interests="country:KE")
    publish("old", at=last_time - HOUR, languages="en", interests="country:ZM")
    subscribe(issue, "english", "en")
    subscribe(issue, "arabic", "ar", caught_up_at=last_time)
    subscribe(issue, "zambia", "ar", interests=["country:ZM"], caught_up_at=last_time)
    subscribe(issue, "tunisia", "ar", interests=["country:TN"], caught_up_at=last_time)

    assert left_out(issue) == {
        "arabic": "not_in_their_language",
        "zambia": "nothing_new",
        "tunisia": "nothing_new",
    }


def test_one_text_that_can_be_read_is_enough(issue: Issue) -> None:
    publish("english", at=issue.cutoff_at - HOUR, languages="en")
    publish("arabic", at=issue.cutoff_at - HOUR, languages="ar")
    subscribe(issue, "arabic", "ar")

    assert left_out(issue) == {}
    assert read(issue) == {"arabic@example.org": ("ar", ["arabic@ar"])}


def test_another_translation_of_an_old_story_is_no_news(issue: Issue) -> None:
    """For nobody but those who read it: the story was there before, readable or not."""
    last_time = issue.cutoff_at - 2 * HOUR
    old, new = last_time - HOUR, issue.cutoff_at - HOUR
    publish("told", at=old, languages={"en": old, "fr": new})
    publish("untold", at=old, languages={"pt": old, "fr": new}, interests="topic:referral")
    subscribe(issue, "told", "en", caught_up_at=last_time)
    subscribe(issue, "could-not-read", "ar", caught_up_at=last_time)

    assert left_out(issue) == {"told": "nothing_new", "could-not-read": "nothing_new"}


def test_what_only_members_may_know_of_leaves_no_trace_with_others(issue: Issue) -> None:
    publish("closed", at=issue.cutoff_at - HOUR, audience="members")
    permitted["members"] = {"member@example.org"}
    subscribe(issue, "member", "ar")
    subscribe(issue, "outsider", "ar")

    assert left_out(issue) == {"member": "not_in_their_language", "outsider": "nothing_new"}


def test_content_for_members_reaches_members_only(issue: Issue) -> None:
    publish("open", at=issue.cutoff_at - HOUR)
    publish("closed", at=issue.cutoff_at - 2 * HOUR, audience="members")
    publish("course", at=issue.cutoff_at - 3 * HOUR, audience="run:cairo-2022")
    permitted["members"] = {"member@example.org", "classmate@example.org"}
    permitted["run:cairo-2022"] = {"classmate@example.org"}
    for name in ("outsider", "member", "classmate"):
        subscribe(issue, name)

    assert read(issue) == {
        "outsider@example.org": ("en", ["open@en"]),
        "member@example.org": ("en", ["open@en", "closed@en"]),
        "classmate@example.org": ("en", ["open@en", "closed@en", "course@en"]),
    }


@pytest.mark.usefixtures("newsletter")
def test_who_left_paused_waits_or_bounced_gets_nothing(issue: Issue) -> None:
    publish("story", at=issue.cutoff_at - HOUR)
    subscribe(issue, "reader")
    subscribe(issue, "left", state="left")
    subscribe(issue, "pending", state="pending")
    subscribe(issue, "monthly", frequency="monthly")
    subscribe(issue, "paused", paused_until=issue.cutoff_at + 24 * HOUR)
    subscribe(issue, "rested", paused_until=issue.cutoff_at - HOUR)
    subscribe(issue, "bounced")
    Suppression.objects.create(address="bounced@example.org", reason="bounce")

    assert set(read(issue)) == {"reader@example.org", "rested@example.org"}


def test_of_more_than_sixty_one_the_newest_are_told(issue: Issue) -> None:
    for number in range(70):
        publish(f"s{number:02}", at=issue.cutoff_at - number * HOUR)
    subscribe(issue, "reader")

    _language, names = read(issue)["reader@example.org"]

    assert names == [f"s{number:02}@en" for number in range(61)]


def test_the_number_of_statements_does_not_grow_with_readers(
    issue: Issue, newsletter: Newsletter
) -> None:
    publish("story", at=issue.cutoff_at - HOUR, languages="en ar")

    def statements() -> int:
        with (
            CaptureQueriesContext(
                connection,
            ) as captured,
            transaction.atomic(),
        ):
            list(compile.selections(compile.draw_up(issue)))
        return len(captured)

    subscribe(issue, "one")
    few = statements()
    for number in range(20):
        subscribe(issue, f"more-{number}", "ar en" if number % 2 else "en")

    assert statements() == few
