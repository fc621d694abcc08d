"""Three buttons beneath a story: totals from ten on, and nothing about anybody."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from cms.models import StoryPage, Tally
from cms.reactions import MOST_A_NETWORK
from tests.factories.cms import StoryFactory, Tree

WORDS = {"use": "I will use it", "interesting": "Interesting", "not-for-me": "Not for me"}


@pytest.fixture
def story(tree: Tree) -> StoryPage:
    cache.clear()
    return StoryFactory(parent=tree.stories["en"], slug="told")


def say(client: Client, story: StoryPage, what: str = "use", **headers: str) -> int:
    address = reverse("say", args=[story.translation_key])
    return client.post(address, {"what": what}, headers=headers).status_code


def total(story: StoryPage, what: str = "use") -> int:
    return sum(
        Tally.objects.filter(story=story.translation_key, what=what).values_list("total", flat=True)
    )


def test_one_press_counts_once_and_is_thanked(story: StoryPage) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post(reverse("say", args=[story.translation_key]), {"what": "use"}, follow=True)
    say(client, story)
    say(client, story, "interesting")

    assert "Thank you." in answer.content.decode()
    assert (total(story), total(story, "interesting")) == (1, 0)


@pytest.mark.parametrize(("said", "shown"), [(9, False), (10, True)])
def test_totals_are_shown_from_ten_on(story: StoryPage, said: int, shown: bool) -> None:
    Tally.objects.create(story=story.translation_key, what="use", total=said)

    page = Client().get(story.url).content.decode()

    assert ('<span class="count">10</span>' in page) is shown
    assert '<span class="count">9</span>' not in page
    assert all(word in page for word in WORDS.values())


def test_a_program_counts_only_for_a_while(story: StoryPage) -> None:
    for _n in range(MOST_A_NETWORK + 5):
        say(Client(), story)

    assert total(story) == MOST_A_NETWORK


def test_looking_says_nothing_and_nonsense_neither(story: StoryPage) -> None:
    client = Client()

    assert client.get(reverse("say", args=[story.translation_key])).status_code == 405
    assert say(client, story, "hate") == 302
    assert not Tally.objects.exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"sec-fetch-site": "same-origin"}, 302),
        ({"origin": "http://testserver"}, 302),
        ({}, 302),
    ],
)
def test_a_form_on_another_site_says_nothing(
    story: StoryPage, headers: dict[str, str], status: int
) -> None:
    assert say(Client(), story, **headers) == status
    assert total(story) == (status == 302)


def test_of_a_story_one_may_not_read_nothing_is_heard(story: StoryPage) -> None:
    StoryPage.objects.filter(pk=story.pk).update(audience="members")

    assert say(Client(), story) == 404
    assert not Tally.objects.exists()
