"""Joining codes: printed or told, good once, and not the whole way in until staff say who it is."""

import datetime as dt
import re
import threading
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client

from alumni import profiles
from alumni.appearance import seen
from alumni.audience import audiences_of, narrow
from alumni.joining import accounts, qr, slips
from alumni.models import Call, Profile, Slip, User
from alumni.visibility import visible_to
from cms.audiences import audiences_of as audiences_of_pages
from newsletters.models import Subscriber
from tests.alumni.test_doors_invitations import everything_stored
from tests.factories.alumni import (
    CourseRunFactory,
    EnrolmentFactory,
    ProfileFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

SLIP = "/en/members/slip/"
OWN = "amina@home.example.org"


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def colleague():
    return UserFactory(email="colleague@example.org")


@pytest.fixture
def run():
    return CourseRunFactory(languages=["en"])


@pytest.fixture
def person(run):
    profile = ProfileFactory(address="shared@ministry.example.org", phone="+254 20 000 000")
    EnrolmentFactory(run=run, profile=profile)
    return profile


@pytest.fixture
def card(run, person, colleague):
    [printed] = slips.print_sheet(run=run, by=colleague)
    return printed


def code_in(message):
    return re.search(r"\b([A-Z0-9]{4}-?[A-Z0-9]{4}|[A-Z0-9]{6})\b", message.body).group()


def redeem(client, code, address=OWN):
    return client.post(SLIP, {"code": code, "address": address})


def come_in(client, card, address=OWN):
    """Redeem and confirm the mailbox."""
    answer = redeem(client, card.code, address)
    return client.post(answer["Location"], {"code": code_in(mail.outbox[-1])})


def test_a_code_has_sixteen_figures_in_groups_and_its_hash_alone_is_kept(card):
    assert re.fullmatch(r"\d{4} \d{4} \d{4} \d{4}", card.code)

    stored = everything_stored()

    assert card.code not in stored
    assert card.code.replace(" ", "") not in stored


def test_the_qr_code_leads_to_the_page_in_the_person_s_language(run, person, colleague):
    Profile.objects.update(languages=["ar"])

    [card] = slips.print_sheet(run=run, by=colleague)

    link = urlsplit(card.link)
    assert (card.language, link.path) == ("ar", "/ar/members/slip/")
    assert slips.grouped(parse_qs(link.query)["code"][0]) == card.code


def test_the_drawn_code_has_its_three_corners_and_a_quiet_border():
    drawn = qr.modules("https://example.org/en/members/slip/?code=1234567812345678")
    corner = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]

    def square(x, y):
        return ["".join("01"[drawn[y + j][x + i]] for i in range(7)) for j in range(7)]

    end = len(drawn) - 7
    assert [square(0, 0), square(end, 0), square(0, end)] == [corner] * 3
    assert len(drawn) % 4 == 1
    assert f'viewBox="0 0 {len(drawn) + 8} {len(drawn) + 8}"' in qr.svg(
        "https://example.org/en/members/slip/?code=1234567812345678"
    )


@pytest.mark.parametrize("page", ["login", "signup"])
def test_whoever_was_told_a_code_finds_where_to_type_it(db, page):
    assert f'href="{SLIP}"' in Client().get(f"/en/accounts/{page}/").content.decode()


def test_opening_the_link_of_the_card_fills_the_code_in_and_changes_nothing(card):
    before = everything_stored()

    answer = Client().get(urlsplit(card.link).path, {"code": card.code.replace(" ", "")})

    assert f'value="{card.code}"' in answer.content.decode()
    assert everything_stored() == before


def test_the_keyboard_stands_in_the_field_where_there_is_little_else(card, person):
    client = Client()
    path = urlsplit(card.link).path

    def focused(page):
        return re.findall(r'name="(\w+)"[^>]* autofocus', page.content.decode())

    assert focused(client.get("/en/accounts/login/")) == ["login"]
    # Here one reads first what the code opens.
    assert focused(client.get(path)) == []
    asked = client.get(redeem(client, card.code)["Location"])
    assert focused(asked) == ["code"]
    # Whoever hears the page hears with the field where the mail went.
    (said,) = re.findall(r'name="code"[^>]* aria-describedby="(\w+)"', asked.content.decode())
    assert re.search(rf'<p id="{said}">A mail is on its way to', asked.content.decode())


def test_a_code_and_an_own_address_open_the_own_page(card, person):
    client = Client()

    answer = come_in(client, card)

    person.refresh_from_db()
    assert answer["Location"] == "/en/members/me/"
    assert (person.user.email, person.door, person.is_identified) == (OWN, "slip", False)
    assert "Welcome, " in client.get("/en/members/me/").content.decode()


