"""What was published for one course run stands on the page of its people, and nowhere else."""

import pytest
from django.test import Client

from tests.factories.alumni import CourseRunFactory, EnrolmentFactory, ProfileFactory
from tests.factories.cms import StoryFactory

pytestmark = pytest.mark.django_db


def test_a_course_has_what_was_published_for_it_alone(tree):
    classmate = EnrolmentFactory(
        profile=ProfileFactory(joined=True), run=CourseRunFactory(slug="winter")
    ).profile
    CourseRunFactory(slug="summer")
    parent = tree.stories["en"]
    StoryFactory(parent=parent, title="Canary-ours", audience="run:winter")
    StoryFactory(parent=parent, title="Canary-theirs", audience="run:summer")
    StoryFactory(parent=parent, title="Canary-draft", audience="run:winter", live=False)
    client = Client()
    client.force_login(classmate.user)

    page = client.get("/en/members/courses/winter/").content.decode()

    assert [word in page for word in ("Canary-ours", "Canary-theirs", "Canary-draft")] == [
        True,
        False,
        False,
    ]
