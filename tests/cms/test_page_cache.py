"""Public pages are kept whole; whatever changes them is seen at the next look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from wagtail.models import Page

from alumni.privacy import hiding
from cms.models import MapSetting, Naming, StoryPage
from tests.factories.alumni import ProfileFactory, UserFactory
from tests.factories.cms import CountryFactory, StoryFactory, Tree
from tests.factories.newsletters import NewsletterFactory

HOME = "/en/"


@pytest.fixture
def kept(settings: Any, django_capture_on_commit_callbacks: Any) -> Iterator[None]:
    """As in production; a commit is whatever happens inside `committed`."""
    settings.PAGE_CACHE_SECONDS = 300
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def story(kept: None, tree: Tree) -> StoryPage:
    return StoryFactory(parent=tree.stories["en"], title="First words", slug="told")


def test_the_second_look_asks_the_database_nothing_and_is_the_same(
    story: StoryPage, client: Client, django_assert_num_queries: Any
) -> None:
    first = client.get(story.url)

    with django_assert_num_queries(0):
        second = client.get(story.url)

    assert second.content == first.content
    assert "First words" in second.content.decode()
    assert second["Content-Type"] == first["Content-Type"]
    assert second["Content-Language"] == "en"
    assert second["Content-Security-Policy"] == first["Content-Security-Policy"]


def test_a_page_that_was_kept_for_its_time_is_drawn_once_and_kept_again(
    story: StoryPage, client: Client, django_assert_num_queries: Any
) -> None:
    with time_machine.travel("2026-05-01 12:00Z", tick=False) as clock:
        client.get(story.url)
        client.get(story.url)
        clock.shift(301)
        client.get(story.url)

        with django_assert_num_queries(0):
            client.get(story.url)


def edited(story: StoryPage) -> None:
    story.title = "Second words"
    story.save_revision().publish()


def taken_down(story: StoryPage) -> None:
    story.unpublish()


def deleted(story: StoryPage) -> None:
    story.delete()


def for_members_now(story: StoryPage) -> None:
    story.audience = "members"
    story.save_revision().publish()


def moved(story: StoryPage) -> None:
    country = CountryFactory(
        parent=Page.objects.get(
            url_path__endswith="/countries/", locale__language_code="en"
        ).specific
    )
    story.move(country, pos="last-child")


@pytest.mark.parametrize("change", [edited, taken_down, deleted, for_members_now, moved])
def test_what_an_editor_does_is_seen_at_the_next_look(
    story: StoryPage, client: Client, committed: Any, change: Callable[[StoryPage], None]
) -> None:
    address = story.url
    assert "First words" in client.get(address).content.decode()
    assert "First words" in client.get(HOME).content.decode()

    with committed():
        change(story)

    if change is not moved:
        assert "First words" not in client.get(HOME).content.decode()
    answer = client.get(address)
    assert (
        "Second words" in answer.content.decode()
        if change is edited
        else answer.status_code in {404, 301}
    )


def test_who_hides_is_off_the_kept_page_too(
    story: StoryPage, client: Client, committed: Any
) -> None:
    author = ProfileFactory(user=UserFactory(), given_name="Xanary", family_name="Xanaryfamily")
    Naming.objects.create(
        story=story.translation_key, profile=author, what="byline", form="name", state="given"
    )
    with committed():
        story.author = author
        story.save_revision().publish()
    assert "Xanaryfamily" in client.get(story.url).content.decode()

    with committed():
        hiding.hide_me(profile=author, by=author.user)

    assert "Xanaryfamily" not in client.get(story.url).content.decode()


def test_the_map_and_a_closed_newsletter_are_seen_too(
    kept: None, tree: Tree, client: Client, committed: Any
) -> None:
    newsletter = NewsletterFactory(is_open=True)
    assert "hatched" in client.get(HOME).content.decode()
    assert newsletter.slug in client.get(HOME).content.decode()

    with committed():
        setting = MapSetting.load()
        setting.disputed = "plain"
        setting.save()
        newsletter.is_open = False
        newsletter.save()

    again = client.get(HOME).content.decode()
    assert 'class="hatched"' not in again
    assert f'value="{newsletter.slug}"' not in again


def test_a_page_drawn_from_old_rows_is_kept_for_nobody(
    story: StoryPage, client: Client, committed: Any, monkeypatch: Any
) -> None:
    """Between drawing and keeping, an editor publishes."""
    serve = StoryPage.serve

    def meanwhile(page: StoryPage, request: Any, *args: Any, **kwargs: Any) -> Any:
        answer = serve(page, request, *args, **kwargs).render()
        monkeypatch.setattr(StoryPage, "serve", serve)
        with committed():
            edited(StoryPage.objects.get(pk=page.pk))
        return answer

    monkeypatch.setattr(StoryPage, "serve", meanwhile)
    assert "First words" in client.get(story.url).content.decode()

    assert "Second words" in client.get(story.url).content.decode()


def test_who_is_signed_in_gets_and_leaves_nothing_kept(story: StoryPage, client: Client) -> None:
    member = Client()
    member.force_login(ProfileFactory(user=UserFactory()).user)
    assert "Sign in" not in member.get(story.url).content.decode()

    assert "Sign in" in client.get(story.url).content.decode()
    assert "Sign in" not in member.get(story.url).content.decode()


@pytest.mark.parametrize("query", ["?said=1", "?page=x", "?page=999999999", "?utm=1"])
def test_other_questions_are_answered_anew(story: StoryPage, client: Client, query: str) -> None:
    client.get(story.url + query)

    assert not [key for key in cache._cache.get_client().keys("*") if b"page:" in key]  # type: ignore[attr-defined]


def test_a_rolled_back_change_begins_nothing(story: StoryPage, client: Client) -> None:
    first = client.get(story.url).content
    with transaction.atomic():
        edited(story)
        transaction.set_rollback(True)

    assert client.get(story.url).content == first
