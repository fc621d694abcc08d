"""They wrote to us: staff give everything out, erase, or let somebody come back; on record."""

import io
import json
import zipfile

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alumni.models import Access, Forgotten, Message, Profile, User
from alumni.privacy import by_letter, erasure
from alumni.relay import contact
from alumni.roster import Outcome
from newsletters import links
from newsletters.models import Letter, Subscriber, Suppression
from tests.alumni.test_roster import imported
from tests.factories.alumni import (
    CourseRunFactory,
    EnrolmentFactory,
    ProfileFactory,
    UserFactory,
)
from tests.factories.newsletters import SubscriptionFactory

pytestmark = pytest.mark.django_db

PAGE = "/cms/rights/letter/"
PASSWORD = "a long enough password"
ADDRESS = "qanary@example.org"
WHY = {"how": "letter of 3 May", "checked": "called back at the nomination's number"}
ON_RECORD = "letter of 3 May · called back at the nomination's number"


@pytest.fixture
def officer():
    user = UserFactory(is_superuser=True, is_staff=True, first_name="Mariam", last_name="Desk")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def desk(officer):
    client = Client()
    client.force_login(officer)
    return client


def press(client, **data):
    """The second step: the password is asked for, then it is done."""
    asked = client.post(PAGE, {"sure": "1"} | WHY | data)
    if client.session.get("account_authentication_methods"):
        return asked  # shown a moment ago
    assert asked.status_code == 302
    assert "reauthenticate" in asked["Location"]
    return client.post(asked["Location"], {"password": PASSWORD})


def listed(**facts):
    given = {"address": ADDRESS, "user": None, "accepted_at": None, "given_name": "Qanary"}
    return ProfileFactory(**given | facts)


def records():
    return list(Access.objects.order_by("pk").values_list("subject", "what", "detail"))


@pytest.mark.parametrize("request_", ["erase", "take"])
def test_first_it_is_shown_and_nothing_happens(desk, request_):
    person = listed()
    EnrolmentFactory(profile=person)

    page = desk.post(PAGE, WHY | {"request": request_, "address": ADDRESS})

    text = page.content.decode()
    assert page.status_code == 200
    assert "Qanary" in text
    assert "letter of 3 May" in text
    assert ("What stays" in text) is (request_ == "erase")
    assert Profile.objects.filter(pk=person.pk).exists()
    assert records() == []


def test_a_person_who_never_joined_is_erased(desk):
    person = listed()
    EnrolmentFactory(profile=person)

    response = press(desk, request="erase", profile=person.pk)

    assert response["Location"] == PAGE
    assert not Profile.objects.filter(pk=person.pk).exists()
    assert links.suppressed(ADDRESS)
    assert records() == [("", "erased", ON_RECORD)]
    assert list(Letter.objects.values_list("kind", "to")) == [("erased", ADDRESS)]


def test_a_member_is_erased_with_account_and_newsletters(desk):
    member = ProfileFactory(joined=True, address=ADDRESS)
    reader = SubscriptionFactory(subscriber__languages=["ar"]).subscriber
    Profile.objects.filter(pk=member.pk).update(subscriber=reader)

    press(desk, request="erase", address=member.user.email)

    assert not Profile.objects.exists()
    assert not User.objects.filter(pk=member.user_id).exists()
    assert not Subscriber.objects.exists()
    assert list(Letter.objects.exclude(to="").values_list("kind", "to", "language")) == [
        ("erased", reader.address, "ar")
    ]


def test_a_plain_reader_is_erased(desk):
    reader = SubscriptionFactory(subscriber__address=ADDRESS).subscriber

    press(desk, request="erase", address=f" {ADDRESS.upper()} ")

    assert not Subscriber.objects.filter(pk=reader.pk).exists()
    assert links.suppressed(ADDRESS)
    assert records() == [("", "erased", ON_RECORD)]


def test_an_address_nothing_is_kept_of_is_kept_out(desk):
    press(desk, request="erase", address=ADDRESS)

    assert list(Suppression.objects.values_list("address", "reason")) == [(None, "erased")]
    assert not Letter.objects.exists()


def test_a_shared_mailbox_is_not_written_to_and_the_colleague_stays(desk):
    person, colleague = listed(), listed(given_name="Other")

    page = desk.post(PAGE, WHY | {"request": "erase", "address": ADDRESS})
    assert "Choose the person instead" in page.content.decode()
    press(desk, request="erase", profile=person.pk)

    assert list(Profile.objects.all()) == [colleague]
    assert not Letter.objects.exists()
    assert not links.suppressed(ADDRESS)


