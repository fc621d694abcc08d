"""Published pages as the mail engine sees them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms import digest
from cms.models import FirstLive, ShortTranslation, StoryPage
from newsletters.sources import MOST_ENTRIES, Interest
from tests.factories import cms as make
from tests.factories.cms import ResourceFactory, StoryFactory, Tree, UpdateFactory, translated

LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
MORNING = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
NOON = MORNING + dt.timedelta(hours=3)
EVENING = MORNING + dt.timedelta(hours=9)


@pytest.fixture
def at_nine(tree: Tree) -> Any:
    with time_machine.travel(MORNING, tick=False):
        yield tree


def titles(since: dt.datetime = LONG_AGO, until: dt.datetime = EVENING) -> list[list[str]]:
    return [[text.title for text in entry.texts] for entry in digest.entries(since, until)]


def test_story_becomes_an_entry_with_all_its_words(at_nine: Tree) -> None:
    run = make.course_run()
    story = StoryFactory(
        parent=at_nine.stories["en"],
        title="Screening at the border",
        standfirst="Ten questions.",
        slug="screening",
        countries=("KE", "UG"),
        topics=("referral",),
        course_run=run,
    )
    translated(story, "ar", title="الفرز على الحدود", standfirst="عشرة أسئلة.", slug="farz")

    (entry,) = digest.entries(LONG_AGO, EVENING)

    assert entry.key == f"story:{story.translation_key}"
    assert entry.kind == "story"
    assert entry.audience == "public"
    assert entry.interests == {"all", "country:KE", "country:UG", "topic:referral"}
    assert entry.deadline is None
    english, arabic = entry.texts
    assert english.title == "Screening at the border"
    assert english.standfirst == "Ten questions."
    assert english.url == f"{settings.SITE_URL}/en/stories/screening/"
    assert english.kicker == "Kenya, Uganda"
    assert english.note == ""
    assert english.acknowledgement == make.THANKS["en"]
    assert english.mailable_at == MORNING
    assert (arabic.language, arabic.title) == ("ar", "الفرز على الحدود")
    assert arabic.url == f"{settings.SITE_URL}/ar/stories/farz/"
    assert "كينيا" in arabic.kicker
    assert arabic.acknowledgement == make.THANKS["ar"]


def test_call_becomes_an_entry_with_kind_and_deadline_in_the_language_of_the_text(
    at_nine: Tree,
) -> None:
    call = UpdateFactory(
        parent=at_nine.updates["en"],
        kind="webinar",
        deadline=dt.date(2026, 12, 1),
        eligible_countries=["KE"],
        topics=["referral"],
    )
    translated(call, "ar")

    (entry,) = digest.entries(LONG_AGO, EVENING)

    assert (entry.kind, entry.deadline) == ("update", dt.date(2026, 12, 1))
    assert entry.interests == {"all", "country:KE"}
    assert entry.texts[0].kicker == "Webinar"
    assert "2026" in entry.texts[0].note


def test_call_open_to_all_reaches_who_follows_any_country(at_nine: Tree) -> None:
    UpdateFactory(parent=at_nine.updates["en"])

    (entry,) = digest.entries(LONG_AGO, EVENING)

    assert {f"country:{code}" for code in settings.PACK.countries} < entry.interests


def test_a_topic_makes_nobody_eligible_but_leads_to_what_is_open_to_all(at_nine: Tree) -> None:
    UpdateFactory(parent=at_nine.updates["en"], topics=["referral"])
    UpdateFactory(parent=at_nine.updates["en"], topics=["referral"], eligible_countries=["KE"])

    found = digest.entries(LONG_AGO, EVENING)

    assert sorted("topic:referral" in entry.interests for entry in found) == [False, True]


def test_calls_that_close_soon_are_found_by_their_last_day(at_nine: Tree) -> None:
    for day in (1, 2, 9, 10):
        deadline = dt.date(2026, 11, day)
        UpdateFactory(parent=at_nine.updates["en"], title=f"Until {day}", deadline=deadline)
    UpdateFactory(parent=at_nine.updates["en"], title="Without end")
    draft = UpdateFactory(
        parent=at_nine.updates["en"], title="Draft", deadline=dt.date(2026, 11, 9), live=False
    )

    found = digest.closing(EVENING, dt.date(2026, 11, 9))

    assert not draft.live
    assert [entry.texts[0].title for entry in found] == ["Until 2", "Until 9"]
    assert digest.closing(MORNING - dt.timedelta(hours=1), dt.date(2026, 11, 9)) == []


def test_deadline_that_is_over_by_the_networks_clock_is_left_out(at_nine: Tree) -> None:
    for day, title in ((2, "Today"), (1, "Yesterday")):
        deadline = dt.date(2026, 11, day)
        UpdateFactory(parent=at_nine.updates["en"], title=title, deadline=deadline)

    assert titles() == [["Today"]]
    before_midnight_in_cairo = dt.datetime(2026, 11, 2, 21, 59, tzinfo=dt.UTC)
    assert titles(until=before_midnight_in_cairo) == [["Today"]]
    assert titles(until=before_midnight_in_cairo + dt.timedelta(minutes=1)) == []


def test_window_is_open_at_its_start_and_closed_at_its_end(at_nine: Tree) -> None:
    StoryFactory(parent=at_nine.stories["en"], title="At nine")

    assert titles(since=MORNING) == []
    assert titles(since=MORNING - dt.timedelta(seconds=1), until=MORNING) == [["At nine"]]
    assert titles(until=MORNING - dt.timedelta(seconds=1)) == []


def test_only_what_is_live_in_its_own_right_is_an_entry(at_nine: Tree) -> None:
    parent = at_nine.stories["en"]
    StoryFactory(parent=parent, title="Draft", live=False)
    gone = StoryFactory(parent=parent, title="Taken down")
    gone.unpublish()
    story = StoryFactory(parent=parent, title="Live")
    story.create_alias(parent=at_nine.stories["ar"], update_locale=make.language("ar"))

    assert titles() == [["Live"]]


def test_edit_makes_no_entry_new(at_nine: Tree) -> None:
    story = StoryFactory(parent=at_nine.stories["en"])
    with time_machine.travel(NOON, tick=False):
        story.title = "Corrected"
        story.save_revision().publish()

    assert titles(since=MORNING) == []
    assert titles() == [["Corrected"]]


def test_late_translation_brings_the_entry_back_with_both_texts(at_nine: Tree) -> None:
    story = StoryFactory(parent=at_nine.stories["en"], title="Early")
    with time_machine.travel(NOON, tick=False):
        translated(story, "ar", title="متأخر")

    (entry,) = digest.entries(MORNING, EVENING)

    assert [(text.language, text.mailable_at) for text in entry.texts] == [
        ("en", MORNING),
        ("ar", NOON),
    ]
    assert entry.first_mailable_at == MORNING


def test_text_that_went_live_after_the_window_is_left_for_the_next(at_nine: Tree) -> None:
    story = StoryFactory(parent=at_nine.stories["en"], title="Early")
    with time_machine.travel(NOON, tick=False):
        translated(story, "ar", title="متأخر")

    assert titles(until=MORNING) == [["Early"]]


def test_reader_gets_full_text_before_short_and_own_language_before_either(at_nine: Tree) -> None:
    story = StoryFactory(parent=at_nine.stories["en"], title="Full")
    for language, title in (("fr", "Court"), ("ar", "قصير")):
        story.short_translations.add(ShortTranslation(language=language, title=title))
    story.save()
    translated(story, "ar", title="كامل")

    (entry,) = digest.entries(LONG_AGO, EVENING)

    def read(*languages: str) -> str | None:
        text = entry.text_for(languages)
        return text and text.title

    assert read("ar", "en") == "كامل"
    assert read("pt", "fr", "en") == "Court"
    assert read("pt", "en") == "Full"
    assert read("pt") is None
    short = entry.text_for(["fr"])
    assert short
    assert "anglais" in short.note
    assert short.url == story.address


def test_entry_says_for_whom_it_is_and_the_narrowest_audience_holds(at_nine: Tree) -> None:
    story = StoryFactory(parent=at_nine.stories["en"], audience="run:spring")
    translated(story, "ar")
    StoryPage.objects.filter(locale__language_code="ar").update(audience="public")

    (entry,) = digest.entries(LONG_AGO, EVENING)

    assert entry.audience == "run:spring"


def test_newest_come_first_and_at_most_sixty_two(at_nine: Tree) -> None:
    parent = at_nine.stories["en"]
    for number in range(MOST_ENTRIES + 2):
        story = StoryFactory(parent=parent, title=str(number))
        moment = MORNING + dt.timedelta(minutes=number)
        FirstLive.objects.filter(page=story).update(mailable_at=moment)

    found = titles()

    assert found == [[str(number)] for number in range(MOST_ENTRIES + 1, 1, -1)]


def test_picture_stands_on_our_own_host_as_jpeg(at_nine: Tree) -> None:
    StoryFactory(parent=at_nine.stories["en"], picture=make.picture())

    (entry,) = digest.entries(LONG_AGO, EVENING)

    assert entry.picture
    assert entry.picture.url.startswith(f"{settings.SITE_URL}/media/")
    assert entry.picture.url.endswith(".jpg")
    assert (entry.picture.width, entry.picture.height) == (600, 338)


def test_picture_whose_file_has_gone_costs_the_picture_alone(at_nine: Tree) -> None:
    picture = make.picture()
    picture.file.storage.delete(picture.file.name)
    StoryFactory(parent=at_nine.stories["en"], picture=picture, title="Still told")

    (entry,) = digest.entries(LONG_AGO, EVENING)

    assert entry.picture is None
    assert entry.texts[0].title == "Still told"


def test_queries_do_not_grow_with_entries(at_nine: Tree) -> None:
    run = make.course_run()
    picture = make.picture()

    def publish(number: int) -> None:
        for _ in range(number):
            story = StoryFactory(
                parent=at_nine.stories["en"], course_run=run, picture=picture, topics=("referral",)
            )
            story.short_translations.add(ShortTranslation(language="fr", title="Court"))
            story.save()
            translated(story, "ar", slug=str(uuid.uuid4()))
            UpdateFactory(parent=at_nine.updates["en"])
            ResourceFactory(parent=at_nine.resources["en"], course_run=run)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            digest.entries(LONG_AGO, EVENING)
        return len(captured)

    publish(1)
    digest.entries(LONG_AGO, EVENING)  # makes the rendition
    one = queries()
    publish(2)
    three = queries()

    assert three == one
    assert one <= 10


def test_interests_are_countries_by_region_then_topics(tree: Tree) -> None:
    make.topic("referral", en="Referral", ar="الإحالة")
    make.topic("law", en="Law")

    arabic = digest.interests("ar")

    assert Interest("country:KE", "كينيا", settings.PACK.region_of("KE").names["ar"]) in arabic
    countries = [interest.code for interest in arabic[:-2]]
    assert set(countries) == {f"country:{code}" for code in settings.PACK.countries}
    assert [(one.code, one.label) for one in arabic[-2:]] == [
        ("topic:law", "Law"),
        ("topic:referral", "الإحالة"),
    ]
    groups = [interest.group for interest in arabic]
    assert (
        len([a for a, b in zip(groups, groups[1:], strict=False) if a != b]) == len(set(groups)) - 1
    )
