"""A network that nobody pays for names no donor anywhere."""

import pytest

from alumni.followup.forms import readers
from alumni.models import Change, Project
from tests.factories.alumni import ProjectFactory

pytestmark = pytest.mark.django_db


def test_who_may_read_of_a_change_names_the_donor_only_where_there_is_one():
    without = readers()
    ProjectFactory(donor={"en": "A fund (invented)"})

    assert "donor" not in "".join(without.values()).lower()
    assert readers()[Change.Use.UNNAMED].startswith("The donor")
    assert Project.objects.count() == 1
