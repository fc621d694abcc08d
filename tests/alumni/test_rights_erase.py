"""Everything in the own hands, and everything gone: export, erase, and never brought back."""

import io
import json
import time
import zipfile

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.test import Client
from django.utils import timezone
from wagtail.models import ModelLogEntry

from alumni import profiles
from alumni.models import Departed, Forgotten, Message, Profile, User
from alumni.privacy import access, consents, erasure, export
from alumni.relay import contact
from alumni.roster import Outcome
from newsletters.models import Consent, Letter, Subscriber, Suppression
from tests.alumni.test_roster import imported
from tests.factories.alumni import CourseRunFactory, ProfileFactory, UserFactory
from tests.factories.newsletters import NewsletterFactory, SubscriptionFactory

pytestmark = pytest.mark.django_db
Tier = Profile.Tier
DATA = "/en/members/me/data/"
PASSWORD = "a long enough password"
TRACES = ("Qanarygiven", "Xanaryfamily", "canary-")


@pytest.fixture
def officer():
    return UserFactory(is_superuser=True, is_staff=True, first_name="Mariam", last_name="Desk")


@pytest.fixture
def whole(canary, classmate, officer):
    """A member with something in every drawer."""
    profile = canary(Tier.NETWORK, gender="f")
    profile.user.set_password(PASSWORD)
    profile.user.save()
    language = "en"
    consents.record(profile, consents.Purpose.MEMBERSHIP, given=True, language=language, how="test")
    subscription = SubscriptionFactory(
        newsletter=NewsletterFactory(slug="stories"),
        subscriber__address="canary-sign-in@example.org",
    )
    subscription.note_consent(given=True, language=language, how="test", wording="I agree")
    profiles.link_subscriber(profile=profile, address="canary-sign-in@example.org")
    profile.refresh_from_db()
    talk = contact.ask(by=classmate, to=profile, text="question of another")
    contact.write(conversation=talk, by=profile.user, text="words of mine")
    access.note(profile=profile, what=access.What.RECORD, by=officer)
    ModelLogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(Profile),
        object_id=str(profile.pk),
        label=profile.name,
        action="wagtail.edit",
        timestamp=timezone.now(),
        user=officer,
    )
    return profile


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def shows_who_it_is(client, path, data=None):
    """A press of the button, the password asked for, and what comes then."""
    asked = client.post(path, data or {})
    assert asked.status_code == 302
    assert "reauthenticate" in asked["Location"]
    return client.post(asked["Location"], {"password": PASSWORD})


