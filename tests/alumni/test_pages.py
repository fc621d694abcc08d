"""The members' pages: nothing leaks, nothing is lost, what is hidden looks like what is missing."""

import time

import pytest
from django.test import Client

from alumni.models import Profile
from alumni.privacy import consents
from tests.alumni.conftest import CANARIES
from tests.factories.alumni import EnrolmentFactory, ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db
Tier = Profile.Tier

ME = "/en/members/me/"
MISSING = "m" * 22


def page_of(profile):
    return f"/en/members/{profile.key}/"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def answer(client, path):
    """Status, headers and bytes, with the address asked for and the moment taken out."""
    response = client.get(path)
    body = response.content.decode().replace(path, "PATH").replace(path.split("/")[3], "KEY")
    fickle = {"Location", "Expires"}
    headers = {name: value for name, value in response.headers.items() if name not in fickle}
    location = response.headers.get("Location", "").replace(path.split("/")[3], "KEY")
    return response.status_code, headers, location, body


@pytest.mark.parametrize("tier", ["", *Tier.values])
@pytest.mark.parametrize("who", ["anonymous", "member", "nominated", "waiting", "editor"])
def test_someone_hidden_answers_the_same_bytes_as_nobody(who, tier, viewers, canary):
    if tier == Tier.NETWORK and who in {"member", "nominated"}:
        tier = Tier.COHORT
    profile = canary(tier)
    client = Client() if who == "anonymous" else signed_in(viewers[who])

    hidden = answer(client, page_of(profile))
    missing = answer(client, f"/en/members/{MISSING}/")

    assert hidden == missing
    assert hidden[0] == (302 if who == "anonymous" else 404)


def test_no_canary_stands_on_a_hidden_page(viewers, canary):
    profile = canary(Tier.COHORT)

    for name in ("member", "waiting", "editor"):
        text = signed_in(viewers[name]).get(page_of(profile)).content.decode()
        assert [value for value in CANARIES.values() if value in text] == []


def test_a_member_sees_what_the_policy_shows_and_neither_address_nor_phone(member, canary):
    profile = canary(Tier.NETWORK)

    text = signed_in(member).get(page_of(profile)).content.decode()

    assert "Qanarygiven Xanaryfamily" in text
    assert "canary-biography" in text
    assert "Zambia" in text
    for hidden in ("institution", "post", "phone", "address", "sign-in", "then"):
        assert f"canary-{hidden}" not in text


def test_members_pages_are_kept_out_of_search_engines_and_caches(member, canary):
    for path in (ME, page_of(canary(Tier.NETWORK))):
        response = signed_in(member).get(path)
        assert response["X-Robots-Tag"] == "noindex, noarchive"
        assert "no-store" in response["Cache-Control"]


def test_keys_in_addresses_are_random_and_long():
    keys = {ProfileFactory().key for _n in range(50)}

    assert len(keys) == 50
    assert {len(key) for key in keys} == {22}


def test_a_number_is_no_address_of_anyone(staff, canary):
    assert signed_in(staff).get(f"/en/members/{canary().pk}/").status_code == 404


def test_a_stranger_is_asked_to_sign_in():
    response = Client().get(ME)

    assert (response.status_code, response["Location"]) == (
        302,
        f"/en/accounts/login/?next={ME}",
    )


def test_whoever_stands_on_no_list_is_told_what_to_do():
    text = signed_in(UserFactory()).get(ME).content.decode()

    assert "Your address does not stand on the list of any course." in text


def test_whoever_shares_a_mailbox_is_told_so_without_a_name():
    for name in ("Grace", "Moses"):
        ProfileFactory(given_name=name, address="office@example.org")

    text = signed_in(UserFactory(email="office@example.org")).get(ME).content.decode()

    assert "More than one person on our lists is reached at your address" in text
    assert "Grace" not in text


def test_joining_without_agreeing_changes_nothing_and_says_so(waiting):
    response = signed_in(waiting).post(ME + "join/", {"tier": "network"})

    assert response.status_code == 422
    assert "Tick this sentence to join" in response.content.decode()
    assert not Profile.objects.get(user=waiting).has_accepted


def test_joining_begins_with_nothing_ticked(waiting):
    text = signed_in(waiting).get(ME).content.decode()

    assert "checked" not in text


