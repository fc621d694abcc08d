"""A story is found by the short translations it has, and by none that it had before."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from wagtail.search.models import IndexEntry

from cms.models import ShortTranslation, StoryPage
from tests.factories.cms import StoryFactory, Tree


@pytest.fixture
def story(tree: Tree) -> Any:
    return StoryFactory(parent=tree.stories["en"], title="Told")


def publish(story: Any, *titles: str) -> None:
    page = StoryPage.objects.get(pk=story.pk)
    page.short_translations = [ShortTranslation(language="ar", title=title) for title in titles]
    page.save_revision().publish()


def found(client: Client, words: str) -> int:
    return int(client.get("/ar/search/", {"q": words, "in": "all"}).context["found"].count)


def test_what_is_published_with_it_is_found_at_once(story: Any, client: Client) -> None:
    publish(story, "قصيرة")

    assert found(client, "قصيرة") == 1


def test_what_waits_in_a_draft_is_not_found(story: Any, client: Client) -> None:
    page = StoryPage.objects.get(pk=story.pk)
    page.short_translations = [ShortTranslation(language="ar", title="قصيرة")]
    page.save_revision()

    assert found(client, "قصيرة") == 0


def test_a_word_that_was_taken_out_finds_nothing(story: Any, client: Client) -> None:
    publish(story, "قصيرة")

    publish(story, "أخرى")
    changed = found(client, "قصيرة"), found(client, "أخرى")
    publish(story)

    assert changed == (0, 1)
    assert found(client, "أخرى") == 0


def test_a_story_deleted_with_it_leaves_nothing_behind(story: Any) -> None:
    publish(story, "قصيرة")

    StoryPage.objects.get(pk=story.pk).delete()

    assert not IndexEntry.objects.filter(object_id=str(story.pk)).exists()
