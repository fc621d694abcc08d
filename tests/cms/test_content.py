"""When a page first went live, and one audience over all its languages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from wagtail_localize.models import Translation, TranslationSource
from wagtail_localize.operations import translate_object

from cms.models import FirstLive, ShortTranslation, StoryPage
from tests.factories import cms as make
from tests.factories.cms import CountryFactory, StoryFactory, Tree, translated

MORNING = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
NOON = MORNING + dt.timedelta(hours=3)
EVENING = MORNING + dt.timedelta(hours=9)


def times(page: StoryPage) -> dict[str, dt.datetime]:
    return dict(FirstLive.objects.filter(page=page).values_list("language", "mailable_at"))


def test_first_live_is_noted_when_published(tree: Tree) -> None:
    draft = StoryFactory(parent=tree.stories["en"], live=False, first_published_at=None)
    assert times(draft) == {}

    with time_machine.travel(MORNING, tick=False):
        draft.save_revision().publish()

    assert times(draft) == {"en": MORNING}


def test_first_live_stays_when_edited_unpublished_and_published_anew(tree: Tree) -> None:
    with time_machine.travel(MORNING, tick=False):
        story = StoryFactory(parent=tree.stories["en"])
        before = story.save_revision()

    with time_machine.travel(NOON, tick=False):
        story.title = "Another title"
        story.save_revision().publish()
        story.refresh_from_db()
        story.unpublish()
    with time_machine.travel(EVENING, tick=False):
        before.publish()

    assert times(story) == {"en": MORNING}


def test_translation_has_its_own_first_live(tree: Tree) -> None:
    with time_machine.travel(MORNING, tick=False):
        story = StoryFactory(parent=tree.stories["en"])
    with time_machine.travel(NOON, tick=False):
        arabic = translated(story, "ar", title="قصة")

    assert times(story) == {"en": MORNING}
    assert times(arabic) == {"ar": NOON}


def test_short_translation_is_first_live_when_it_was_added_and_stays_so(tree: Tree) -> None:
    with time_machine.travel(MORNING, tick=False):
        story = StoryFactory(parent=tree.stories["en"])
    with time_machine.travel(NOON, tick=False):
        story.short_translations.add(ShortTranslation(language="fr", title="Récit"))
        story.save_revision().publish()
    with time_machine.travel(EVENING, tick=False):
        story = StoryPage.objects.get(pk=story.pk)
        story.short_translations.all().delete()
        story.save()
        story.short_translations.add(ShortTranslation(language="fr", title="Récit, mieux"))
        story.save_revision().publish()

    assert times(story) == {"en": MORNING, "fr": NOON}
    assert [short.title for short in ShortTranslation.objects.all()] == ["Récit, mieux"]


def test_copy_is_new_and_takes_no_short_translations_along(tree: Tree) -> None:
    with time_machine.travel(MORNING, tick=False):
        story = StoryFactory(parent=tree.stories["en"])
        story.short_translations.add(ShortTranslation(language="fr", title="Récit"))
        story.save()
    with time_machine.travel(NOON, tick=False):
        copy = story.copy(update_attrs={"slug": "copy", "title": "Copy"})

    assert times(copy) == {"en": NOON}
    assert copy.short_translations.count() == 0


def test_short_translation_in_the_language_of_the_page_is_refused(tree: Tree) -> None:
    story = StoryFactory(parent=tree.stories["en"])
    story.short_translations.add(ShortTranslation(language="en", title="Twice"))

    with pytest.raises(ValidationError, match="another language"):
        story.full_clean()


def test_audience_of_the_first_page_holds_for_its_translations(tree: Tree) -> None:
    story = StoryFactory(parent=tree.stories["en"])
    arabic = translated(story, "ar")
    draft = arabic.save_revision()

    story.audience = "members"
    story.save_revision().publish()
    draft.publish()
    arabic.refresh_from_db()

    assert arabic.audience == "members"
    assert list(StoryPage.objects.visible_to(AnonymousUser())) == []


def test_audience_of_a_translation_cannot_be_widened_alone(tree: Tree) -> None:
    story = StoryFactory(parent=tree.stories["en"], audience="members")
    arabic = translated(story, "ar")

    arabic.audience = "public"
    arabic.save()

    assert set(StoryPage.objects.values_list("audience", flat=True)) == {"members"}


def test_story_in_a_country_section_carries_that_country_first(tree: Tree) -> None:
    kenya = CountryFactory(parent=tree.countries["en"], country="KE")

    story = StoryFactory(parent=kenya, countries=("UG",))

    assert StoryPage.objects.get(pk=story.pk).countries == ["KE", "UG"]


def test_translation_made_by_translators_keeps_what_is_no_text(
    tree: Tree, django_capture_on_commit_callbacks: Any
) -> None:
    picture = {"image": make.picture(), "alt_text": "Two rings", "decorative": False}
    story = StoryFactory(
        parent=tree.stories["en"],
        title="Screening",
        audience="members",
        countries=("KE", "UG"),
        topics=("referral",),
        body=[
            ("heading", "What was wrong"),
            ("picture", {"picture": picture, "caption": "The rings"}),
            ("advice", {"title": "To a colleague", "points": ["Ask first"]}),
        ],
    )
    story.short_translations.add(ShortTranslation(language="fr", title="Filtrage"))
    story.save()

    source, _made = TranslationSource.update_or_create_from_instance(story)
    words = [segment.string.data for segment in source.stringsegment_set.all()]
    translation = Translation.objects.create(source=source, target_locale=make.language("ar"))
    with django_capture_on_commit_callbacks(execute=True):
        translation.save_target(publish=True)

    arabic = StoryPage.objects.get(locale__language_code="ar")
    assert {"Screening", "What was wrong", "The rings", "Two rings", "Ask first"} <= set(words)
    assert not {"members", "referral", "KE"} & set(words)
    assert (arabic.audience, arabic.countries, arabic.topics) == (
        "members",
        ["KE", "UG"],
        ["referral"],
    )
    assert arabic.short_translations.count() == 0
    assert (arabic.live, set(times(arabic))) == (True, {"ar"})


def test_a_page_given_to_translators_is_not_seen_before_they_are_done(
    tree: Tree, django_capture_on_commit_callbacks: Any
) -> None:
    """By default wagtail-localize publishes the copy at once, in the language of the source."""
    story = StoryFactory(parent=tree.stories["en"], title="Screening")

    with django_capture_on_commit_callbacks(execute=True):
        translate_object(story, [make.language("ar")])

    copy = StoryPage.objects.get(locale__language_code="ar")
    assert (copy.live, copy.has_unpublished_changes) == (False, True)
    assert times(copy) == {}
