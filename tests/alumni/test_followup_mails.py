"""From the end of a course to an answer: who gets the mail, what it says, what leaving it means."""

from __future__ import annotations

import datetime as dt
from email import message_from_bytes, policy

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.test import Client

from alumni.followup import answers, asking, mails, rounds
from alumni.models import Answer, Hiding
from alumni.privacy import consents, hiding
from localmail import Mailbox
from newsletters import plans, subscriptions, tallies
from newsletters.models import Batch, Issue, Suppression
from newsletters.pipeline import claim, deliver, freeze
from tests.alumni.conftest import DAY, ENDED
from tests.factories.alumni import EnrolmentFactory, ProfileFactory
from tests.factories.newsletters import NewsletterFactory
from tests.mailcheck import check_mail

pytestmark = pytest.mark.django_db


def due(day=DAY):
    return [
        (one.step.code, one.anchor, one.people)
        for one in plans.due(day, now=dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC))
    ]


def test_the_packs_waves_are_steps_with_their_reminders(asks):
    found = asks.steps.values_list("code", "after__code")

    assert list(found)[:4] == [
        ("3-months", None),
        ("3-months-again-1", "3-months"),
        ("3-months-again-2", "3-months-again-1"),
        ("6-months", None),
    ]
    assert len(found) == 9


def test_agreeing_needs_no_second_mail_and_ties_the_mailbox_to_the_person(participant):
    profile = participant("amina@example.org", "ar")

    assert profile.answers_questions
    assert profile.subscriber.address == "amina@example.org"
    assert profile.subscriber.languages == ["ar"]
    assert profile.subscriber.subscriptions.get().state == "confirmed"
    assert [one.purpose for one in consents.history(profile)] == ["survey"]
    assert due() == [("3-months", "winter", 1)]


def test_an_unproved_mailbox_is_not_written_to_and_the_question_stands_on_the_page(asks, ended_run):
    profile = ProfileFactory(joined=True, address="typed@example.org")
    EmailAddress.objects.update(verified=False)
    EnrolmentFactory(profile=profile, run=ended_run)

    reached = asking.agree(profile=profile, given=True, language="en", by=profile.user)

    profile.refresh_from_db()
    assert (reached, profile.answers_questions, profile.subscriber) == (False, True, None)
    assert due() == []
    assert [one.wave.code for one in asking.waiting_for(profile, DAY)] == ["3-months"]


def test_a_suppressed_mailbox_is_not_written_to(asks, ended_run):
    Suppression.objects.create(address="gone@example.org", reason="bounce")
    profile = ProfileFactory(joined=True, address="gone@example.org")
    EnrolmentFactory(profile=profile, run=ended_run)

    assert not asking.agree(profile=profile, given=True, language="en", by=profile.user)
    assert due() == []


def test_nobody_agrees_for_someone_else(participant):
    profile, other = participant("amina@example.org"), participant("badr@example.org")

    with pytest.raises(PermissionDenied):
        asking.agree(profile=profile, given=False, language="en", by=other.user)


def test_taking_it_back_leaves_the_newsletter_and_leaving_takes_it_back(participant):
    amina, badr = participant("amina@example.org"), participant("badr@example.org")

    asking.agree(profile=amina, given=False, language="en", by=amina.user)
    subscriptions.unsubscribe(
        badr.subscriber.subscriptions.get(), how="button in the mail", language="en"
    )

    for profile, how in ((amina, "web form"), (badr, "button in the mail")):
        profile.refresh_from_db()
        assert not profile.answers_questions
        assert profile.subscriber.subscriptions.get().state == "left"
        last = consents.history(profile)[-1]
        assert (last.purpose, last.given, last.how) == ("survey", False, how)
    assert due() == []


