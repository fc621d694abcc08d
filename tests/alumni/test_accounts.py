"""One door: a stranger learns nothing from it, a confirmed mailbox finds its place."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.core.context import request_context
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from alumni.adapters import AccountAdapter, MailAfterTheAnswer
from alumni.joining import accounts
from alumni.models import Profile, User
from tests.factories.alumni import ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db

SIGN_IN = "/en/accounts/login/"
SIGN_UP = "/en/accounts/signup/"
LOGIN_CODE = "/en/accounts/login/code/"
RESET = "/en/accounts/password/reset/"


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


def answers(path, address):
    """What a stranger sees from asking: every page of the way, without the address and tokens."""
    client, seen = Client(), []
    response = client.post(path, {"email": address, "login": address})
    while True:
        body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
        seen.append((response.status_code, response.get("Location"), body.replace(address, "@")))
        if response.status_code != 302:
            return seen
        response = client.get(response["Location"])


def code_in(message):
    return re.search(r"\b([A-Z0-9]{4}-?[A-Z0-9]{4}|[A-Z0-9]{6})\b", message.body).group()


def every_kind_of_address():
    ProfileFactory(address="awaited@example.org")
    ProfileFactory(joined=True, address="member@example.org")
    for name in ("Grace", "Moses"):
        ProfileFactory(given_name=name, address="shared@example.org")
    return [
        "awaited@example.org",
        "member@example.org",
        "shared@example.org",
        "unknown@example.org",
    ]


@pytest.mark.parametrize("path", [SIGN_IN, SIGN_UP, LOGIN_CODE, RESET])
def test_every_address_gets_the_same_answer(path):
    addresses = every_kind_of_address()

    seen = [answers(path, address) for address in addresses]

    assert seen == [seen[0]] * len(addresses)
    assert seen[0][-1][0] == 200


@pytest.mark.parametrize("path", [SIGN_UP, LOGIN_CODE, RESET])
def test_every_address_gets_one_mail_and_only_the_right_one_says_more(path):
    addresses = every_kind_of_address()

    for address in addresses:
        answers(path, address)

    assert [message.to for message in mail.outbox] == [[address] for address in addresses]


def test_only_an_awaited_address_opens_an_account():
    for address in every_kind_of_address():
        answers(SIGN_UP, address)

    assert sorted(User.objects.values_list("email", flat=True)) == [
        "awaited@example.org",
        "member@example.org",
    ]


def test_a_stranger_s_mailbox_gets_one_mail_a_day_however_often_someone_asks():
    for _again in range(3):
        answers(SIGN_UP, "unknown@example.org")

    assert len(mail.outbox) == 1
    assert mail.outbox[0].subject == "Joining: this address is on none of our lists"


def test_an_awaited_person_joins_by_the_code_and_stays_unseen():
    profile = ProfileFactory(address="awaited@example.org")
    client = Client()

    response = client.post(SIGN_UP, {"email": "Awaited@Example.org"})
    response = client.post(response["Location"], {"code": code_in(mail.outbox[0])})

    profile.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, "/en/members/me/")
    assert profile.user.email == "awaited@example.org"
    assert not profile.has_accepted
    assert "Welcome, " in client.get("/en/members/me/").content.decode()


def test_joining_asks_for_no_password():
    assert "password" not in Client().get(SIGN_UP).content.decode()


def test_the_sign_in_address_has_one_spelling():
    user = User.objects.create_user("Amina@Example.ORG", "a long enough password")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)

    response = Client().post(
        SIGN_IN, {"login": "AMINA@example.org", "password": "a long enough password"}
    )

    assert user.email == "amina@example.org"
    assert (response.status_code, response["Location"]) == (302, "/en/members/me/")


@pytest.mark.parametrize("address", ["member@example.org", "unknown@example.org"])
def test_a_wrong_password_is_answered_alike_for_known_and_unknown(address):
    ProfileFactory(joined=True, address="member@example.org")

    response = Client().post(SIGN_IN, {"login": address, "password": "not the password"})

    assert "This address and password do not belong together." in (response.content.decode())


def test_a_wrong_code_gives_nobody_a_profile():
    profile = ProfileFactory(address="awaited@example.org")
    client = Client()

    response = client.post(SIGN_UP, {"email": "awaited@example.org"})
    client.post(response["Location"], {"code": "WRONG1"})

    profile.refresh_from_db()
    assert profile.user is None


def test_an_unconfirmed_mailbox_claims_nothing():
    profile = ProfileFactory(address="awaited@example.org")

    Client().post(SIGN_UP, {"email": "awaited@example.org"})

    profile.refresh_from_db()
    assert profile.user is None


def test_a_member_signs_in_by_code():
    ProfileFactory(joined=True, address="member@example.org")
    client = Client()

    response = client.post(LOGIN_CODE, {"email": "member@example.org"})
    response = client.post(response["Location"], {"code": code_in(mail.outbox[0])})

    assert (response.status_code, response["Location"]) == (302, "/en/members/me/")


def test_someone_already_signed_up_finds_a_place_on_a_later_roster():
    user = UserFactory(email="early@example.org")
    profile = ProfileFactory(address="early@example.org")

    Client().post(
        SIGN_IN,
        {"login": "early@example.org", "password": "a long enough password"},
    )

    profile.refresh_from_db()
    assert profile.user == user


def test_two_people_on_one_mailbox_are_left_to_staff():
    for name in ("Grace", "Moses"):
        ProfileFactory(given_name=name, address="shared@example.org")
    user = UserFactory(email="shared@example.org")

    assert accounts.claim(user=user, address="shared@example.org") is None
    assert not accounts.is_awaited("shared@example.org")
    assert Profile.objects.filter(user=user).count() == 0


def test_claiming_twice_gives_the_same_profile_and_never_a_second():
    user = UserFactory(email="awaited@example.org")
    first = ProfileFactory(address="awaited@example.org")

    assert accounts.claim(user=user, address="awaited@example.org") == first

    ProfileFactory(address="awaited@example.org")

    assert accounts.claim(user=user, address="awaited@example.org") == first


def test_a_joined_profile_is_never_claimed_by_its_roster_address():
    member = ProfileFactory(joined=True, address="member@example.org")
    Profile.objects.filter(pk=member.pk).update(user=None)

    assert not accounts.is_awaited("member@example.org")


def test_wagtail_s_own_sign_in_is_allauth_s():
    response = Client().get("/cms/login/?next=/cms/")

    assert response.status_code == 302
    assert response["Location"] == "/en/accounts/login/?next=/cms/"


def test_staff_need_a_second_factor_where_the_setting_says_so(settings):
    settings.STAFF_SECOND_FACTOR = True
    client = Client()
    client.force_login(UserFactory(is_superuser=True, is_staff=True))

    response = client.get("/cms/")

    assert response["Location"] == "/en/accounts/2fa/totp/activate/"


def test_an_address_that_is_none_is_named_as_such():
    response = Client().post(SIGN_UP, {"email": "nonsense"})

    assert response.status_code == 200
    assert "address" in response.content.decode()
    assert EmailAddress.objects.count() == 0


def test_colleagues_without_a_profile_arrive_at_their_desk(editor):
    response = Client().post(SIGN_IN, {"login": editor.email, "password": "a long enough password"})

    assert response["Location"] == "/cms/"


class Slow:
    """A mail service that notes whether the answer had left when it was called."""

    def __init__(self, fails=False):
        self.fails, self.left_before = fails, []

    def send_messages(self, messages):
        self.left_before.append(self.answer_had_left)
        if self.fails:
            raise ConnectionError("no mail service at secret@example.org")
        return len(messages)


@pytest.fixture
def slow(monkeypatch):
    service = Slow()
    service.answer_had_left = False
    monkeypatch.setattr(
        "django.core.mail.message.EmailMessage.get_connection", lambda *args: service
    )
    return service


def through_middleware(request_factory, slow):
    def view(request):
        with request_context(request):
            AccountAdapter().send_mail(
                "account/email/login_code", "a@example.org", {"code": "ABC123"}
            )
        return HttpResponse("sent")

    response = MailAfterTheAnswer(view)(request_factory.get("/"))
    slow.answer_had_left = True
    response.close()
    return response


def test_a_sign_in_mail_leaves_after_the_answer(rf, slow):
    through_middleware(rf, slow)

    assert slow.left_before == [True]


def test_a_mail_service_that_fails_is_logged_without_address_or_code(rf, slow, caplog):
    slow.fails = True

    response = through_middleware(rf, slow)

    assert response.content == b"sent"
    assert caplog.messages == ["a sign-in mail was not handed over: ConnectionError"]


@pytest.mark.parametrize("path", ["/cms/", "/cms/mailings/", "/cms/login/?next=/cms/"])
def test_a_member_at_the_editors_door_is_shown_home_not_round_and_round(member, path):
    client = Client()
    client.force_login(member)

    answer = client.get(path, follow=True)

    assert answer.redirect_chain[-1][0] == "/en/members/me/"
    assert "for colleagues who write and send" in answer.content.decode()


def test_colleagues_pass_the_editors_door(editor):
    client = Client()
    client.force_login(editor)

    assert client.get("/cms/").status_code == 200
