"""Somebody on no list: two different colleagues, a check outside e-mail, nothing before that."""

from __future__ import annotations

import datetime as dt
import re
import threading

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from alumni import today
from alumni.joining import accounts, doors, vouching
from alumni.models import Access, Enrolment, Profile, User, Vouching
from alumni.models.vouching import WAITS_FOR
from alumni.privacy import access, erasure, export, retention
from newsletters.models import Letter
from tests.factories.alumni import CourseRunFactory, EnrolmentFactory, ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db

RUN = "/cms/joining/winter/"
NEW = f"{RUN}on-no-list/"
PERSON = {
    "given_name": "Amina",
    "family_name": "Qanary",
    "address": "Amina@Example.org",
    "phone": "+254 700 000 001",
    "country": "KE",
    "role": "judge",
    "institution": "Court of Qanary",
    "institution_type": "police",
    "post": "Registrar",
    "languages": ["en", "fr"],
    "completion": "attended",
}
CHECK = {
    "how": "switchboard",
    "answered_by": "The head of the registry",
    "checked_on": dt.date(2026, 3, 1),
    "said": "She works there and was away for the course.",
}
WORD = "I called the same office."


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def run():
    return CourseRunFactory(slug="winter")


def colleague(*rights, name=""):
    user = UserFactory(first_name=name, last_name="of the centre" if name else "")
    user.user_permissions.add(*Permission.objects.filter(codename__in=["access_admin", *rights]))
    return User.objects.get(pk=user.pk)


@pytest.fixture
def first():
    return colleague("view_profile", "change_profile", "add_profile", name="Mariam")


@pytest.fixture
def second():
    return colleague("view_profile", "change_profile", "add_profile", name="Yusuf")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def proposed(run, by, **fields):
    draft = Vouching(run=run, **PERSON | CHECK | fields)
    draft.clean()
    return vouching.propose(draft=draft, by=by)


def typed(**fields):
    """What a browser sends."""
    data = PERSON | CHECK | fields
    languages = dict(zip(("languages_0", "languages_1"), data.pop("languages"), strict=False))
    return data | languages


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_two_colleagues_bring_a_person_in_as_a_row_of_a_list_would(run, first, second):
    one = proposed(run, first)

    person = vouching.confirm(vouching=one, by=second, word=WORD)

    person.refresh_from_db()
    kept = {name: getattr(person, name) for name in PERSON if name != "completion"}
    assert kept == {n: v for n, v in PERSON.items() if n != "completion"} | {
        "address": "amina@example.org"
    }
    [enrolment] = Enrolment.objects.all()
    assert (enrolment.run, enrolment.profile, enrolment.completion) == (run, person, "attended")
    assert (enrolment.institution, enrolment.post, enrolment.country) == (
        "Court of Qanary",
        "Registrar",
        "KE",
    )
    assert (person.user, person.accepted_at, person.tier, person.door) == (None, None, "", "")
    [row] = doors.people_of(run)
    assert row.stand is doors.Stand.NOT_INVITED
    assert accounts.is_awaited("amina@example.org")
    assert not Letter.objects.exists()


def test_before_the_second_word_there_is_nobody_and_no_way_in(run, first):
    proposed(run, first)

    assert not Profile.objects.exists()
    assert not accounts.is_awaited("amina@example.org")
    assert doors.people_of(run) == []
    assert not Letter.objects.exists()


def test_who_proposed_does_not_confirm_whatever_the_rights(run, first):
    one = proposed(run, first)
    User.objects.filter(pk=first.pk).update(is_superuser=True)
    first = User.objects.get(pk=first.pk)

    with pytest.raises(PermissionDenied):
        vouching.confirm(vouching=one, by=first, word=WORD)

    assert not Profile.objects.exists()
    assert Vouching.objects.get().state == "open"


def test_the_database_refuses_one_colleague_twice(run, first):
    one = proposed(run, first)
    decided = {"decided_by": first.pk, "decided_at": timezone.now(), "word": WORD}
    row = Vouching.objects.filter(pk=one.pk)

    with (
        pytest.raises(IntegrityError, match="two_colleagues_bring_somebody_in"),
        transaction.atomic(),
    ):
        row.update(
            state="confirmed",
            profile=ProfileFactory(),
            languages=[],
            **vouching.EMPTIED,
            **decided,
        )


@pytest.mark.parametrize("rights", [(), ("view_profile", "change_profile")])
def test_only_who_may_import_a_list_proposes_and_decides(run, first, rights):
    one, other = proposed(run, first), colleague(*rights)

    with pytest.raises(PermissionDenied):
        proposed(run, other)
    with pytest.raises(PermissionDenied):
        vouching.confirm(vouching=one, by=other, word=WORD)
    with pytest.raises(PermissionDenied):
        vouching.refuse(vouching=one, by=other, word=WORD)

    assert list(Vouching.objects.values_list("state", flat=True)) == ["open"]