def unzipped(response):
    assert response["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        return json.loads(archive.read("data.json")), archive.read("my-data.html").decode()


def test_everything_but_talk_between_members_is_taken_out_and_the_member_reads_it(desk, officer):
    member = ProfileFactory(joined=True, tier="network", biography="my own words")
    writer = ProfileFactory(joined=True, tier="network")
    contact.ask(by=writer.user, to=member, text="qanary question")

    data, page = unzipped(press(desk, request="take", profile=member.pk))

    assert data["alumni.Profile"][0]["biography"] == "my own words"
    assert data["alumni.User"][0]["email"] == member.user.email
    assert Message.objects.exists()
    assert "qanary question" not in json.dumps(data) + page
    assert records() == [(member.key, "taken_out", ON_RECORD)]
    assert Profile.objects.filter(pk=member.pk).exists()


def test_a_person_without_account_and_a_plain_reader_get_theirs(desk):
    person = listed()
    reader = SubscriptionFactory(subscriber__address="reader@example.org").subscriber

    data, page = unzipped(press(desk, request="take", address=ADDRESS))
    theirs, _page = unzipped(press(desk, request="take", address=reader.address))

    assert data["alumni.Profile"][0]["given_name"] == "Qanary"
    assert person.name in page
    assert theirs["newsletters.Subscriber"][0]["address"] == reader.address
    assert "Qanary" not in json.dumps(theirs)
    assert [what for _subject, what, _detail in records()] == ["taken_out"] * 2


def test_who_is_not_known_gets_nothing(desk):
    page = desk.post(PAGE, WHY | {"request": "take", "address": ADDRESS})

    assert "Nothing is kept at this address" in page.content.decode()


def test_who_was_erased_comes_back_when_he_asks(desk):
    person = listed(given_name="Amina", family_name="Odhiambo")
    run = CourseRunFactory()
    EnrolmentFactory(profile=person, run=run)
    erasure.erase(profile=person, by=None, language="en")
    text = f"Given name,Family name,E-mail,Country\nAmina,Odhiambo,{ADDRESS},KE\n"
    assert [row.outcome for row in imported(run, text).lines] == [Outcome.FORGOTTEN.value]

    press(desk, request="return", address=ADDRESS, name="Odhiambo Amina")

    assert not links.suppressed(ADDRESS)
    assert not Forgotten.objects.exists()
    assert records() == [("", "returned", ON_RECORD)]
    assert [row.outcome for row in imported(run, text).lines] == [Outcome.NEW.value]


def test_who_was_never_erased_cannot_come_back(desk):
    Suppression.objects.create(address=ADDRESS, reason="bounce")

    page = press(desk, request="return", address=ADDRESS)

    assert "Nobody at this address has asked to be erased" in page.content.decode()
    assert links.suppressed(ADDRESS)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"address": "no address"},
        {"address": ADDRESS, "checked": ""},
        {"address": ADDRESS, "how": ""},
        {"address": ADDRESS, "request": "burn"},
    ],
)
def test_what_is_missing_is_said(desk, wrong):
    listed()

    page = desk.post(PAGE, {"request": "erase"} | WHY | wrong)

    assert page.status_code == 200
    assert "Erase for good" not in page.content.decode()


def test_a_colleague_with_rights_is_not_erased(desk, officer):
    profile = ProfileFactory(joined=True, user=officer)

    page = press(desk, request="erase", profile=profile.pk)

    assert "colleague with rights" in page.content.decode()
    assert Profile.objects.filter(pk=profile.pk).exists()


def test_it_needs_the_right(desk):
    person = listed()
    editor = UserFactory(is_staff=True)
    editor.user_permissions.add(
        Permission.objects.get(codename="access_admin"),
        Permission.objects.get(codename="delete_profile"),
    )
    client = Client()
    client.force_login(editor)

    assert client.get(PAGE).status_code in (302, 403)
    for verb in (by_letter.erase, by_letter.take):
        with pytest.raises(PermissionDenied):
            verb(found=by_letter.find(profile=person), by=editor, **WHY)
    with pytest.raises(PermissionDenied):
        by_letter.let_return(address=ADDRESS, name="", by=editor, **WHY)


def test_the_plan_asks_the_same_queries_for_one_course_and_three():
    counts = []
    for n in (1, 3):
        person = listed(address=f"{n}@example.org")
        for _course in range(n):
            EnrolmentFactory(profile=person)
        found = by_letter.find(address=person.address)
        with CaptureQueriesContext(connection) as queries:
            by_letter.what_goes(found)
            by_letter.what_stays(found)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_what_is_no_address_is_said():
    with pytest.raises(ValidationError):
        by_letter.find(address="nobody at all")