def test_the_code_is_used_up_when_the_mailbox_says_yes_and_not_before(card, person):
    redeem(Client(), card.code)
    assert Slip.objects.get().state == "live"

    come_in(Client(), card, "other@home.example.org")

    person.refresh_from_db()
    assert Slip.objects.get().state == "used"
    assert person.user.email == "other@home.example.org"


def test_figures_may_be_typed_in_arabic_and_with_any_signs_between(card, person):
    arabic = card.code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")).replace(" ", " – ")

    assert slips.try_code(arabic, network="") is not None


def bare(answer, code):
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return answer.status_code, body.replace(code, "#")


def test_a_wrong_a_used_a_replaced_and_an_old_code_answer_alike(run, card, person, colleague):
    come_in(Client(), card)
    for _number in range(2):
        EnrolmentFactory(run=run)
    replaced, _other = slips.print_sheet(run=run, by=colleague)
    old, _other = slips.print_sheet(run=run, by=colleague)
    codes = [card.code, replaced.code, old.code, "0000 0000 0000 0000", "123"]

    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=61)):
        answers = [bare(redeem(Client(), code), code) for code in codes]

    assert answers == [answers[0]] * len(codes)
    assert answers[0][0] == 422
    assert User.objects.filter(email=OWN).count() == 1


def test_printing_again_replaces_what_was_printed(run, card, person, colleague):
    assert slips.unredeemed(slips.waiting(run)) == 1

    [new] = slips.print_sheet(run=run, by=colleague)

    assert slips.try_code(card.code, network="") is None
    assert slips.try_code(new.code, network="") is not None
    assert sorted(Slip.objects.values_list("state", flat=True)) == ["live", "replaced"]


def test_a_used_code_stays_used_when_its_holder_was_turned_away(card, person, colleague):
    before = Slip.objects.select_related("profile").get()
    come_in(Client(), card)
    assert accounts.turn_away(profile=person, by=colleague, language="en")

    assert accounts.redeem(slip=before, user=UserFactory()) is None
    assert slips.try_code(card.code, network="") is None


def test_who_has_joined_gets_no_card(run, card, person, colleague):
    come_in(Client(), card)

    assert slips.print_sheet(run=run, by=colleague) == []


def test_one_network_may_be_wrong_twenty_times_an_hour_and_then_not_even_right(card):
    answers = [redeem(Client(), "0000 0000 0000 0000").status_code for _try in range(21)]

    assert answers == [422] * 20 + [429]
    assert redeem(Client(), card.code).status_code == 429


def test_right_codes_do_not_count_as_tries(card, run, colleague):
    for _try in range(30):
        assert slips.try_code(card.code, network="a classroom") is not None


def test_all_networks_together_have_a_limit(card, monkeypatch):
    monkeypatch.setattr(slips, "WRONG_ALTOGETHER", 3)
    for number in range(3):
        assert slips.try_code("0", network=f"network {number}") is None

    with pytest.raises(slips.TooManyTries):
        slips.try_code(card.code, network="another")


def test_the_holder_of_a_code_has_a_few_mailboxes_written_to(card):
    answers = [
        redeem(Client(), card.code, f"someone-{n}@home.example.org").status_code for n in range(6)
    ]

    assert answers == [302] * 5 + [429]


@pytest.mark.parametrize("kind", ["member", "stranger", "mine"])
def test_the_answer_does_not_tell_whether_an_address_has_an_account(card, kind):
    ProfileFactory(joined=True, address="member@home.example.org")

    answer = redeem(Client(), card.code, f"{kind}@home.example.org")

    assert (answer.status_code, answer["Location"]) == (302, "/en/accounts/confirm-email/")


def test_who_has_an_account_without_a_profile_signs_in_and_gets_it(card, person):
    user = UserFactory(email=OWN)
    redeem(Client(), card.code)

    Client().post("/en/accounts/login/", {"login": OWN, "password": "a long enough password"})

    person.refresh_from_db()
    assert (person.user, person.door) == (user, "slip")


def test_who_is_signed_in_without_a_profile_needs_the_code_alone(card, person):
    client, user = Client(), UserFactory(email="whoever@desk.example.org")
    assert "You are signed in as" not in client.get(SLIP).content.decode()
    client.force_login(user)

    page = client.get(SLIP).content.decode()
    answer = client.post(SLIP, {"code": card.code})

    # A colleague at the desk who types somebody's code sees whose place it would become.
    assert "You are signed in as <bdi>whoever@desk.example.org</bdi>" in page
    assert 'href="/en/accounts/logout/"' in page

    person.refresh_from_db()
    assert (answer["Location"], person.user) == ("/en/members/me/", user)


def test_a_member_s_second_code_opens_nothing(card, person):
    client = Client()
    client.force_login(ProfileFactory(joined=True).user)

    client.post(SLIP, {"code": card.code})

    person.refresh_from_db()
    assert person.user is None
    assert Slip.objects.get().state == "live"