@pytest.mark.parametrize("wrong", [{"how": "mail"}, {"answered_by": ""}, {"said": ""}])
def test_a_check_is_outside_mail_and_says_who_and_what(run, first, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        proposed(run, first, **wrong)


def test_a_proposal_is_read_as_it_was_written_and_stands_once_decided(run, first, second):
    one = proposed(run, first)
    with pytest.raises(DatabaseError), transaction.atomic():
        Vouching.objects.filter(pk=one.pk).update(address="another@example.org")
    vouching.confirm(vouching=one, by=second, word=WORD)

    for change in ({"said": "Nothing"}, {"word": "Nothing"}, {"decided_by": 5}, {"how": "met"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Vouching.objects.filter(pk=one.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Vouching.objects.filter(pk=one.pk).delete()


def test_once_confirmed_the_check_alone_is_kept(run, first, second):
    one = proposed(run, first)

    person = vouching.confirm(vouching=one, by=second, word=WORD)

    [row] = Vouching.objects.values()
    assert {row[name] for name in vouching.EMPTIED} == {""}
    assert row["profile_id"] == person.pk
    assert (row["how"], row["answered_by"], row["said"]) == (
        CHECK["how"],
        CHECK["answered_by"],
        CHECK["said"],
    )
    assert (row["proposed_by"], row["decided_by"]) == (first.pk, second.pk)
    assert (row["proposed_by_name"], row["decided_by_name"], row["word"]) == (
        "Mariam of the centre",
        "Yusuf of the centre",
        WORD,
    )


def test_the_record_outlives_the_account_of_a_colleague(run, first, second):
    vouching.confirm(vouching=proposed(run, first), by=second, word=WORD)

    first.delete()

    assert Vouching.objects.get().proposed_by_name == "Mariam of the centre"


def test_refused_or_taken_back_nobody_comes_and_it_is_decided_once(run, first, second):
    one, own = (
        proposed(run, first),
        proposed(run, first, given_name="Badr", address="b@example.org"),
    )

    assert vouching.refuse(vouching=one, by=second, word="Unknown at the office.")
    assert vouching.refuse(vouching=own, by=first, word="I mistyped the name.")

    assert not vouching.refuse(vouching=one, by=second, word=WORD)
    assert vouching.confirm(vouching=one, by=second, word=WORD) is None
    assert not Profile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_confirmed_twice_at_once_makes_one_person(run, first, second):
    one, third = proposed(run, first), colleague("add_profile")
    both, got = threading.Barrier(2), []

    def press(user):
        both.wait()
        try:
            got.append(vouching.confirm(vouching=one, by=user, word=WORD))
        finally:
            connection.close()

    presses = [threading.Thread(target=press, args=[user]) for user in (second, third)]
    for press_ in presses:
        press_.start()
    for press_ in presses:
        press_.join()

    assert sorted(found is not None for found in got) == [False, True]
    assert (Profile.objects.count(), Enrolment.objects.count()) == (1, 1)


def test_a_word_that_came_between_is_not_undone(run, first, second, monkeypatch):
    one, write = proposed(run, first), vouching.write

    def refused_meanwhile(run, lines):
        write(run, lines)
        vouching.refuse(vouching=one, by=first, word="Taken back meanwhile.")

    monkeypatch.setattr(vouching, "write", refused_meanwhile)

    assert vouching.confirm(vouching=one, by=second, word=WORD) is None
    assert not Profile.objects.exists()


def test_who_was_erased_is_not_proposed(run, first):
    gone = ProfileFactory(given_name="Amina", family_name="Qanary", address="amina@example.org")
    EnrolmentFactory(profile=gone, run=run)
    erasure.erase(profile=gone, by=None, language="en", how="test")

    for fields in ({}, {"given_name": "Other"}, {"address": "new@example.org"}):
        with pytest.raises(ValidationError, match="asked to be erased"):
            proposed(run, first, **fields)

    assert not Vouching.objects.exists()


def test_who_was_erased_meanwhile_is_not_confirmed(run, first, second):
    one = proposed(run, first)
    gone = ProfileFactory(given_name="Another", family_name="One", address="amina@example.org")
    ProfileFactory(given_name="Third", family_name="One", address="amina@example.org")
    erasure.erase(profile=gone, by=None, language="en", how="test")
    assert Vouching.objects.get() == one  # another name at a mailbox that is shared
    third = Profile.objects.get()
    erasure.erase(profile=third, by=None, language="en", how="test")

    assert not Vouching.objects.exists()
    assert vouching.confirm(vouching=one, by=second, word=WORD) is None
    with pytest.raises(ValidationError, match="asked to be erased"):
        vouching.look(one) and vouching._fitting(one)


def test_erasing_forgets_the_proposal_of_the_same_name_and_the_confirmed_one(run, first, second):
    person = vouching.confirm(vouching=proposed(run, first), by=second, word=WORD)
    proposed(CourseRunFactory(slug="other"), first)

    erasure.erase(profile=person, by=None, language="en", how="test")

    assert not Vouching.objects.exists()


def test_whoever_has_the_address_already_is_not_merged(run, first, second):
    other = ProfileFactory(given_name="Badr", family_name="Else", address="amina@example.org")
    one = proposed(run, first)
    assert any("Shares a mailbox with Badr Else" in note for note in vouching.look(one).notes)

    person = vouching.confirm(vouching=one, by=second, word=WORD)

    assert person != other
    assert Profile.objects.filter(address="amina@example.org").count() == 2


def test_a_member_of_the_same_name_and_address_keeps_everything_and_gets_the_course(
    run, first, second
):
    member = ProfileFactory(
        joined=True, given_name="Amina", family_name="Qanary", address="amina@example.org", post=""
    )

    person = vouching.confirm(vouching=proposed(run, first), by=second, word=WORD)

    member.refresh_from_db()
    assert person == member
    assert (member.phone, member.post, member.institution) == ("", "", "")
    assert list(run.enrolments.values_list("profile", flat=True)) == [member.pk]


def test_who_stands_on_the_course_is_mended_there(run, first):
    there = ProfileFactory(given_name="Amina", family_name="Qanary", address="")
    EnrolmentFactory(profile=there, run=run)

    with pytest.raises(ValidationError, match="stands on this course already"):
        proposed(run, first)


@pytest.mark.parametrize("wrong", ["=1+1", "*|FNAME|*", "{{ name }}"])
def test_what_a_list_may_not_hold_a_proposal_may_not_either(run, first, wrong):
    with pytest.raises(ValidationError):
        proposed(run, first, family_name=wrong)


def test_who_brought_me_in_stands_with_what_is_kept_of_me(run, first, second):
    person = vouching.confirm(vouching=proposed(run, first), by=second, word=WORD)
    Profile.objects.filter(pk=person.pk).update(user=UserFactory())
    person.refresh_from_db()

    [line] = access.history(person)
    told = {one.label: one for one in export.sections(person, by=person.user)}["alumni.Vouching"]

    assert line.who == "Yusuf of the centre"
    assert "Mariam of the centre" in line.detail
    assert Access.objects.get().what == "vouched"
    [row] = told.rows
    assert (row["said"], row["how"], row["word"]) == (CHECK["said"], "switchboard", WORD)
    assert row["proposed_by_name"] == "Mariam of the centre"
    assert not {"answered_by", "proposed_by", "decided_by", "profile_id"} & row.keys()


def test_after_sixty_days_an_unconfirmed_one_is_gone_and_a_confirmed_one_stays(run, first, second):
    waits = proposed(run, first)
    no = proposed(run, first, given_name="Badr", address="badr@example.org")
    yes = proposed(run, first, given_name="Chidi", address="chidi@example.org")
    vouching.refuse(vouching=no, by=second, word="Unknown at the office.")
    vouching.confirm(vouching=yes, by=second, word=WORD)
    now = timezone.now()

    retention.carry_out(now + WAITS_FOR - dt.timedelta(minutes=5))
    assert Vouching.objects.count() == 3
    with time_machine.travel(now + WAITS_FOR + dt.timedelta(minutes=5), tick=False):
        assert vouching.confirm(vouching=waits, by=second, word=WORD) is None
        retention.carry_out()

    assert list(Vouching.objects.all()) == [yes]


def test_the_form_keeps_a_proposal_and_says_who_is_next(run, first):
    client = signed_in(first)

    answer = client.post(NEW, typed(), follow=True)

    [one] = Vouching.objects.all()
    assert (one.name, one.address, one.languages) == (
        "Amina Qanary",
        "amina@example.org",
        ["en", "fr"],
    )
    assert (one.proposed_by, one.proposed_by_name) == (first.pk, "Mariam of the centre")
    assert "waits for the second look of a different colleague" in text(answer)
    assert "Amina Qanary" in text(client.get(RUN))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"address": "", "phone": ""}, "Write an address, or a number to call."),
        ({"given_name": "", "family_name": ""}, "Write the name."),
        ({"how": "mail"}, "Select a valid choice"),
        ({"how": ""}, "This field is required."),
        ({"said": "", "answered_by": ""}, "This field is required."),
        ({"checked_on": dt.date(2099, 1, 1)}, "Make the check first."),
        ({"address": "no address"}, "valid email"),
    ],
)
def test_the_form_asks_for_what_is_missing(run, first, wrong, said):
    answer = signed_in(first).post(NEW, typed(**wrong))

    assert answer.status_code == 422
    assert said in text(answer)
    assert not Vouching.objects.exists()