def test_joining_with_nothing_chosen_lets_nobody_find_me(waiting):
    response = signed_in(waiting).post(ME + "join/", {"agrees": "on"})

    profile = Profile.objects.get(user=waiting)
    assert (response.status_code, response["Location"]) == (302, ME)
    assert (profile.has_accepted, profile.tier) == (True, "")


def test_joining_records_the_choice_and_the_words_that_were_agreed_to(waiting):
    signed_in(waiting).post(
        "/ar/members/me/join/", {"agrees": "on", "tier": "cohort", "shares_institution": "on"}
    )

    profile = Profile.objects.get(user=waiting)
    assert (profile.tier, profile.shares_institution) == ("cohort", True)
    assert [(row.purpose, row.language) for row in consents.history(profile)] == [
        ("membership", "ar"),
        ("directory:cohort", "ar"),
        ("directory:institution", "ar"),
    ]


def profile_data(**changes):
    return {
        "given_name": "Amina",
        "family_name": "Otieno",
        "country": "KE",
        "languages_0": "fr",
        "languages_1": "",
        "languages_2": "en",
        "expertise": ["legislation"],
        "biography": "I draft laws.",
    } | changes


def test_a_member_mends_the_own_profile(member):
    response = signed_in(member).post(ME, profile_data())

    profile = Profile.objects.get(user=member)
    assert response.status_code == 302
    assert (profile.name, profile.languages, profile.expertise, profile.biography) == (
        "Amina Otieno",
        ["fr", "en"],
        ["legislation"],
        "I draft laws.",
    )


def test_bad_input_is_named_and_nothing_that_was_typed_is_lost(member):
    before = Profile.objects.get(user=member)

    response = signed_in(member).post(
        ME,
        profile_data(
            given_name="", family_name="", country="XX", biography="Long work on this text."
        ),
    )

    text = response.content.decode()
    assert response.status_code == 422
    assert "Write at least one name." in text
    assert "XX is not one of the available choices" in text
    assert "Long work on this text." in text
    after = Profile.objects.get(user=member)
    assert (after.name, after.biography) == (before.name, before.biography)


def test_the_own_page_shows_a_member_nobody_else(member, canary):
    canary(Tier.NETWORK)

    text = signed_in(member).get(ME).content.decode()

    assert [value for value in CANARIES.values() if value in text] == []


def test_markup_in_a_biography_is_shown_as_text(member, canary):
    profile = canary(Tier.NETWORK)
    Profile.objects.filter(pk=profile.pk).update(biography="<script>alert(1)</script>")

    text = signed_in(member).get(page_of(profile)).content.decode()

    assert "<script>alert(1)</script>" not in text
    assert "&lt;script&gt;" in text


def test_showing_less_acts_at_once(member):
    response = signed_in(member).post(ME + "who-may-find-me/", {"tier": "protected"})

    assert response["Location"] == ME
    assert Profile.objects.get(user=member).tier == "protected"


def test_showing_more_asks_who_is_there_and_then_does_it(classmate):
    client = signed_in(classmate)

    response = client.post(ME + "who-may-find-me/", {"tier": "network"})

    assert response["Location"].startswith("/en/accounts/reauthenticate/")
    assert Profile.objects.get(user=classmate).tier == ""

    client.post(response["Location"], {"password": "a long enough password"})

    assert Profile.objects.get(user=classmate).tier == "network"


def test_showing_more_right_after_proving_who_one_is_needs_no_second_proof(classmate):
    client = signed_in(classmate)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(classmate.pk)
    session.save()

    response = client.post(ME + "who-may-find-me/", {"tier": "cohort"})

    assert response["Location"] == ME
    assert Profile.objects.get(user=classmate).tier == "cohort"


@pytest.mark.parametrize("path", ["join/", "who-may-find-me/", "contact/", "posts/moved/"])
def test_a_get_changes_nothing_and_leads_to_the_own_page(waiting, path):
    assert signed_in(waiting).get(ME + path)["Location"] == ME


def test_the_own_page_takes_the_same_queries_with_one_course_and_four(
    member, django_assert_max_num_queries
):
    client = signed_in(member)
    client.get(ME)
    counts = []
    for _course in range(4):
        EnrolmentFactory(profile=member.profile)
        with django_assert_max_num_queries(40) as queries:
            client.get(ME)
        counts.append(len(queries))

    assert len(set(counts)) == 1
