"""What stands at an address of ours: a page, a draft, something else, or nothing."""

from __future__ import annotations

import pytest
from wagtail.contrib.redirects.models import Redirect

from cms import digest
from tests.factories.cms import StoryFactory

pytestmark = pytest.mark.django_db


def test_a_page_is_live_and_its_draft_is_none(tree):
    story = StoryFactory(parent=tree.stories["en"])
    path = story.get_url()

    assert digest.standing(path) == digest.standing(path.rstrip("/")) == "live"
    story.unpublish()
    assert digest.standing(path) == "draft"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/en/",
        "/ar/newsletters/",
        "/en/newsletters/subscribe",
        "/fr/search/",
        "/media/original_images/a.png",
        "/healthz",
        "/en/feed/",
    ],
)
def test_what_is_no_page_of_the_tree_is_known_too(tree, path):
    assert digest.standing(path) == "live"


@pytest.mark.parametrize(
    "path", ["/en/storys/one/", "/xx/", "/en/stories/no-such-thing/", "/nothing", "/en/\0/"]
)
def test_where_nothing_is_nothing_is_said_to_be(tree, path):
    assert digest.standing(path) == "nowhere"


def test_an_old_address_still_leads_somewhere(tree):
    Redirect.objects.create(old_path="/en/old-story", redirect_link="/en/")

    assert digest.standing("/en/old-story/") == "live"
    assert digest.standing("/en/older-story/") == "nowhere"


def test_it_takes_few_questions(tree, django_assert_max_num_queries):
    digest.standing("/en/")

    with django_assert_max_num_queries(2):
        digest.standing("/en/stories/no-such-thing/")