def test_the_screen_tells_who_proposed_why_not_and_what_to_do(run, first):
    one, client = proposed(run, first), signed_in(first)

    page = client.get(f"{NEW}{one.key}/")
    answer = client.post(f"{NEW}{one.key}/", {"confirm": "1", "word": WORD})

    assert "you cannot confirm" in text(page)
    assert 'name="confirm"' not in page.content.decode()
    assert answer.status_code == 422
    assert "Ask a different colleague" in text(answer)
    assert not Profile.objects.exists()


def test_the_second_colleague_reads_the_check_and_confirms(run, first, second):
    one, client = proposed(run, first), signed_in(second)

    page = text(client.get(f"{NEW}{one.key}/"))
    answer = client.post(f"{NEW}{one.key}/", {"confirm": "1", "word": WORD}, follow=True)

    for fact in ("amina@example.org", *(CHECK[name] for name in ("answered_by", "said"))):
        assert fact in page
    assert "Mariam of the centre" in page
    assert "Amina Qanary stands on this course now" in text(answer)
    assert Profile.objects.get().name == "Amina Qanary"
    assert client.get(f"{NEW}{one.key}/").status_code == 404


def test_refusing_on_the_screen_takes_a_reason(run, first, second):
    one, client = proposed(run, first), signed_in(second)

    assert client.post(f"{NEW}{one.key}/", {"refuse": "1", "word": ""}).status_code == 422
    client.post(f"{NEW}{one.key}/", {"refuse": "1", "word": "Unknown at the office."})

    assert Vouching.objects.get().state == "refused"
    assert "Unknown at the office." in text(client.get(f"{NEW}{one.key}/"))


