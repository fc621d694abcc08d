"""Staff take the right to write from one member; and what members agree to by writing."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from alumni.models import Access, Complaint, Message, Muting, Profile
from alumni.privacy import access, consents, erasure, export
from alumni.privacy.consents import Purpose
from alumni.relay import contact, muting
from alumni.relay.contact import NotNow
from newsletters.models import Consent
from tests.alumni.test_doors_screens import client_with, text
from tests.factories.alumni import ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/cms/rights/writing/"
TOLD = "The centre has paused your writing to members for now"


def person(given, **fields):
    return ProfileFactory(
        joined=True, tier=Profile.Tier.NETWORK, given_name=given, family_name="Invented", **fields
    )


@pytest.fixture
def amina():
    return person("Amina")


@pytest.fixture
def paul():
    return person("Paul")


@pytest.fixture
def talk(amina, paul):
    made = contact.ask(by=amina.user, to=paul, text="May I ask?")
    contact.accept(conversation=made, by=paul.user)
    made.refresh_from_db()
    return made


@pytest.fixture
def officer():
    return UserFactory(first_name="Mariam", last_name="Desk")


def signed_in(profile):
    client = Client()
    client.force_login(profile.user)
    return client


def test_nothing_of_a_muted_member_reaches_anybody(talk, amina, paul, officer):
    third = person("Third")
    muting.mute(profile=amina, by=officer, why="Insults.")
    before = Message.objects.count()

    for write in (
        lambda: contact.write(conversation=talk, by=amina.user, text="Again"),
        lambda: contact.ask(by=amina.user, to=third, text="Hello"),
    ):
        with pytest.raises(NotNow, match="paused your writing"):
            write()

    assert Message.objects.count() == before
    contact.write(conversation=talk, by=paul.user, text="From the other side")
    contact.block(conversation=talk, by=amina.user)
    contact.report(conversation=talk, by=amina.user, why="So am I")


def test_it_is_taken_back_and_leaves_its_record(talk, amina, officer):
    row = muting.mute(profile=amina, by=officer, why="Insults.")
    assert muting.mute(profile=amina, by=officer, why="Another reason") == row

    assert muting.end(muting=row, by=officer)
    assert not muting.end(muting=row, by=officer)
    contact.write(conversation=talk, by=amina.user, text="Thank you")

    row.refresh_from_db()
    assert (row.why, row.began_by, row.ended_by) == ("Insults.", officer, officer)
    lines = [(line.what, line.detail) for line in access.history(amina)]
    assert lines == [
        ("gave you back the right to write to members", ""),
        ("took from you the right to write to members", "Insults."),
    ]
    muting.mute(profile=amina, by=officer, why="Once more.")
    assert Muting.objects.count() == 2


def test_without_a_reason_nothing_is_taken(amina, officer):
    with pytest.raises(ValidationError):
        muting.mute(profile=amina, by=officer, why="  ")

    assert not muting.is_muted(amina)


def test_the_member_is_told_on_each_page_and_the_others_are_not(talk, amina, paul, officer):
    muting.mute(profile=amina, by=officer, why="Insults.")
    own, other, third = signed_in(amina), signed_in(paul), person("Third")

    for path in (
        "/en/members/messages/",
        f"/en/members/messages/{talk.key}/",
        f"/en/members/{third.key}/",
        f"/en/members/{third.key}/write/",
    ):
        page = own.get(path).content.decode()
        assert TOLD in page, path
        assert "<textarea" not in page
    assert "Insults." in own.get("/en/members/me/data/").content.decode()
    for path in (f"/en/members/messages/{talk.key}/", f"/en/members/{amina.key}/"):
        assert TOLD not in other.get(path).content.decode()
    refused = own.post(f"/en/members/messages/{talk.key}/", {"text": "Again"})
    assert (refused.status_code, Message.objects.count()) == (422, 1)


def test_the_screen_takes_and_gives_back(amina):
    desk = client_with("view_profile", "change_complaint")
    assert "Nobody. Every member may write" in text(desk.get(PAGE))

    assert "This field is required" in text(desk.post(PAGE, {"profile": amina.pk, "why": ""}))
    said = text(desk.post(PAGE, {"profile": amina.pk, "why": "Insults."}, follow=True))
    assert "Amina Invented may not write to members any more." in said
    row = Muting.objects.get()
    assert desk.get(f"{PAGE}{row.pk}/end/").status_code == 405
    said = text(desk.post(f"{PAGE}{row.pk}/end/", follow=True))

    assert "Amina Invented may write to members again." in said
    assert not muting.is_muted(amina)


def test_a_report_leads_to_it(talk, amina, paul):
    complaint = Complaint.objects.create(conversation=talk, by=paul, why="rude")
    desk = client_with("view_profile", "view_complaint", "change_complaint")
    page = desk.get(f"/cms/rights/reported/{complaint.pk}/").content.decode()

    assert f"{PAGE}?person={amina.key}" in page
    assert "Amina Invented" in text(desk.get(f"{PAGE}?person={amina.key}"))
    reader = client_with("view_profile", "view_complaint")
    assert PAGE not in reader.get(f"/cms/rights/reported/{complaint.pk}/").content.decode()


@pytest.mark.parametrize("rights", [(), ("view_profile",), ("view_profile", "view_complaint")])
def test_for_nobody_else(rights, amina, officer):
    row = muting.mute(profile=amina, by=officer, why="Insults.")
    client = client_with(*rights)

    assert client.get(PAGE).status_code in {302, 403}
    client.post(PAGE, {"profile": amina.pk, "why": "x"})
    client.post(f"{PAGE}{row.pk}/end/")
    assert muting.is_muted(amina)
    assert Access.objects.filter(what="muted").count() == 1


def test_queries_do_not_grow(officer):
    desk = client_with("view_profile", "change_complaint")

    def count():
        with CaptureQueriesContext(connection) as found:
            assert desk.get(PAGE).status_code == 200
        return len(found)

    def add(n):
        for _muting in range(2):
            row = muting.mute(profile=person(f"Given{n}{_muting}"), by=officer, why="x")
        muting.end(muting=row, by=officer)

    add(1)
    count()
    one = count()
    add(2)
    add(3)
    assert count() == one


def test_the_person_takes_it_along_and_erasing_takes_it_away(amina, officer):
    muting.mute(profile=amina, by=officer, why="Insults.")

    [section] = [
        one for one in export.sections(amina, by=amina.user) if one.label.endswith("Muting")
    ]
    assert [row["why"] for row in section.rows] == ["Insults."]
    erasure.erase(profile=amina, by=amina.user, language="en")
    assert Muting.objects.count() == 0


def relay_consents(profile):
    rows = Consent.objects.filter(subject=f"profile:{profile.key}", purpose="relay")
    return [(row.given, row.language, row.how) for row in rows.order_by("id")]


def test_the_first_message_and_the_first_yes_are_agreed_to_once(amina, paul):
    with translation.override("fr"):
        made = contact.ask(by=amina.user, to=paul, text="Une question ?")
    assert relay_consents(amina) == [(True, "fr", "wrote a message")]
    assert relay_consents(paul) == []

    contact.decline(conversation=made, by=paul.user)
    assert relay_consents(paul) == []
    contact.accept(conversation=made, by=paul.user)
    contact.write(conversation=made, by=amina.user, text="Thank you")
    contact.write(conversation=made, by=paul.user, text="Welcome")

    assert len(relay_consents(amina)) == 1
    assert relay_consents(paul) == [(True, "en", "accepted a message")]


def test_what_is_agreed_to_is_read_before(amina, paul):
    words = consents.sentence(Purpose.RELAY, "en").replace("'", "&#x27;")
    writer, reader = signed_in(amina), signed_in(paul)
    assert words in writer.get(f"/en/members/{paul.key}/write/").content.decode()
    writer.post(f"/en/members/{paul.key}/write/", {"text": "Hello"})
    key = amina.asked.get().key

    assert words in reader.get(f"/en/members/messages/{key}/").content.decode()
    reader.post(f"/en/members/messages/{key}/accept/")

    assert words not in reader.get(f"/en/members/messages/{key}/").content.decode()
    assert words in reader.get("/en/members/me/data/").content.decode()


def test_who_wants_to_hear_from_nobody_takes_it_back_and_agrees_anew(talk, amina, paul):
    signed_in(paul).post("/en/members/me/contact/", {"contact": "nobody"})

    assert [given for given, *_rest in relay_consents(paul)] == [True, False]
    signed_in(paul).post("/en/members/me/contact/", {"contact": "members"})
    contact.write(conversation=talk, by=paul.user, text="Here I am")
    assert [given for given, *_rest in relay_consents(paul)] == [True, False, True]


def test_who_never_wrote_has_nothing_to_take_back(paul):
    signed_in(paul).post("/en/members/me/contact/", {"contact": "nobody"})

    assert relay_consents(paul) == []