def test_who_undoes_the_leaving_is_asked_again(participant):
    profile = participant("amina@example.org")
    subscription = profile.subscriber.subscriptions.get()
    subscriptions.unsubscribe(subscription, how="link in the mail", language="en")

    subscription.refresh_from_db()
    assert subscriptions.return_to(subscription, language="en")

    profile.refresh_from_db()
    assert profile.answers_questions
    assert due() == [("3-months", "winter", 1)]


def test_leaving_another_newsletter_changes_nothing_here(participant):
    profile = participant("amina@example.org")
    other = NewsletterFactory()
    row = subscriptions.accept(
        address="amina@example.org", newsletter=other, language="en", how="web form"
    )

    subscriptions.unsubscribe(row, how="link in the mail", language="en")

    profile.refresh_from_db()
    assert profile.answers_questions


def test_who_hides_is_left_in_peace(participant):
    profile = participant("amina@example.org")
    participant("badr@example.org")

    Hiding.objects.create(profile=profile, is_own=True)

    assert due() == [("3-months", "winter", 1)]


def hides(profile):
    hiding.hide_me(profile=profile, by=profile.user)


def answers_on_the_page(profile):
    Answer.objects.create(enrolment=profile.enrolments.get(), wave="3-months", first="used")


def was_not_there(profile):
    profile.enrolments.all().delete()


def is_asked_later_too(profile):
    Answer.objects.create(enrolment=profile.enrolments.get(), wave="6-months", first="used")


