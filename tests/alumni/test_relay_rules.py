"""Writing to a member: who may, how it begins, where it ends, and what the mail does not tell."""

import datetime as dt

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from alumni import profiles
from alumni.models import Conversation, Message, Profile
from alumni.privacy import hiding
from alumni.relay import contact, inbox
from alumni.relay.contact import NotNow
from newsletters import letters
from newsletters.models import Letter, SiteInstance, Suppression
from tests.factories.alumni import EnrolmentFactory, ProfileFactory

pytestmark = pytest.mark.django_db
Tier = Profile.Tier


@pytest.fixture
def amina():
    return ProfileFactory(joined=True, tier=Tier.NETWORK, given_name="Amina", family_name="Otieno")


@pytest.fixture
def paul():
    return ProfileFactory(joined=True, tier=Tier.NETWORK, given_name="Paul", family_name="Banda")


@pytest.fixture
def accepted(amina, paul):
    talk = contact.ask(by=amina.user, to=paul, text="May I ask you something?")
    contact.accept(conversation=talk, by=paul.user)
    talk.refresh_from_db()
    return talk


def texts(viewer, talk):
    found = inbox.find(viewer, talk.key)
    return [said.text for said in found.said] if found else None


@pytest.mark.parametrize(
    ("tier", "network"), [("", False), ("protected", False), ("cohort", False), ("network", True)]
)
def test_whoever_may_find_a_person_may_write_and_nobody_else(
    canary, member, classmate, nominated, waiting, staff, tier, network
):
    profile = canary(tier)

    may = {
        name: contact.may_write(by=user, to=profile)
        for name, user in {
            "member": member,
            "classmate": classmate,
            "nominated": nominated,
            "waiting": waiting,
            "staff": staff,
            "self": profile.user,
        }.items()
    }

    assert may == {
        "member": network,
        "classmate": True,
        "nominated": network,
        "waiting": False,
        "staff": False,
        "self": False,
    }


def test_nobody_writes_to_somebody_who_has_not_joined_or_hides(amina, paul):
    on_a_roster = ProfileFactory()
    hiding.hide_me(profile=paul, by=paul.user)

    for to in (on_a_roster, paul):
        with pytest.raises(NotNow):
            contact.ask(by=amina.user, to=to, text="Hello")
    assert Message.objects.count() == 0


def test_before_the_answer_there_is_one_message_and_no_second(amina, paul):
    talk = contact.ask(by=amina.user, to=paul, text="May I ask?")

    with pytest.raises(NotNow):
        contact.write(conversation=talk, by=amina.user, text="And?")
    with pytest.raises(NotNow):
        contact.ask(by=amina.user, to=paul, text="And?")
    assert texts(paul.user, talk) == ["May I ask?"]


def test_an_answer_accepts(amina, paul):
    talk = contact.ask(by=amina.user, to=paul, text="May I ask?")

    contact.write(conversation=talk, by=paul.user, text="Please do.")
    contact.write(conversation=talk, by=amina.user, text="Thank you.")

    assert texts(amina.user, talk) == ["May I ask?", "Please do.", "Thank you."]


def test_whoever_is_declined_sees_what_one_sees_who_waits(amina, paul):
    declined = contact.ask(by=amina.user, to=paul, text="May I ask?")
    waits = contact.ask(
        by=amina.user, to=ProfileFactory(joined=True, tier=Tier.NETWORK), text="May I ask?"
    )
    contact.decline(conversation=declined, by=paul.user)

    one, other = (inbox.find(amina.user, talk.key) for talk in (declined, waits))

    assert (one.waits, one.may_write, one.said[0].text) == (True, False, other.said[0].text)
    assert (other.waits, other.may_write) == (True, False)
    assert inbox.of(paul.user) == []
    with pytest.raises(NotNow, match="wait until you have an answer"):
        contact.write(conversation=declined, by=amina.user, text="Please!")


def test_only_who_was_asked_answers(amina, paul):
    talk = contact.ask(by=amina.user, to=paul, text="May I ask?")
    stranger = ProfileFactory(joined=True, tier=Tier.NETWORK)

    assert not contact.accept(conversation=talk, by=amina.user)
    assert not contact.accept(conversation=talk, by=stranger.user)
    assert Conversation.objects.get().state == Conversation.State.ASKED


def test_a_blocked_person_writes_as_before_and_reaches_nobody(amina, paul, accepted):
    contact.block(conversation=accepted, by=paul.user)
    letters_before = Letter.objects.count()

    contact.write(conversation=accepted, by=amina.user, text="Are you there?")

    mine = inbox.find(amina.user, accepted.key)
    assert [said.text for said in mine.said][-1] == "Are you there?"
    assert (mine.may_write, mine.waits, mine.is_blocked) == (True, False, False)
    assert texts(paul.user, accepted) == ["May I ask you something?"]
    assert inbox.waiting(paul.user) == 0
    assert Letter.objects.count() == letters_before
    contact.unblock(conversation=accepted, by=paul.user)
    assert texts(paul.user, accepted) == ["May I ask you something?"]


