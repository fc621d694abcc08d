"""A second step, devices that can be signed out, and addresses that change before one's eyes."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.cache import cache
from django.test import Client

from tests.factories.alumni import ProfileFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"
ADDRESSES = "/en/accounts/email/"
DEVICES = "/en/accounts/sessions/"
SIGN_IN = "/en/accounts/login/"
NEW = "new@example.org"


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def member():
    profile = ProfileFactory(joined=True)
    profile.user.set_password(PASSWORD)
    profile.user.save()
    EmailAddress.objects.get_or_create(
        user=profile.user, email=profile.user.email, defaults={"verified": True, "primary": True}
    )
    return profile.user


def arrive(user, device):
    client = Client(headers={"user-agent": device})
    client.post(SIGN_IN, {"login": user.email, "password": PASSWORD})
    assert "_auth_user_id" in client.session
    return client


def shows_who_it_is(client, path, data=None):
    """A press of the button, the password asked for, and what comes then."""
    asked = client.post(path, data or {})
    assert "reauthenticate" in asked["Location"]
    return client.post(asked["Location"], {"password": PASSWORD})


def forced(user):
    client = Client()
    client.force_login(user)
    return client


CHANGES = [
    {"action_add": "", "email": NEW},
    {"action_primary": "", "email": "second@example.org"},
    {"action_remove": "", "email": "second@example.org"},
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("has_password", [True, False])
def test_addresses_change_only_for_who_has_just_shown_who_it_is(member, change, has_password):
    EmailAddress.objects.create(user=member, email="second@example.org", verified=True)
    if not has_password:
        member.set_unusable_password()
        member.save()
    before = list(EmailAddress.objects.values_list("email", "primary"))

    response = forced(member).post(ADDRESSES, change)

    door = "reauthenticate" if has_password else SIGN_IN
    assert door in response["Location"]
    assert list(EmailAddress.objects.values_list("email", "primary")) == before
    assert mail.outbox == []


def test_the_old_address_is_told_where_the_mail_goes_now(member):
    old = member.email
    EmailAddress.objects.create(user=member, email=NEW, verified=True)

    client = arrive(member, "one")
    mail.outbox.clear()
    shows_who_it_is(client, ADDRESSES, {"action_primary": "", "email": NEW})

    member.refresh_from_db()
    assert member.email == NEW
    (told,) = mail.outbox
    assert told.to == [old]
    assert told.subject == "Your address was changed"


def test_devices_are_listed_and_the_others_signed_out(member):
    phone, office = arrive(member, "my phone"), arrive(member, "the office")

    page = phone.get(DEVICES).content.decode()
    assert "my phone" in page
    assert "the office" in page
    phone.post(DEVICES)

    assert office.get("/en/members/me/")["Location"].startswith(SIGN_IN)
    assert phone.get("/en/members/me/").status_code == 200


def test_nobody_sees_the_devices_of_somebody_else(member):
    arrive(member, "my phone")
    other = ProfileFactory(joined=True).user

    assert "my phone" not in forced(other).get(DEVICES).content.decode()


def test_a_second_step_is_offered_to_members(member):
    page = forced(member).get("/en/accounts/2fa/").content.decode()

    assert "/en/accounts/2fa/totp/activate/" in page
    assert "/en/accounts/2fa/webauthn/" in page
    assert 'href="/en/accounts/2fa/"' in forced(member).get("/en/members/me/").content.decode()


def test_setting_it_up_asks_who_is_there(member):
    response = forced(member).get("/en/accounts/2fa/totp/activate/")

    assert "reauthenticate" in response["Location"]


def test_a_recovery_code_lets_in_once(member):
    totp.TOTP.activate(member, totp.generate_totp_secret())
    (code, *_others) = RecoveryCodes.activate(member).get_unused_codes()
    assert Authenticator.objects.filter(user=member).count() == 2

    def try_it():
        client = Client()
        client.post(SIGN_IN, {"login": member.email, "password": PASSWORD})
        assert "_auth_user_id" not in client.session
        client.post("/en/accounts/2fa/authenticate/", {"code": code})
        return "_auth_user_id" in client.session

    assert try_it()
    cache.clear()
    assert not try_it()


@pytest.mark.parametrize(
    ("says", "shown"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14) Chrome/1 Mobile Safari/5",
            "Chrome · Android",
        ),
        ("Mozilla/5.0 (iPhone; CPU like Mac OS X) Version/17 Safari/604", "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/1 Safari/5 Edg/1", "Edge · Windows"),
        ("something of one's own", "something of one&#x27;s own"),
    ],
)
def test_a_device_has_the_name_that_its_owner_gives_it(member, says, shown):
    here = arrive(member, says)

    assert f"<bdi>{shown}</bdi>" in here.get(DEVICES).content.decode()
