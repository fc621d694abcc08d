"""What a command saves in one go is found as what an editor saves one by one."""

from __future__ import annotations

import pytest
from wagtail.models import ReferenceIndex
from wagtail.search.models import IndexEntry

from cms.indexing import indexed_afterwards
from cms.models import StoryPage
from tests.factories import cms as make
from tests.factories.cms import StoryFactory, Tree


def found(words: str) -> list[str]:
    return [story.title for story in StoryPage.objects.all().search(words)]


def test_it_is_found_afterwards_with_what_it_refers_to(tree: Tree) -> None:
    picture = make.picture()
    with indexed_afterwards():
        story = StoryFactory(parent=tree.stories["en"], title="Lantern", picture=picture)
        story.title = "Lighthouse"
        story.save()
        assert found("lighthouse") == []

    assert found("lighthouse") == ["Lighthouse"]
    assert found("lantern") == []
    assert IndexEntry.objects.filter(object_id=str(story.pk)).count() == 1
    assert ReferenceIndex.get_references_to(picture).count() == 1


def test_later_saves_are_indexed_at_once_even_after_a_failure(tree: Tree) -> None:
    with pytest.raises(ZeroDivisionError), indexed_afterwards():
        raise ZeroDivisionError

    StoryFactory(parent=tree.stories["en"], title="Lighthouse")

    assert found("lighthouse") == ["Lighthouse"]