@pytest.mark.parametrize(
    ("happens", "reached"),
    [
        (hides, ["badr@example.org"]),
        (answers_on_the_page, ["badr@example.org"]),
        (was_not_there, ["badr@example.org"]),
        (is_asked_later_too, ["amina@example.org", "badr@example.org"]),
    ],
)
@pytest.mark.parametrize("code", ["3-months", "3-months-again-1"])
def test_a_question_that_waited_goes_to_whom_it_is_still_for(participant, code, happens, reached):
    amina, badr = participant("amina@example.org"), participant("badr@example.org")
    question, step = (rounds.newsletter().steps.get(code=one) for one in ("3-months", code))
    plans.send(question, anchor="winter", day=DAY, by=amina.user)
    if step != question:
        plans.send(step, anchor="winter", day=DAY + dt.timedelta(days=7), by=amina.user)
    issue = step.passages.get(subscriber=badr.subscriber).issue
    freeze.freeze(issue.pk)
    # Whatever the database's own clock says.
    Issue.objects.update(not_after=dt.datetime(2099, 1, 1, tzinfo=dt.UTC))
    Batch.objects.update(next_at=dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
    held = claim.claim_batch("test")

    happens(amina)

    assert [one.address for one in claim.look_again(held)] == reached
    assert tallies.tally(issue).not_theirs == 2 - len(reached)


def test_a_course_whose_end_is_moved_asks_by_the_new_date_and_once(participant, ended_run):
    participant("amina@example.org")
    ended_run.ends_on = ENDED + dt.timedelta(days=30)
    ended_run.save()
    assert due() == []

    later = DAY + dt.timedelta(days=30)
    assert due(later) == [("3-months", "winter", 1)]


@pytest.mark.parametrize("reference", ["", "3-months", "3-months:nowhere", "9-months:winter"])
def test_what_is_not_asked_is_not_written(ended_run, reference):
    assert mails.written(reference) == []


@pytest.mark.parametrize("code", ["3-months", "6-months-again-2"])
def test_the_mail_is_written_in_four_languages_with_the_first_question_as_links(ended_run, code):
    found = mails.written(f"{code}:winter")

    assert [one.language for one in found] == ["en", "fr", "ar", "pt"]
    wave = code[:8]
    for one in found:
        assert [link.purpose for link in one.links] == [
            f"answer:winter:{wave}:{answer}" for answer in ("used", "not-yet", "cannot")
        ]
        assert len(one.subject) <= 78


def test_a_courses_name_is_no_markup(ended_run):
    ended_run.course.title = {"en": "<b>Law & order</b>"}
    ended_run.course.save()

    (english, *_others) = mails.written("3-months:winter")

    assert "&lt;b&gt;Law &amp; order&lt;/b&gt;" in english.html
    assert "<b>Law & order</b>" in english.text


def test_one_tap_becomes_evidence(participant, ended_run, tmp_path, settings):
    amina = participant("amina@example.org", "ar")
    protected = participant("badr@example.org")
    protected.subscriber.discreet = True
    protected.subscriber.save()
    settings.EMAIL_BACKEND = "newsletters.mailgun.EmailBackend"
    step = rounds.newsletter().steps.get(code="3-months")

    with Mailbox(tmp_path, api_key="key-of-the-tests", test_mode=True) as running:
        settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_API_URL": running.api_url}
        issue = plans.send(step, anchor="winter", day=DAY, by=amina.user)
        freeze.freeze(issue.pk)
        while deliver.take_turn("test"):
            pass
        mails_by = {mail.to: mail for mail in running.client.mails()}
        for mail in mails_by.values():
            raw = message_from_bytes(running.client.raw(mail.id), policy=policy.default)
            check_mail(raw, bulk=True)
        discreet = message_from_bytes(
            running.client.raw(mails_by["badr@example.org"].id), policy=policy.default
        )

    # The reader at risk: neither course nor network nor subject in what stands outside.
    for header in ("From", "Subject", "List-Id"):
        assert "Reading for you" in str(discreet[header]).replace("\u2068", "").replace(
            "\u2069", ""
        )
    links = [
        link
        for link in _links(mails_by["amina@example.org"].html)
        if f"/n/go/{amina.subscriber.key}/" in link
    ]
    assert [link.rstrip("/").rpartition(":")[2] for link in links] == [
        "used", "not-yet", "cannot",
    ]  # fmt: skip

    browser = Client()
    for _scanner in range(3):
        page = browser.get(links[0].removeprefix(settings.SITE_URL), follow=True)
    assert page.wsgi_request.path.startswith("/ar/members/answer/")
    assert page.context["form"]["use"].value() == "used"
    assert not Answer.objects.exists()

    saved = browser.post(page.wsgi_request.path, {"use": "used"})
    assert saved.status_code == 302
    answer = Answer.objects.get()
    assert (answer.first, answer.enrolment.profile, answer.how) == ("used", amina, "mail")
    # Its own wave is closed, the later ones are not.
    assert due(DAY + dt.timedelta(days=7))[0][2] == 1
    assert ("6-months", "winter", 2) in due(ENDED + dt.timedelta(weeks=26))


def _links(html):
    import re

    return re.findall(r'href="([^"]+)"', html)


def test_the_members_page_leads_to_the_question_of_now(participant, client):
    profile = participant("amina@example.org")
    enrolment = profile.enrolments.get()
    today = dt.date.today()
    enrolment.run.starts_on = enrolment.run.ends_on = today - dt.timedelta(weeks=14)
    enrolment.run.save()
    client.force_login(profile.user)
    (asked,) = asking.waiting_for(profile, today)

    assert "/en/members/answer/" in client.get("/en/members/me/").content.decode()

    answers.answer(
        asked=asked, first="used", others={}, language="en", how=Answer.How.SITE, by=profile.user
    )
    assert "/members/answer/" not in client.get("/en/members/me/").content.decode()


def test_the_preference_page_offers_a_pause_and_no_countries(participant, client):
    profile = participant("amina@example.org")

    page = client.get(f"/n/p/{profile.subscriber.key}/").content.decode()
    row = profile.subscriber.subscriptions.get()

    assert f"s{row.pk}-pause" in page
    assert f"s{row.pk}-frequency" not in page
    saved = client.post(
        f"/n/p/{profile.subscriber.key}/", {f"s{row.pk}-pause": "30", "language_0": "en"}
    )
    assert saved.status_code == 302
    row.refresh_from_db()
    assert row.paused_until is not None
    assert row.interests == ["all"]
