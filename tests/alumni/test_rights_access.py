"""Who looked at what of mine: written at each look, changed by nobody, read by the person."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from alumni.models import Access, Profile
from alumni.privacy import access, consents
from newsletters.spreadsheets.safe import formula_safe
from tests.factories.alumni import ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db
Tier = Profile.Tier
DATA = "/en/members/me/data/"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def officer():
    return UserFactory(is_superuser=True, is_staff=True, first_name="Mariam", last_name="Desk")


@pytest.fixture
def row(officer, canary):
    profile = canary(Tier.NETWORK)
    access.note(profile=profile, what=Access.What.RECORD, by=officer)
    return Access.objects.get()


def test_no_row_is_ever_changed(row):
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Access.objects.filter(pk=row.pk).update(by_name="Somebody else")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('rabita.retention', 'on', true)")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Access.objects.update(detail="x")


def test_no_row_is_deleted_but_by_retention_and_erasing(row):
    with pytest.raises(DatabaseError, match="never"), transaction.atomic():
        row.delete()
    with (
        pytest.raises(DatabaseError, match="never"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE alumni_access")
    assert Access.objects.count() == 1


def test_deleting_a_colleague_changes_no_row(row, officer):
    officer.delete()

    assert Access.objects.get().by_name == "Mariam Desk"


def test_opening_a_record_or_a_page_as_staff_is_written_down(officer, canary):
    profile = canary(Tier.NETWORK)
    desk = signed_in(officer)

    desk.get(f"/cms/people/edit/{profile.pk}/")
    desk.get(f"/en/members/{profile.key}/")

    assert [(row.what, row.by) for row in Access.objects.order_by("pk")] == [
        ("record", officer.pk),
        ("page", officer.pk),
    ]


def test_members_and_the_person_leave_no_line(member, canary):
    profile = canary(Tier.NETWORK)

    signed_in(member).get(f"/en/members/{profile.key}/")
    signed_in(profile.user).get(f"/en/members/{profile.key}/")

    assert Access.objects.count() == 0


def test_the_person_reads_it_beside_the_consents_and_nobody_else_s(row, officer, member):
    profile = Profile.objects.get(key=row.subject)

    text = signed_in(profile.user).get(DATA).content.decode()

    assert "Mariam Desk" in text
    assert "opened your record" in text
    assert officer.email not in text
    assert "Mariam Desk" not in signed_in(member).get(DATA).content.decode()


def test_each_consent_says_in_which_language_its_words_were_shown(member):
    for language in ("en", "ar"):
        consents.record(
            member.profile, consents.Purpose.SURVEY, given=True, language=language, how="x"
        )

    page = signed_in(member).get(DATA.replace("/en/", "/fr/")).content.decode()

    assert '<q lang="en" dir="ltr">' in page
    assert '<q lang="ar" dir="rtl">' in page
    assert "anglais" in page
    assert "arabe" in page


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "＋1", "－1", "＠x", "  =1", "\n=1"],
)
def test_no_cell_is_run_by_a_spreadsheet(cell):
    assert formula_safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Amina", "a=b", "’s"])
def test_ordinary_cells_stay_as_they_are(cell):
    assert formula_safe(cell) == cell


def test_a_list_is_taken_out_with_a_purpose_and_everybody_on_it_reads_so(officer):
    one = ProfileFactory(given_name="=HYPERLINK(1)", family_name="Otieno")
    two = ProfileFactory(given_name="Paul", family_name="Banda", phone="+260 1")
    desk = signed_in(officer)

    response = desk.post(
        "/cms/rights/list/",
        {"columns": ["given_name", "phone"], "purpose": "badges for the workshop"},
    )

    text = response.content.decode("utf-8-sig")
    assert text.splitlines() == ["Given name,Phone", "Paul,'+260 1", "'=HYPERLINK(1),"]
    assert "attachment" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]
    told = Access.objects.filter(what="list")
    assert {row.subject for row in told} == {one.key, two.key, ""}
    assert all("badges for the workshop" in row.detail for row in told)


def test_a_list_without_purpose_or_with_another_column_does_not_leave(officer):
    ProfileFactory(biography="private words")
    desk = signed_in(officer)

    for data in (
        {"columns": ["given_name"], "purpose": ""},
        {"columns": ["given_name"], "purpose": "x"},
        {"columns": ["biography"], "purpose": "out of interest"},
        {"purpose": "out of interest"},
    ):
        response = desk.post("/cms/rights/list/", data)
        assert response["Content-Type"].startswith("text/html")
    assert Access.objects.count() == 0


def test_editors_open_none_of_these_screens(editor):
    client = signed_in(editor)

    for name in ("hiding/", "stop/", "list/", "reported/"):
        assert client.get(f"/cms/rights/{name}").status_code != 200