def everywhere():
    """Every row of every table as text."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT t::text FROM {table} t")  # noqa: S608
            found[model._meta.label] = "\n".join(row[0] for row in cursor.fetchall())
    return found


def test_the_file_has_everything_for_eyes_and_for_programs(whole):
    client = signed_in(whole.user)

    shows_who_it_is(client, DATA + "export/")

    response = client.post(DATA + "export/")

    assert response["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert sorted(archive.namelist()) == ["data.json", "my-data.html"]
        data = json.loads(archive.read("data.json"))
        page = archive.read("my-data.html").decode()
    assert data["alumni.Profile"][0]["phone"] == "canary-phone"
    assert data["alumni.Enrolment"][0]["institution"] == "canary-then"
    assert {row["text"] for row in data["alumni.Message"]} == {
        "words of mine",
        "question of another",
    }
    assert [row["purpose"] for row in data["newsletters.Consent"]] == [
        "membership",
        "newsletter:stories",
        "relay",
    ]
    assert data["alumni.Access"][0]["by_name"] == "Mariam Desk"
    assert data["newsletters.Subscriber"][0]["address"] == "canary-sign-in@example.org"
    for words in ("canary-biography", "words of mine", "Mariam Desk", "I agree"):
        assert words in page
    assert "password" not in data["alumni.User"][0]


def test_the_file_tells_neither_a_no_nor_a_block(member, whole):
    talk = contact.ask(by=whole.user, to=member.profile, text="May I?")
    contact.decline(conversation=talk, by=member)

    found = {section.label: section.rows for section in export.sections(whole, by=whole.user)}

    mine = [row for row in found["alumni.Conversation"] if row["by_me"]]
    assert [(row["state"], row["answered_at"]) for row in mine] == [("asked", None)]
    assert all("is_withheld" not in row for row in found["alumni.Message"])
    assert member.profile.name not in json.dumps(found, cls=DjangoJSONEncoder)


def test_every_model_with_people_is_in_the_file_or_says_why_not():
    policies = settings.RETENTION.people
    exported = {label for label, policy in policies.items() if policy.exported}

    profile = ProfileFactory(joined=True)
    sections = export.sections(profile, by=profile.user)
    assert {section.label for section in sections} == exported
    assert [label for label, p in policies.items() if not p.exported and not p.why_not] == []


def test_nobody_else_gets_the_file(whole, member, officer):
    for user in (member, officer):
        with pytest.raises(PermissionDenied):
            export.sections(whole, by=user)


def test_file_and_erasing_ask_who_is_there(whole):
    client = signed_in(whole.user)

    for path, data in ((DATA + "export/", {}), (DATA + "erase/", {"word": "erase"})):
        assert "reauthenticate" in client.post(path, data)["Location"]
    assert Profile.objects.filter(pk=whole.pk).exists()
    assert client.get(DATA + "export/")["Location"] == "/en/members/me/"


def test_after_the_question_my_data_says_what_to_press(whole):
    client = signed_in(whole.user)

    answer = shows_who_it_is(client, DATA + "export/")
    page = client.get(answer["Location"]).content.decode()

    assert answer["Location"] == DATA + "?it-is-you"
    assert "Thank you, it is you." in page
    assert client.post(DATA + "export/")["Content-Type"] == "application/zip"
    assert "it is you" not in client.get(DATA).content.decode()


def test_a_member_without_a_password_signs_in_once_more():
    profile = ProfileFactory(joined=True, user__password=None)
    client = signed_in(profile.user)

    response = client.post(DATA + "export/")

    assert response["Location"] == "/en/accounts/login/?next=%2Fen%2Fmembers%2Fme%2Fdata%2F"
    assert "_auth_user_id" not in client.session
    client = signed_in(profile.user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "code", "at": time.time()}]
    session["account_authentication_methods_user"] = str(profile.user.pk)
    session.save()
    assert client.post(DATA + "export/")["Content-Type"] == "application/zip"


@pytest.mark.parametrize("word", ["", "yes", "erase me"])
def test_another_word_erases_nobody(whole, word):
    client = signed_in(whole.user)
    shows_who_it_is(client, DATA + "export/")

    assert client.post(DATA + "erase/", {"word": word}).status_code == 422
    assert Profile.objects.filter(pk=whole.pk).exists()


def test_nothing_of_the_person_is_left_in_any_table(whole):
    client = signed_in(whole.user)

    response = shows_who_it_is(client, DATA + "erase/", {"word": "Erase"})

    assert response["Location"] == "/en/"
    left = [
        (label, trace) for label, text in everywhere().items() for trace in TRACES if trace in text
    ]
    assert left == []
    assert not Profile.objects.filter(pk=whole.pk).exists()
    assert not User.objects.filter(pk=whole.user_id).exists()
    assert not Subscriber.objects.exists()
    assert "_auth_user_id" not in client.session


def test_what_was_written_to_others_stays_with_them_without_a_name(whole, classmate):
    erasure.erase(profile=whole, by=whole.user, language="en")

    (mine,) = Message.objects.filter(author=None)
    text = (
        signed_in(classmate).get(f"/en/members/messages/{mine.conversation.key}/").content.decode()
    )
    assert "words of mine" in text
    assert "Someone who has left" in text
    assert "Send</button>" not in text


def test_the_proof_of_consents_stays_with_the_last_word(whole):
    erasure.erase(profile=whole, by=whole.user, language="en")

    rows = Consent.objects.order_by("pk").values_list("purpose", "given")
    assert list(rows) == [
        ("membership", True),
        ("newsletter:stories", True),
        ("relay", True),
        ("relay", True),
        ("membership", False),
        ("newsletter:stories", False),
    ]


def test_counts_stay_by_one_trait_at_a_time(whole, run):
    erasure.erase(profile=whole, by=whole.user, language="en")

    counts = Departed.objects.order_by("trait").values_list("run", "trait", "value", "count")
    assert list(counts) == [(run.pk, "country", "ZM", 1), (run.pk, "gender", "f", 1)]


HEADER = "Given name,Family name,E-mail,Country\n"


@pytest.mark.parametrize(
    "row",
    [
        "Qanarygiven,Xanaryfamily,canary-address@example.org,Zambia\n",
        "XANARYFAMILY,qanarygiven,Canary-Address@EXAMPLE.org,Zambia\n",
        "Another,Name,canary-sign-in@example.org,Zambia\n",
        "Qanarygiven,Xanaryfamily,,Zambia\n",
        "Qanarygiven,Xanaryfamily,new-address@example.org,Zambia\n",
    ],
)
def test_no_list_brings_the_person_back(whole, run, row):
    erasure.erase(profile=whole, by=whole.user, language="en")
    before = Profile.objects.count()

    report = imported(run, HEADER + row)

    assert [row.outcome for row in report.lines] == [Outcome.FORGOTTEN.value]
    assert report.summary == "0 ready, 1 asked to be forgotten"
    assert Profile.objects.count() == before


def test_a_colleague_on_the_same_mailbox_stays_welcome():
    one = ProfileFactory(given_name="Grace", family_name="Phiri", address="office@example.org")
    other = ProfileFactory(given_name="Moses", family_name="Zulu", address="office@example.org")
    run = CourseRunFactory()
    erasure.erase(profile=one, by=None, language="en")
    other.delete()

    text = HEADER + "Grace,Phiri,office@example.org,ZM\nMoses,Zulu,office@example.org,ZM\n"
    report = imported(run, text)

    assert [row.outcome for row in report.lines] == [Outcome.FORGOTTEN.value, Outcome.NEW.value]
    assert Suppression.objects.count() == 0


def test_what_is_kept_is_a_keyed_hash(whole):
    erasure.erase(profile=whole, by=whole.user, language="en")

    assert Forgotten.objects.count() == 5
    assert all(len(row.hash) == 64 for row in Forgotten.objects.all())
    assert list(Suppression.objects.values_list("address", "reason").distinct()) == [
        (None, "erased")
    ]


def test_letters_on_their_way_are_emptied(whole):
    Letter.objects.all().delete()
    Letter.objects.create(
        kind="welcome", to="canary-sign-in@example.org", language="en", params={"a": "b"}
    )

    erasure.erase(profile=whole, by=whole.user, language="en")

    assert list(Letter.objects.values_list("to", "params", "state")) == [("", {}, "failed")]


def test_a_colleague_with_rights_is_asked_to_hand_them_over_first(officer):
    profile = ProfileFactory(joined=True, user=officer)

    with pytest.raises(erasure.StaffFirst):
        erasure.erase(profile=profile, by=officer, language="en")
    assert User.objects.filter(pk=officer.pk).exists()


def test_nobody_erases_somebody_else(whole, member, officer):
    for user in (member, officer):
        with pytest.raises(PermissionDenied):
            erasure.erase(profile=whole, by=user, language="en")


def test_showing_more_asks_members_without_a_password_too():
    profile = ProfileFactory(joined=True, user__password=None)
    client = signed_in(profile.user)

    response = client.post("/en/members/me/who-may-find-me/", {"tier": "network"})

    assert response["Location"] == "/en/accounts/login/?next=%2Fen%2Fmembers%2Fme%2F"
    assert client.get("/en/members/me/").status_code == 302
    assert Profile.objects.get(pk=profile.pk).tier == ""


def test_a_person_deleted_by_staff_is_gone_from_every_table_and_may_come_again(whole, run, officer):
    desk = signed_in(officer)

    assert desk.post(f"/cms/people/delete/{whole.pk}/").status_code == 302

    left = [
        (label, trace) for label, text in everywhere().items() for trace in TRACES if trace in text
    ]
    assert left == []
    assert Forgotten.objects.count() == 0


def test_deleting_the_person_of_a_colleague_leaves_the_sign_in(officer):
    profile = ProfileFactory(joined=True, user=officer)

    signed_in(officer).post(f"/cms/people/delete/{profile.pk}/")

    assert not Profile.objects.exists()
    assert User.objects.filter(pk=officer.pk).exists()
