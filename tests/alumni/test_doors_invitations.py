"""Invitations: staff start, so many a day, what comes back stops them, a link opens one door."""

import datetime as dt
import re
import threading

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from psycopg import sql

from alumni.joining import invitations
from alumni.models import Invitation, Profile, User, Wave
from config.logs import LineFormatter
from newsletters import letters
from newsletters.addresses import keyed_hash
from newsletters.models import Letter, Report, SiteInstance, Suppression
from tests.factories.alumni import (
    CourseRunFactory,
    EnrolmentFactory,
    ProfileFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MONDAY = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
DEAD = "/en/members/invitation/nothing-of-ours/"


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def colleague():
    return UserFactory(email="colleague@example.org")


def cohort(size, **run):
    run = CourseRunFactory(**run)
    for _person in range(size):
        EnrolmentFactory(run=run)
    return run


def deliver():
    """Hand over what waits, as the worker does."""
    SiteInstance.objects.get_or_create(name=settings.SITE_INSTANCE)
    for letter in Letter.objects.filter(state=Letter.State.QUEUED):
        letters.hand_over(letter.pk)


def link_in(message):
    return re.search(r"https?://[^/]+(/\w\w/members/invitation/[^/]+/)", message.body).group(1)


@pytest.fixture
def invited(colleague):
    """One person, mailed; the profile and the link in the mail."""
    run = cohort(1, languages=["en"])
    invitations.start(run=run, by=colleague)
    invitations.send_due()
    deliver()
    profile = Profile.objects.get(enrolments__run=run)
    return profile, link_in(mail.outbox[-1])


def everything_stored():
    """All text of all tables of ours and of allauth, sessions included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        names = [name for (name,) in cursor.fetchall()]
        text = ""
        for name in names:
            cursor.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name)))
            text += "\n".join(row for (row,) in cursor.fetchall())
    return text


def test_nobody_is_invited_before_staff_start(colleague):
    cohort(3)

    assert invitations.send_due() == 0
    assert not Letter.objects.exists()


def test_the_twenty_sixth_waits_for_tomorrow(colleague):
    run = cohort(28)
    invitations.start(run=run, by=colleague)

    with time_machine.travel(MONDAY, tick=False):
        first_day = [invitations.send_due(), invitations.send_due()]
    with time_machine.travel(MONDAY + dt.timedelta(days=1), tick=False):
        second_day = invitations.send_due()

    assert (first_day, second_day) == ([25, 0], 3)
    assert Invitation.objects.count() == 28


def test_the_newest_course_comes_first(colleague, settings):
    settings.RABITA_INVITATIONS_A_DAY = 2
    old = cohort(2, starts_on=dt.date(2020, 1, 1), ends_on=dt.date(2020, 1, 5))
    new = cohort(2, starts_on=dt.date(2026, 1, 1), ends_on=dt.date(2026, 1, 5))
    for run in (old, new):
        invitations.start(run=run, by=colleague)

    invitations.send_due()

    assert set(Invitation.objects.values_list("run", flat=True)) == {new.pk}


def test_a_person_of_two_courses_is_invited_once(colleague):
    run, other = cohort(1), cohort(0)
    EnrolmentFactory(run=other, profile=Profile.objects.get())
    for each in (run, other):
        invitations.start(run=each, by=colleague)

    assert invitations.send_due() == 1


def test_reminders_come_once_after_five_and_twelve_days(colleague):
    run = cohort(1)
    invitations.start(run=run, by=colleague)

    mailed = {}
    for day in range(20):
        with time_machine.travel(MONDAY + dt.timedelta(days=day), tick=False):
            mailed[day] = invitations.send_due() + invitations.send_due()

    assert [day for day, count in mailed.items() if count] == [0, 5, 12]
    assert set(mailed.values()) == {0, 1}


def test_after_an_outage_only_the_later_reminder_comes(colleague):
    run = cohort(1)
    invitations.start(run=run, by=colleague)
    with time_machine.travel(MONDAY, tick=False):
        invitations.send_due()

    with time_machine.travel(MONDAY + dt.timedelta(days=13), tick=False):
        mailed = [invitations.send_due(), invitations.send_due()]

    assert mailed == [1, 0]


def test_who_has_come_is_not_reminded(colleague):
    run = cohort(1)
    invitations.start(run=run, by=colleague)
    with time_machine.travel(MONDAY, tick=False):
        invitations.send_due()
    Profile.objects.update(user=UserFactory())

    with time_machine.travel(MONDAY + dt.timedelta(days=6), tick=False):
        assert invitations.send_due() == 0


def test_the_same_step_never_leaves_twice_whoever_tries(colleague):
    run = cohort(1)
    invitations.start(run=run, by=colleague)
    invitations.send_due()
    sent = Invitation.objects.get()

    sent.pk, sent.hash = None, "another"
    with pytest.raises(IntegrityError, match="each_step_is_mailed_once"), transaction.atomic():
        sent.save()


def test_an_address_not_to_be_written_to_is_left_out(colleague):
    run = cohort(2)
    first = Profile.objects.first()
    Suppression.objects.create(address=first.address, reason=Suppression.Reason.ASKED)
    invitations.start(run=run, by=colleague)

    invitations.send_due()

    assert Invitation.objects.exclude(profile=first).count() == Invitation.objects.count() == 1


def reported_gone(address, **fields):
    Report.objects.create(
        key=f"{keyed_hash(address)[:32]}:x",
        kind="bounced",
        reject_reason="bounced",
        **fields,
    )


def test_mailboxes_that_are_gone_stop_all_waves_and_say_why(colleague):
    run, other = cohort(20), cohort(1)
    for each in (run, other):
        invitations.start(run=each, by=colleague)
    invitations.send_due()
    for profile in Profile.objects.filter(enrolments__run=run)[:2]:
        reported_gone(profile.address)

    invitations.send_due()

    stopped = Wave.objects.order_by("pk")
    assert [(w.state, w.why, w.bounced, w.invited) for w in stopped] == [
        ("stopped", "bounces", 2, 21)
    ] * 2


def test_one_mailbox_that_is_gone_stops_nothing(colleague):
    run = cohort(3)
    invitations.start(run=run, by=colleague)
    invitations.send_due()
    reported_gone(Profile.objects.first().address)

    invitations.send_due()

    assert Wave.objects.get().state == "running"
    assert Invitation.objects.filter(bounced_at__isnull=False).count() == 1


def test_less_than_five_in_a_hundred_stop_nothing(colleague, settings):
    settings.RABITA_INVITATIONS_A_DAY = 50
    run = cohort(41)
    invitations.start(run=run, by=colleague)
    invitations.send_due()
    for profile in Profile.objects.all()[:2]:
        reported_gone(profile.address)

    invitations.send_due()

    assert Wave.objects.get().state == "running"


def test_a_full_mailbox_is_not_gone(colleague):
    run = cohort(2)
    invitations.start(run=run, by=colleague)
    invitations.send_due()
    for profile in Profile.objects.all():
        reported_gone(profile.address)
    Report.objects.update(reject_reason="other")

    invitations.send_due()

    assert Wave.objects.get().state == "running"


def test_letters_refused_at_the_door_stop_the_wave_too(colleague):
    run = cohort(2)
    invitations.start(run=run, by=colleague)
    invitations.send_due()
    Letter.objects.update(state=Letter.State.FAILED)

    invitations.send_due()

    assert Wave.objects.get().why == "bounces"


def test_staff_may_go_on_after_a_stop_and_the_past_counts_no_more(colleague):
    run = cohort(3)
    with time_machine.travel(MONDAY, tick=False):
        invitations.start(run=run, by=colleague)
        invitations.send_due()
        for profile in Profile.objects.all()[:2]:
            reported_gone(profile.address, received_at=MONDAY)
        invitations.send_due()

    with time_machine.travel(MONDAY + dt.timedelta(days=1), tick=False):
        invitations.start(run=run, by=colleague)
        invitations.send_due()

    assert Wave.objects.get().state == "running"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_invite_each_person_once(colleague):
    run = cohort(30)
    invitations.start(run=run, by=colleague)
    both = threading.Barrier(2)

    def work():
        both.wait()
        try:
            invitations.send_due()
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert Invitation.objects.count() == 25


def test_the_mail_names_neither_network_nor_person_outside(invited, settings):
    profile, _link = invited
    message = mail.outbox[-1]
    network = settings.PACK.name_of(settings.PACK.network_name, "en")

    assert message.subject == "A personal invitation for you"
    assert network not in message.subject + message.from_email
    assert "<" not in message.from_email
    for text in (message.body, message.alternatives[0][0]):
        assert profile.given_name not in text
        assert profile.family_name not in text


def test_the_mail_is_in_the_person_s_language(colleague):
    run = cohort(1, languages=["en"])
    Profile.objects.update(languages=["xx", "ar", "en"])
    invitations.start(run=run, by=colleague)
    invitations.send_due()
    deliver()

    assert link_in(mail.outbox[-1]).startswith("/ar/")


def test_no_token_stands_anywhere_once_the_mail_has_left(invited, caplog):
    _profile, link = invited
    token = link.split("/")[-2]

    Client().post(link)

    logged = "".join(LineFormatter().format(record) for record in caplog.records)
    assert "POST /en/members/invitation/…/" in logged
    assert token not in everything_stored() + logged


def test_looking_at_the_link_changes_nothing(invited):
    profile, link = invited
    before = everything_stored()

    for method in ("get", "head", "get", "options"):
        getattr(Client(), method)(link)

    assert everything_stored() == before
    assert Client().get(link).status_code == 200
    assert not User.objects.filter(email=profile.address).exists()


def test_the_button_signs_in_and_leads_to_joining(invited):
    profile, link = invited
    client = Client()

    answer = client.post(link)

    profile.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, "/en/members/me/")
    assert (profile.user.email, profile.door) == (profile.address, "mail")
    assert not profile.has_accepted
    assert profile.is_identified
    assert EmailAddress.objects.get(user=profile.user).verified
    assert "Welcome, " in client.get("/en/members/me/").content.decode()


def bare(answer):
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return answer.status_code, re.sub(r"/members/invitation/[^/\"]+/", "/", body)


def test_a_used_an_old_and_an_unknown_link_answer_alike(colleague, invited):
    profile, used = invited
    Client().post(used)
    old_profile = EnrolmentFactory(run=profile.enrolments.get().run).profile
    invitations.send_due()
    deliver()
    old = link_in(mail.outbox[-1])

    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=14, minutes=1)):
        for method in ("get", "post"):
            answers = [bare(getattr(Client(), method)(path)) for path in (used, old, DEAD)]
            assert answers == [answers[2]] * 3
            assert answers[0][0] == 404
        assert Profile.objects.get(pk=old_profile.pk).user is None


def test_an_old_link_gets_a_fresh_one_to_the_same_address_and_an_unknown_one_nothing(invited):
    profile, link = invited
    before = len(mail.outbox)

    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=15)):
        answers = [Client().post(path, {"fresh": "1"}) for path in (link, link, DEAD)]
        deliver()
        opened = Client().post(link_in(mail.outbox[-1]))

    assert {(a.status_code, a["Location"]) for a in answers} == {(302, "/en/members/invitation/")}
    assert [message.to for message in mail.outbox[before:]] == [[profile.address]]
    assert opened["Location"] == "/en/members/me/"


def test_one_network_asks_for_fresh_links_five_times_an_hour(invited):
    _profile, link = invited

    answers = [Client().post(link, {"fresh": "1"}).status_code for _try in range(6)]

    assert answers == [302] * 5 + [429]


def test_two_on_one_mailbox_each_reach_their_own_page(colleague):
    run = CourseRunFactory(languages=["en"])
    people = [
        EnrolmentFactory(
            run=run,
            profile=ProfileFactory(given_name=name, address="desk@example.org"),
        ).profile
        for name in ("Grace", "Moses")
    ]
    invitations.start(run=run, by=colleague)
    invitations.send_due()
    deliver()
    links = {profile.pk: None for profile in people}
    for message in mail.outbox:
        name = "Grace" if "G. F." in message.body else "Moses"
        links[next(p.pk for p in people if p.given_name == name)] = link_in(message)

    second = Client().post(links[people[1].pk])
    first = Client().post(links[people[0].pk])

    for person in people:
        person.refresh_from_db()
    assert second.status_code == 302
    assert people[1].user.email == "desk@example.org"
    assert first.status_code == 409
    assert "You need an address of your own" in first.content.decode()
    assert people[0].user is None
    assert Client().get(links[people[0].pk]).status_code == 200


def test_who_is_signed_in_as_someone_else_is_asked_to_sign_out(invited):
    profile, link = invited
    client = Client()
    client.force_login(UserFactory())

    answer = client.post(link)

    profile.refresh_from_db()
    assert answer.status_code == 409
    assert profile.user is None
    assert Client().post(link).status_code == 302


def test_who_began_to_sign_up_with_a_stranger_s_address_does_not_get_in_with_the_stranger(invited):
    profile, link = invited
    waits = Client()
    answer = waits.post("/en/accounts/signup/", {"email": profile.address})
    begun = User.objects.get(email=profile.address)

    Client().post(link)

    profile.refresh_from_db()
    assert profile.user.email == profile.address
    assert profile.user != begun
    code = re.search(r"\b[A-Z0-9]{4}-?[A-Z0-9]{4}\b|\b[A-Z0-9]{6}\b", mail.outbox[-1].body)
    waits.post(answer["Location"], {"code": code.group()})
    assert "_auth_user_id" not in waits.session


def test_a_second_factor_is_asked_for_where_there_is_one(invited):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    profile, link = invited
    user = UserFactory(email=profile.address)
    TOTP.activate(user, generate_totp_secret())
    client = Client()

    answer = client.post(link)

    assert answer["Location"].startswith("/en/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in client.session


def test_a_link_does_not_follow_the_person_to_another_address(invited):
    profile, link = invited
    Profile.objects.filter(pk=profile.pk).update(address="elsewhere@example.org")

    assert Client().get(link).status_code == 404
    assert Client().post(link).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_one_link_pressed_twice_at_once_makes_one_account(invited):
    profile, link = invited
    both, answers = threading.Barrier(2), []

    def press():
        client = Client()
        both.wait()
        try:
            answers.append(client.post(link).status_code)
        finally:
            connection.close()

    presses = [threading.Thread(target=press) for _press in range(2)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()

    assert sorted(answers) == [302, 404]
    assert User.objects.filter(email=profile.address).count() == 1
