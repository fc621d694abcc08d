"""Follow-up: a step happens to a reader once, and leaves as an ordinary mailing."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client as Browser

from localmail import Client
from newsletters import plans, schedule, subscriptions, tasks
from newsletters.models import (
    Cadence,
    Consent,
    Delivery,
    Issue,
    Newsletter,
    Passage,
    Step,
    Subscription,
    Suppression,
)
from newsletters.pipeline import claim, deliver, follow, freeze
from newsletters.sources import PersonalLink
from tests.factories.newsletters import (
    NewsletterFactory,
    SubscriptionFactory,
    own_this_database,
)
from tests.newsletters import fake_source
from tests.newsletters.test_interleavings import at_once

TODAY = dt.date(2026, 11, 26)
MORNING = dt.datetime(2026, 11, 26, 7, 30, tzinfo=dt.UTC)
"""Half past nine in Cairo."""


@pytest.fixture
def questions(db: None) -> Newsletter:
    """A newsletter with a question and a reminder; its hour has come."""
    own_this_database()
    newsletter = NewsletterFactory(kind="written", is_open=False)
    question = Step(code="question", criteria={"asks": "question"})
    reminder = Step(code="reminder", criteria={"asks": "reminder"}, after=question)
    assert plans.ensure_steps(newsletter, [question, reminder]) == 2
    schedule.ensure_cadences(newsletter, now=MORNING - dt.timedelta(days=1))
    for reference in ("question:course-a", "question:course-b", "reminder:course-a"):
        links = (
            PersonalLink("I have used it", f"answer:{reference}:used"),
            PersonalLink("Not yet", f"answer:{reference}:not-yet"),
        )
        fake_source.write(reference, "en ar", links=links)
    return newsletter


def reader(newsletter: Newsletter, address: str, **facts: Any) -> Subscription:
    return SubscriptionFactory(newsletter=newsletter, subscriber__address=address, **facts)


def falls(asks: str, day: dt.date, **anchors: str) -> None:
    fake_source.falls[asks, day] = {
        anchor.replace("_", "-"): set(people.split()) for anchor, people in anchors.items()
    }


def passages() -> list[tuple[str, str, str]]:
    rows = Passage.objects.order_by("step__order", "anchor", "subscriber__address")
    return list(rows.values_list("step__code", "anchor", "subscriber__address"))


def test_a_newsletter_with_steps_has_one_daily_rhythm(questions: Newsletter) -> None:
    assert list(questions.cadences.values_list("frequency", "next_at")) == [
        ("daily", MORNING.replace(minute=0))
    ]


def test_steps_that_stand_are_left_alone(questions: Newsletter) -> None:
    Step.objects.filter(code="question").update(criteria={"asks": "something else"})
    question = Step(code="question", criteria={"asks": "question"})

    made = plans.ensure_steps(questions, [question, Step(code="last", after=question)])

    assert made == 1
    assert Step.objects.get(code="question").criteria == {"asks": "something else"}
    assert Step.objects.get(code="last").after == Step.objects.get(code="question")


def test_one_mailing_a_course_goes_to_those_for_whom_it_falls_due(questions: Newsletter) -> None:
    for name in ("amina", "badr", "chanda", "dalia"):
        reader(questions, f"{name}@example.org")
    reader(questions, "left@example.org", state="left")
    falls(
        "question",
        TODAY,
        course_a="amina@example.org badr@example.org left@example.org",
        course_b="chanda@example.org",
    )

    assert [(one.step.code, one.anchor, one.people) for one in plans.due(TODAY, now=MORNING)] == [
        ("question", "course-a", 2),
        ("question", "course-b", 1),
    ]
    opened = plans.open_due(MORNING)

    assert [(one.kind, one.reference, one.state) for one in opened] == [
        ("written", "question:course-a", "approved"),
        ("written", "question:course-b", "approved"),
    ]
    assert passages() == [
        ("question", "course-a", "amina@example.org"),
        ("question", "course-a", "badr@example.org"),
        ("question", "course-b", "chanda@example.org"),
    ]
    frozen = freeze.freeze(opened[0].pk)
    assert frozen is not None
    assert (frozen.state, frozen.audience, frozen.excluded) == ("sending", 2, {})


def test_who_has_answered_while_a_question_waited_is_not_asked(questions: Newsletter) -> None:
    for name in ("amina", "badr"):
        reader(questions, f"{name}@example.org")
    falls("question", TODAY, course_a="amina@example.org badr@example.org")
    (issue,) = plans.open_due(MORNING)
    freeze.freeze(issue.pk)
    Issue.objects.update(not_after=dt.datetime(2099, 1, 1, tzinfo=dt.UTC))
    held = claim.claim_batch("test")
    assert held is not None
    assert held.batch.edition.only_for == [{"step": {"asks": "question"}, "anchor": "course-a"}]

    fake_source.answered.add("badr@example.org")

    assert [one.address for one in claim.look_again(held)] == ["amina@example.org"]


def test_nor_does_a_question_that_failed_go_again_to_who_has_answered(
    questions: Newsletter,
) -> None:
    for name in ("amina", "badr"):
        reader(questions, f"{name}@example.org")
    falls("question", TODAY, course_a="amina@example.org badr@example.org")
    (issue,) = plans.open_due(MORNING)
    freeze.freeze(issue.pk)
    Delivery.objects.update(exception="failed")
    assert follow.counts(issue, "retry") == {"": 2}

    fake_source.answered.add("badr@example.org")

    assert follow.counts(issue, "retry") == {"": 1, "not_theirs": 1}


def test_nothing_opens_before_its_hour_nor_twice_a_day(questions: Newsletter) -> None:
    reader(questions, "amina@example.org")
    falls("question", TODAY, course_a="amina@example.org")

    assert plans.open_due(MORNING - dt.timedelta(hours=1)) == []
    assert len(plans.open_due(MORNING)) == 1
    assert plans.open_due(MORNING + dt.timedelta(hours=2)) == []
    (row,) = Cadence.objects.all()
    assert row.next_at == MORNING.replace(minute=0) + dt.timedelta(days=1)


def test_a_step_happens_once_however_often_it_falls_due(questions: Newsletter) -> None:
    reader(questions, "amina@example.org")
    late = reader(questions, "late@example.org", state="pending", confirmed_at=None)
    for day in range(3):
        falls(
            "question",
            TODAY + dt.timedelta(days=day),
            course_a="amina@example.org late@example.org",
        )

    plans.open_due(MORNING)
    Subscription.objects.filter(pk=late.pk).update(state="confirmed", confirmed_at=MORNING)
    (second,) = plans.open_due(MORNING + dt.timedelta(days=1))

    assert [one.subscriber for one in second.passages.all()] == [late.subscriber]
    assert plans.open_due(MORNING + dt.timedelta(days=2)) == []
    falls("question", TODAY + dt.timedelta(days=9), course_a="amina@example.org")
    later = MORNING + dt.timedelta(days=9)
    assert plans.due(later.date(), now=later) == []


def test_a_reminder_is_for_those_who_were_asked_and_leaves_them_six_days(
    questions: Newsletter,
) -> None:
    reader(questions, "amina@example.org")
    reader(questions, "never-asked@example.org")
    falls("question", TODAY, course_a="amina@example.org")
    everyone = "amina@example.org never-asked@example.org"
    for day in range(1, 8):
        falls("reminder", TODAY + dt.timedelta(days=day), course_a=everyone)

    days = {
        day: [one.reference for one in plans.open_due(MORNING + dt.timedelta(days=day))]
        for day in range(8)
    }

    assert {day: found for day, found in days.items() if found} == {
        0: ["question:course-a"],
        6: ["reminder:course-a"],
    }
    assert [row for row in passages() if row[0] == "reminder"] == [
        ("reminder", "course-a", "amina@example.org")
    ]


def test_a_colleague_reminds_at_once_and_the_usual_day_then_finds_nobody(
    questions: Newsletter,
) -> None:
    reader(questions, "amina@example.org")
    falls("question", TODAY, course_a="amina@example.org")
    usual = TODAY + dt.timedelta(days=7)
    falls("reminder", usual, course_a="amina@example.org")
    plans.open_due(MORNING)
    by = get_user_model().objects.create(email="officer@example.org")
    reminder = Step.objects.get(code="reminder")

    sent = plans.send(reminder, anchor="course-a", day=usual, by=by)

    assert sent is not None
    assert (sent.approved_by, sent.reference) == (by, "reminder:course-a")
    assert plans.send(reminder, anchor="course-a", day=usual, by=by) is None
    assert plans.open_due(MORNING + dt.timedelta(days=7)) == []


def test_who_rests_or_must_not_be_written_to_goes_through_the_step_once_that_is_over(
    questions: Newsletter,
) -> None:
    next_day = MORNING + dt.timedelta(days=1)
    reader(questions, "resting@example.org", paused_until=next_day)
    reader(questions, "full@example.org")
    Suppression.objects.create(address="full@example.org", reason="bounce")
    both = "resting@example.org full@example.org"
    for day in (TODAY, next_day.date()):
        falls("question", day, course_a=both)

    assert plans.due(TODAY, now=MORNING) == plans.open_due(MORNING) == []
    Suppression.objects.all().delete()
    [issue] = plans.open_due(next_day)

    assert issue.passages.count() == 2


def test_a_step_that_rests_opens_nothing(questions: Newsletter) -> None:
    reader(questions, "amina@example.org")
    falls("question", TODAY, course_a="amina@example.org")
    Step.objects.update(is_active=False)

    assert plans.open_due(MORNING) == []
    assert plans.due(TODAY, now=MORNING) == []


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_open_one_mailing(questions: Newsletter) -> None:
    reader(questions, "amina@example.org")
    falls("question", TODAY, course_a="amina@example.org")

    found = at_once(*[lambda: plans.open_due(MORNING)] * 4)

    assert sorted(len(one) for one in found) == [0, 0, 0, 1]
    assert Issue.objects.count() == Passage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_at_once_remind_each_person_once(questions: Newsletter) -> None:
    for name in ("amina", "badr"):
        reader(questions, f"{name}@example.org")
    falls("question", TODAY, course_a="amina@example.org badr@example.org")
    by = get_user_model().objects.create(email="officer@example.org")
    question = Step.objects.get(code="question")

    found = at_once(*[lambda: plans.send(question, anchor="course-a", day=TODAY, by=by)] * 4)

    assert [one for one in found if one] == [Issue.objects.get()]
    assert Passage.objects.count() == 2


def test_the_mail_leads_each_reader_to_the_own_page(
    questions: Newsletter, mailbox: Client, client: Browser, settings: Any
) -> None:
    amina = reader(questions, "amina@example.org", subscriber__languages=["ar"])
    badr = reader(questions, "badr@example.org")
    falls("question", TODAY, course_a="amina@example.org badr@example.org")
    fake_source.linked["answer:question:course-a:used"] = "/en/healthz/?answer=used"
    (issue,) = plans.open_due(MORNING)
    Issue.objects.filter(pk=issue.pk).update(not_after=dt.datetime.now(dt.UTC) + schedule.LASTS)

    freeze.freeze(issue.pk)
    while deliver.take_turn("test"):
        pass

    mails = {mail.to: mail for mail in mailbox.mails()}
    assert set(mails) == {"amina@example.org", "badr@example.org"}
    for row in (amina, badr):
        mail = mails[row.subscriber.address]
        for part in (mail.html, mail.text):
            purposes = re.findall(rf"/n/go/{row.subscriber.key}/([\w:-]+)/", part)
            assert purposes == [
                "answer:question:course-a:used",
                "answer:question:course-a:not-yet",
            ]
            assert "/newsletters/" not in part.replace(f"/n/p/{row.subscriber.key}/", "")
    answer = client.get(f"/n/go/{badr.subscriber.key}/answer:question:course-a:used/")
    assert (answer.status_code, answer["Location"]) == (302, "/en/healthz/?answer=used")


@pytest.mark.parametrize("purpose", ["", "a b", "a/b", "x" * 121, "ä", "a?b=c"])
def test_a_purpose_that_no_address_holds_stops_the_mailing(
    questions: Newsletter, purpose: str
) -> None:
    reader(questions, "amina@example.org")
    falls("question", TODAY, course_a="amina@example.org")
    fake_source.write("question:course-a", links=(PersonalLink("Yes", purpose),))
    (issue,) = plans.open_due(MORNING)

    assert freeze.freeze_or_halt(issue.pk) is None

    issue.refresh_from_db()
    assert (issue.state, issue.reason.partition(":")[0]) == ("halted", "ValueError")


def test_the_tick_opens_what_is_due(questions: Newsletter) -> None:
    reader(questions, "amina@example.org")
    now = dt.datetime.now(dt.UTC)
    falls("question", now.astimezone(questions.zone).date(), course_a="amina@example.org")
    questions.cadences.update(next_at=now)

    tasks.send_due()

    assert Issue.objects.get().state == Issue.State.SENDING


def test_a_mailbox_that_was_proved_elsewhere_agrees_without_another_mail(
    questions: Newsletter,
) -> None:
    words: dict[str, Any] = {"newsletter": questions, "language": "ar", "how": "web form"}

    first = subscriptions.accept(address="Amina@Example.org", **words)
    again = subscriptions.accept(address="amina@example.org", **words)

    assert first == again
    assert (first.state, first.subscriber.languages) == ("confirmed", ["ar"])
    (consent,) = Consent.objects.all()
    assert (consent.given, consent.how, consent.subject) == (
        True,
        "web form",
        f"subscriber:{first.subscriber_id}",
    )


def test_a_mailbox_that_must_not_be_written_to_cannot_agree(questions: Newsletter) -> None:
    Suppression.objects.create(address="gone@example.org", reason="bounce")

    with pytest.raises(subscriptions.AddressCannotBeUsed):
        subscriptions.accept(
            address="gone@example.org", newsletter=questions, language="en", how="web form"
        )

    assert not Subscription.objects.exists()