def test_whoever_blocks_takes_it_back_before_writing(paul, accepted):
    contact.block(conversation=accepted, by=paul.user)

    with pytest.raises(NotNow, match="Take that back"):
        contact.write(conversation=accepted, by=paul.user, text="No.")


def test_so_many_new_people_a_day_and_no_more(amina):
    for _n in range(contact.MOST_NEW_A_DAY):
        to = ProfileFactory(joined=True, tier=Tier.NETWORK)
        contact.ask(by=amina.user, to=to, text="Hello")
    one_more = ProfileFactory(joined=True, tier=Tier.NETWORK)

    with pytest.raises(NotNow, match="tomorrow"):
        contact.ask(by=amina.user, to=one_more, text="Hello")

    Conversation.objects.update(began_at=timezone.now() - dt.timedelta(days=1, minutes=1))
    assert contact.ask(by=amina.user, to=one_more, text="Hello")


def test_so_many_messages_a_day_and_no_more(amina, accepted, monkeypatch):
    monkeypatch.setattr(contact, "MOST_MESSAGES_A_DAY", 3)
    for _n in range(2):
        contact.write(conversation=accepted, by=amina.user, text="More")

    with pytest.raises(NotNow, match="tomorrow"):
        contact.write(conversation=accepted, by=amina.user, text="Still more")


@pytest.mark.parametrize("text", ["", "  \n ", "\x00", "x" * 4001])
def test_empty_and_endless_messages_are_refused(amina, paul, text):
    with pytest.raises(ValidationError):
        contact.ask(by=amina.user, to=paul, text=text)
    assert Conversation.objects.count() == 0


@pytest.mark.parametrize("tier", [Tier.NETWORK, Tier.PROTECTED])
def test_the_mail_announces_and_tells_nothing(canary, classmate, tier):
    SiteInstance.objects.update_or_create(pk=1, defaults={"name": settings.SITE_INSTANCE})
    to = canary(tier)
    writer = classmate.profile
    Profile.objects.filter(pk=writer.pk).update(given_name="Zanarywriter", biography="bio")

    contact.ask(by=classmate, to=to, text="zanary-words of mine")
    (letter,) = Letter.objects.filter(kind="message_waits")
    letters.hand_over(letter.pk)

    (sent,) = mail.outbox
    raw = sent.message().as_string() + sent.body + sent.alternatives[0][0]
    for hidden in ("Zanarywriter", writer.family_name, "zanary-words", writer.address):
        assert hidden not in raw
    assert "Qanarygiven" not in raw
    assert sent.reply_to == []
    assert sent.to == ["canary-sign-in@example.org"]
    assert raw.count("canary-sign-in@example.org") == 1
    assert "Sycamore" not in sent.subject
    assert ("<" in sent.from_email) is (tier == Tier.NETWORK)


def test_one_mail_until_the_messages_are_read(amina, paul, accepted):
    contact.read(conversation=accepted, by=paul.user)
    Letter.objects.all().delete()

    for _n in range(3):
        contact.write(conversation=accepted, by=amina.user, text="One more thing")
    assert Letter.objects.count() == 1

    contact.read(conversation=accepted, by=paul.user)
    contact.write(conversation=accepted, by=amina.user, text="And another")
    assert Letter.objects.count() == 2


def test_no_mail_to_an_address_that_asked_us_to_stop(amina, paul):
    Suppression.objects.create(address=paul.user.email, reason=Suppression.Reason.ASKED)

    contact.ask(by=amina.user, to=paul, text="Hello")

    assert Letter.objects.count() == 0
    assert inbox.waiting(paul.user) == 1


def test_the_writer_is_named_as_the_policy_shows_him_and_else_by_initials(paul):
    shy = ProfileFactory(joined=True, given_name="Grace", family_name="Phiri")
    talk = contact.ask(by=shy.user, to=paul, text="Hello")

    assert inbox.find(paul.user, talk.key).name == "G. P."
    assert inbox.shown_as(shy, to=paul) == "G. P."
    profiles.choose_visibility(
        profile=shy, chosen=profiles.Visibility(Tier.NETWORK), by=shy.user, language="en"
    )
    assert inbox.find(paul.user, talk.key).name == "Grace Phiri"


def test_whoever_was_asked_and_then_withdraws_is_no_longer_named(amina, paul):
    talk = contact.ask(by=amina.user, to=paul, text="Hello")

    profiles.choose_visibility(
        profile=paul, chosen=profiles.Visibility(Tier.PROTECTED), by=paul.user, language="en"
    )

    assert inbox.find(amina.user, talk.key).name == "Someone of the network"


def test_a_list_of_conversations_takes_the_same_queries_for_one_and_five(
    amina, django_assert_max_num_queries
):
    counts = []
    for many in (1, 4):
        for _n in range(many):
            other = ProfileFactory(joined=True, tier=Tier.NETWORK)
            EnrolmentFactory(profile=other)
            contact.ask(by=other.user, to=amina, text="Hello")
        viewer = type(amina.user).objects.get(pk=amina.user.pk)
        with django_assert_max_num_queries(12) as queries:
            assert len(inbox.of(viewer)) == (1 if many == 1 else 5)
        counts.append(len(queries))

    assert counts[0] == counts[1]