def test_looking_changes_nothing(run, first, second):
    one, client = proposed(run, first), signed_in(second)

    for path in (NEW, f"{NEW}{one.key}/", RUN):
        client.get(path)

    assert Vouching.objects.get().state == "open"
    assert not Profile.objects.exists()


@pytest.mark.parametrize(
    "rights", [(), ("view_profile", "change_profile"), ("add_profile",), ("view_profile",)]
)
def test_without_the_right_the_screens_are_closed_and_tell_nothing(run, first, rights):
    one, client = proposed(run, first), signed_in(colleague(*rights))

    for path in (NEW, f"{NEW}{one.key}/"):
        for answer in (client.get(path), client.post(path, {"confirm": "1", "word": WORD})):
            assert answer.status_code in (302, 403)
            assert "Qanary" not in answer.content.decode()
    assert "Qanary" not in client.get(RUN, follow=True).content.decode()
    assert Vouching.objects.get().state == "open"


def test_another_course_s_proposal_answers_like_none(run, first, second):
    CourseRunFactory(slug="autumn")
    one, client = proposed(run, first), signed_in(second)

    answers = [
        client.post(f"/cms/joining/autumn/on-no-list/{key}/", {"confirm": "1", "word": WORD})
        for key in (one.key, "A" * 22)
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert not Profile.objects.exists()


def test_a_members_word_is_no_colleagues(run, first):
    one = proposed(run, first)
    member = ProfileFactory(joined=True)
    EnrolmentFactory(profile=member, run=run)

    for client in (Client(), signed_in(member.user)):
        assert client.get(f"{NEW}{one.key}/").status_code in (302, 403, 404)
        page = client.get("/en/members/courses/winter/", follow=True).content.decode()
        assert "Qanary" not in page


def test_today_asks_every_other_colleague_and_never_the_one_who_proposed(run, first, second):
    one = proposed(run, first)
    now = timezone.now()

    asked = [s for s in today.sentences(second, now) if "second look" in s.text]
    own = [s for s in today.sentences(first, now) if "second look" in s.text]

    assert [s.text for s in asked] == [
        f"Somebody of {run} who is on no list waits for your second look."
    ]
    assert str(asked[0].url) == f"{NEW}{one.key}/"
    assert own == []
    later = now + WAITS_FOR + dt.timedelta(minutes=5)
    with time_machine.travel(later, tick=False):
        assert not [s for s in today.sentences(second, later) if "second look" in s.text]
