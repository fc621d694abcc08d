"""The pages of writing to a member: whole without scripts, and closed to everybody else."""

import pytest
from django.test import Client

from alumni.models import Access, Block, Complaint, Conversation, Profile
from alumni.privacy import hiding
from alumni.relay import contact
from tests.factories.alumni import ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db
Tier = Profile.Tier
INBOX = "/en/members/messages/"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def person(given, family, **fields):
    return ProfileFactory(
        joined=True, given_name=given, family_name=family, **{"tier": Tier.NETWORK} | fields
    )


@pytest.fixture
def amina():
    return person("Amina", "Otieno")


@pytest.fixture
def paul():
    return person("Paul", "Banda")


@pytest.fixture
def admin():
    return UserFactory(is_superuser=True, is_staff=True, first_name="Mariam", last_name="Desk")


def answer(client, path, key):
    response = client.get(path)
    return response.status_code, response.content.decode().replace(path, "P").replace(key, "K")


def test_two_people_write_from_the_member_page_to_the_answer(amina, paul):
    writer, reader = signed_in(amina.user), signed_in(paul.user)
    member = f"/en/members/{paul.key}/"
    assert f'href="{member}write/"' in writer.get(member).content.decode()
    text = writer.get(member + "write/").content.decode()
    assert "not a channel for requests of one state to another" in text
    assert "Amina Otieno" in text

    sent = writer.post(member + "write/", {"text": "May I ask?\n<b>x</b>"})
    assert sent["Location"] == INBOX
    assert "no answer yet" in writer.get(INBOX).content.decode()

    key = Conversation.objects.get().key
    assert "asks whether you want to write" in reader.get(INBOX).content.decode()
    text = reader.get(f"{INBOX}{key}/").content.decode()
    assert "Yes, accept" in text
    assert "&lt;b&gt;" in text
    assert reader.post(f"{INBOX}{key}/accept/")["Location"] == f"{INBOX}{key}/"
    assert reader.post(f"{INBOX}{key}/", {"text": "Please do."}).status_code == 302

    assert "Please do." in writer.get(f"{INBOX}{key}/").content.decode()
    assert writer.get(member + "write/")["Location"] == f"{INBOX}{key}/"


def test_neither_address_stands_on_any_page(amina, paul):
    talk = contact.ask(by=amina.user, to=paul, text="May I ask?")
    contact.accept(conversation=talk, by=paul.user)

    for mine, other in ((amina, paul), (paul, amina)):
        client = signed_in(mine.user)
        for path in (INBOX, f"{INBOX}{talk.key}/", f"/en/members/{other.key}/"):
            assert other.address not in client.get(path).content.decode()


def test_someone_i_may_not_find_answers_the_same_bytes_as_nobody(amina):
    hidden = person("Hidden", "Person", tier=Tier.COHORT)
    client, missing = signed_in(amina.user), "m" * 22

    for method in ("get", "post"):
        both = [
            (found.status_code, found.content.decode().replace(key, "K"))
            for key in (hidden.key, missing)
            for found in [getattr(client, method)(f"/en/members/{key}/write/", {"text": "Hello"})]
        ]
        assert both[0] == both[1]
        assert both[0][0] == 404
    assert Conversation.objects.count() == 0


def test_a_conversation_of_others_is_not_there(amina, paul):
    talk = contact.ask(by=amina.user, to=paul, text="May I ask?")
    stranger = signed_in(person("Some", "Body").user)
    missing = "m" * 22

    for path in ("", "report/"):
        theirs = answer(stranger, f"{INBOX}{talk.key}/{path}", talk.key)
        nobody = answer(stranger, f"{INBOX}{missing}/{path}", missing)
        assert theirs == nobody
        assert theirs[0] == 404
    for verb in ("accept", "decline", "block", "unblock"):
        assert stranger.post(f"{INBOX}{talk.key}/{verb}/").status_code == 404
    assert Block.objects.count() == 0


def test_reading_by_address_does_nothing_that_a_button_does(amina, paul):
    talk = contact.ask(by=amina.user, to=paul, text="May I ask?")
    client = signed_in(paul.user)

    for verb in ("accept", "decline", "block", "unblock"):
        assert client.get(f"{INBOX}{talk.key}/{verb}/")["Location"] == "/en/members/me/"
    assert Conversation.objects.get().state == Conversation.State.ASKED


def test_whoever_has_not_joined_has_no_messages(waiting):
    assert signed_in(waiting).get(INBOX).status_code == 404
    assert signed_in(UserFactory()).get(INBOX).status_code == 404


def test_a_person_who_hides_is_gone_from_the_list_and_comes_back(amina, paul):
    talk = contact.ask(by=amina.user, to=paul, text="May I ask?")
    client = signed_in(amina.user)

    hiding.hide_me(profile=paul, by=paul.user)
    assert "Banda" not in client.get(INBOX).content.decode()
    assert client.get(f"{INBOX}{talk.key}/").status_code == 404

    hiding.show_me(profile=paul, by=paul.user)
    assert "Banda" in client.get(INBOX).content.decode()


def test_a_mistake_keeps_what_was_typed(amina, paul):
    for _n in range(contact.MOST_NEW_A_DAY):
        contact.ask(by=amina.user, to=person("Other", "One"), text="Hello")

    response = signed_in(amina.user).post(
        f"/en/members/{paul.key}/write/", {"text": "long and dear words"}
    )

    assert response.status_code == 422
    assert "long and dear words" in response.content.decode()
    assert "go on tomorrow" in response.content.decode()


def test_a_reported_conversation_is_read_by_staff_and_both_are_told(amina, paul, admin):
    talk = contact.ask(by=amina.user, to=paul, text="rude words")
    other = contact.ask(by=person("Third", "Person").user, to=paul, text="secret words")
    page = f"{INBOX}{talk.key}/report/"
    assert signed_in(paul.user).post(page, {"why": "rude", "block": "on"}).status_code == 302
    complaint = Complaint.objects.get()
    desk = signed_in(admin)

    text = desk.get(f"/cms/rights/reported/{complaint.pk}/").content.decode()

    assert "rude words" in text
    assert "secret words" not in text
    assert other.key not in text
    read = Access.objects.filter(what="conversation")
    assert {row.subject for row in read} == {amina.key, paul.key}
    assert Block.objects.filter(by=paul, against=amina).exists()
    done = desk.post(f"/cms/rights/reported/{complaint.pk}/", {"outcome": "Spoke with both"})
    assert done.status_code == 302
    complaint.refresh_from_db()
    assert (complaint.outcome, complaint.settled_by) == ("Spoke with both", admin)


def test_editors_read_no_reported_conversation(amina, paul, editor):
    talk = contact.ask(by=amina.user, to=paul, text="rude words")
    complaint = contact.report(conversation=talk, by=paul.user, why="rude")

    response = signed_in(editor).get(f"/cms/rights/reported/{complaint.pk}/", follow=True)

    assert "rude words" not in response.content.decode()
    assert Access.objects.count() == 0
