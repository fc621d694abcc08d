"""The administrator's screen of who looked at what of whom."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alumni.models import Access
from alumni.privacy import access, erasure
from alumni.privacy.looks_desk import A_PAGE, SAID
from tests.alumni.test_doors_screens import client_with, text
from tests.factories.alumni import ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/cms/rights/looks/"


@pytest.fixture
def boss():
    return client_with("view_access")


@pytest.fixture
def mariam():
    return UserFactory(first_name="Mariam", last_name="Desk")


@pytest.fixture
def amina():
    return ProfileFactory(given_name="Amina", family_name="Otieno")


def look(profile, by, what=Access.What.RECORD, **facts):
    access.note(profile=profile, what=what, by=by, **facts)


def listed(client, query=""):
    page = client.get(f"{PAGE}{query}").content.decode()
    return [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip()
        for row in re.findall(r"<tr>(.*?)</tr>", page, re.S)
        if "data-label" in row
    ]


def test_who_whom_what_and_when(boss, amina, mariam):
    look(amina, mariam, detail="for the call on Monday")

    [line] = listed(boss)

    for words in ("Mariam Desk", "opened the record", "Amina Otieno", "for the call on Monday"):
        assert words in line
    assert f"{Access.objects.earliest('id').at:%Y}" in line


def test_each_kind_of_look_has_words_of_its_own():
    assert set(SAID) == set(Access.What)


def test_filters_by_colleague_and_person(boss, amina, mariam):
    other, paul = (
        UserFactory(first_name="Other", last_name="One"),
        ProfileFactory(given_name="Paul", family_name="Banda"),
    )
    look(amina, mariam)
    look(paul, mariam)
    look(amina, other)

    assert len(listed(boss, f"?colleague={mariam.pk}")) == 2
    [line] = listed(boss, f"?colleague={mariam.pk}&person=otieno+ami")
    assert "Mariam Desk" in line
    assert "Amina Otieno" in line
    assert listed(boss, "?person=nobody") == []
    assert "No look of this kind." in text(boss.get(f"{PAGE}?person=nobody"))
    assert listed(boss, "?colleague=x") == []


def test_looking_is_a_look(boss, amina, mariam):
    look(amina, mariam)

    boss.get(PAGE)
    boss.get(f"{PAGE}?colleague={mariam.pk}&page=1")
    boss.get(f"{PAGE}?person=amina")

    looks = Access.objects.filter(what="looks").order_by("pk")
    assert [(row.subject, row.detail) for row in looks] == [
        ("", "everyone's, page 1"),
        ("", "those of Mariam Desk, page 1"),
        (amina.key, ""),
    ]
    assert "read who looked at what of yours" in [line.what for line in access.history(amina)]


def test_a_list_of_several_is_named_and_the_erased_are_nobody(boss, amina, mariam):
    look(amina, mariam)
    access.note_list(by=mariam, detail="a list of everyone")
    erasure.erase(profile=amina, by=None, language="en")

    [line] = listed(boss)
    assert "several people" in line


def test_paged_with_the_filter_kept_and_constant_queries(boss, mariam):
    def count():
        with CaptureQueriesContext(connection) as found:
            assert boss.get(f"{PAGE}?colleague={mariam.pk}").status_code == 200
        return len(found)

    look(ProfileFactory(), mariam)
    one = count()
    for _look in range(A_PAGE + 1):
        look(ProfileFactory(), mariam)

    assert count() == one
    page = boss.get(f"{PAGE}?colleague={mariam.pk}").content.decode()
    assert f"?colleague={mariam.pk}&amp;page=2" in page
    assert len(listed(boss, f"?colleague={mariam.pk}&page=2")) == 2


@pytest.mark.parametrize("rights", [(), ("view_profile",), ("view_profile", "change_profile")])
def test_for_nobody_else(rights, amina, mariam):
    look(amina, mariam)
    client = client_with(*rights)

    assert client.get(PAGE).status_code in {302, 403}
    assert Access.objects.count() == 1
    assert "/cms/rights/looks/" not in client.get("/cms/").content.decode()