def test_a_code_and_the_mailbox_of_the_roster_need_no_word_of_staff(card, person):
    come_in(Client(), card, person.address)

    person.refresh_from_db()
    assert (person.door, person.is_identified) == ("mail", True)


@pytest.mark.django_db(transaction=True)
def test_one_code_redeemed_twice_at_once_opens_once(card, person):
    slip, users = Slip.objects.select_related("profile").get(), [UserFactory(), UserFactory()]
    both, got = threading.Barrier(2), []

    def come(user):
        both.wait()
        try:
            got.append(accounts.redeem(slip=slip, user=user))
        finally:
            connection.close()

    comers = [threading.Thread(target=come, args=[user]) for user in users]
    for comer in comers:
        comer.start()
    for comer in comers:
        comer.join()

    assert sorted(found is not None for found in got) == [False, True]
    assert Slip.objects.get().state == "used"


@pytest.fixture
def came_by_slip(run):
    """Joined by a slip and chosen to be found by everyone; nobody has said who it is."""
    profile = ProfileFactory(
        joined=True, tier=Profile.Tier.NETWORK, door="slip", subscriber=subscriber("came")
    )
    EnrolmentFactory(run=run, profile=profile)
    return profile


@pytest.fixture
def classmate(run):
    profile = ProfileFactory(joined=True, tier=Profile.Tier.NETWORK, subscriber=subscriber("mate"))
    EnrolmentFactory(run=run, profile=profile)
    return profile


def subscriber(name):
    return Subscriber.objects.create(address=f"{name}@reads.example.org", languages=["en"])


def reached(criteria):
    return set(narrow(Subscriber.objects.all(), criteria).values_list("profile", flat=True))


def test_until_staff_say_who_it_is_nobody_sees_and_nothing_is_seen(came_by_slip, classmate, run):
    one, other = came_by_slip, classmate

    assert [person.key for person in seen(other.user, visible_to(other.user))] == [other.key]
    assert [person.key for person in seen(one.user, visible_to(one.user))] == [one.key]
    assert audiences_of(one.user) == audiences_of_pages(one.user) == {"public"}
    assert reached({"audience": "members"}) == {other.pk}
    assert reached({"audience": f"run:{run.slug}"}) == {other.pk}


def test_once_staff_have_said_so_both_see_each_other(came_by_slip, classmate, run, colleague):
    assert accounts.identify(profile=came_by_slip, by=colleague)

    one, other = User.objects.get(pk=came_by_slip.user_id), User.objects.get(pk=classmate.user_id)
    came_by_slip.refresh_from_db()
    assert came_by_slip.identified_by == colleague
    assert len(seen(other, visible_to(other))) == len(seen(one, visible_to(one))) == 2
    assert audiences_of(one) == audiences_of_pages(one) == {"public", "members", f"run:{run.slug}"}
    assert reached({"audience": "members"}) == {came_by_slip.pk, classmate.pk}


def test_nobody_identifies_himself_and_nobody_twice(came_by_slip, colleague):
    with pytest.raises(PermissionDenied):
        accounts.identify(profile=came_by_slip, by=came_by_slip.user)

    assert accounts.identify(profile=came_by_slip, by=colleague)
    assert not accounts.identify(profile=came_by_slip, by=UserFactory())


def test_who_came_by_slip_accepts_and_chooses_all_the_same(card, person):
    come_in(Client(), card)
    person.refresh_from_db()

    profiles.accept(profile=person, by=person.user, language="en")

    assert not person.is_member
    assert person.has_accepted


def test_a_call_that_reached_the_person_gives_a_code_by_voice(person, colleague):
    call, code = slips.record_call(profile=person, result="reached", by=colleague)
    client = Client()
    answer = redeem(client, code)
    client.post(answer["Location"], {"code": code_in(mail.outbox[-1])})

    person.refresh_from_db()
    assert (call.number, call.by, call.result) == ("+254 20 000 000", colleague, "reached")
    assert (person.door, person.is_identified) == ("call", False)
    assert code.replace(" ", "") not in everything_stored()


@pytest.mark.parametrize("result", ["no_answer", "wrong", "refused"])
def test_a_call_that_did_not_reach_the_person_is_noted_and_gives_nothing(person, colleague, result):
    _call, code = slips.record_call(profile=person, result=result, by=colleague)

    assert code == ""
    assert Call.objects.get().result == result
    assert not Slip.objects.exists()


def test_there_is_no_call_to_a_number_that_was_not_nominated(person, colleague):
    Profile.objects.update(phone="")

    with pytest.raises(PermissionDenied):
        slips.record_call(profile=person, result="reached", by=colleague)

    assert not Call.objects.exists()
