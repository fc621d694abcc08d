"""Who is asked when, and that a link lets its owner answer, shows nothing and changes nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alumni import audience
from alumni.followup import answers, asking
from alumni.models import ActionPlan, Answer, Change, Enrolment, PlanStep, Profile
from alumni.privacy import consents
from newsletters.models import Subscriber
from tests.factories.alumni import CourseRunFactory, EnrolmentFactory, ProfileFactory
from tests.factories.newsletters import SubscriberFactory

pytestmark = pytest.mark.django_db
ENDED = dt.date(2026, 8, 27)
THREE_MONTHS_ON = ENDED + dt.timedelta(weeks=13)


@pytest.fixture
def enrolment():
    """Someone who took part, joined, agreed to be asked and reads newsletters in French."""
    subscriber = SubscriberFactory(languages=["fr", "en"])
    return EnrolmentFactory(
        run=CourseRunFactory(slug="winter", starts_on=ENDED, ends_on=ENDED),
        profile=ProfileFactory(joined=True, answers_questions=True, subscriber=subscriber),
    )


@pytest.fixture
def asked(enrolment):
    place = answers.place(Profile.objects.all(), run="winter", wave="3-months")
    assert place is not None
    return place


def page(asked):
    return f"/en/members/answer/{asked.token}/"


def save(asked, first="used", **others):
    return answers.answer(
        asked=asked, first=first, others=others, language="en", how=Answer.How.MAIL, by=None
    )


def due(day, **step):
    return list(audience.due({"wave": "3-months", **step}, day))


def test_who_agreed_is_asked_on_the_day_or_within_two_weeks_after_it(enrolment):
    found = [bool(due(THREE_MONTHS_ON + dt.timedelta(days=n))) for n in (-1, 0, 1, 14, 15)]

    assert found == [False, True, True, True, False]


def test_the_silent_are_reminded_and_who_answered_is_not(enrolment, asked):
    week_later = THREE_MONTHS_ON + dt.timedelta(days=7)
    assert due(week_later, after_days=7) == [(enrolment.profile.subscriber_id, "winter")]

    save(asked)

    assert due(week_later, after_days=7) == []


def test_an_answer_closes_its_own_wave_only(enrolment, asked):
    save(asked)

    half_a_year = ENDED + dt.timedelta(weeks=26)
    assert list(audience.due({"wave": "6-months"}, half_a_year)) == [
        (enrolment.profile.subscriber_id, "winter")
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"answers_questions": False},
        {"accepted_at": None, "tier": ""},
        {"subscriber": None},
    ],
)
def test_nobody_is_asked_who_did_not_agree_or_cannot_be_reached(enrolment, change):
    Profile.objects.update(**change)

    assert due(THREE_MONTHS_ON) == []


@pytest.mark.parametrize("change", [{"completion": "nominated"}, {"role": "trainer"}])
def test_nobody_is_asked_who_did_not_take_part(enrolment, change):
    Enrolment.objects.update(**change)

    assert due(THREE_MONTHS_ON) == []


def test_an_unknown_wave_asks_nobody(enrolment):
    assert list(audience.due({"wave": "never"}, THREE_MONTHS_ON)) == []


def test_agreeing_is_a_consent_of_its_own_and_can_be_taken_back(enrolment):
    profile = ProfileFactory(joined=True)

    for given in (True, True, False):
        asking.agree(profile=profile, given=given, language="ar", by=profile.user)

    assert [(one.purpose, one.given) for one in consents.history(profile)] == [
        ("survey", True),
        ("survey", False),
    ]
    profile.refresh_from_db()
    assert not profile.answers_questions


def test_nobody_agrees_for_someone_else(enrolment):
    with pytest.raises(PermissionDenied):
        asking.agree(
            profile=enrolment.profile,
            given=False,
            language="en",
            by=ProfileFactory(joined=True).user,
        )


def test_the_link_of_a_mail_leads_to_the_page_in_the_readers_language(client, enrolment):
    key = enrolment.profile.subscriber.key

    answer = client.get(f"/n/go/{key}/answer:winter:3-months:used/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/fr/members/answer/")
    assert answer["Location"].endswith("?answer=used")
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(
    "purpose",
    ["answer:summer:3-months", "answer:winter:never", "answer", "other:winter:3-months", ":::"],
)
def test_a_link_without_a_place_leads_nowhere(client, enrolment, purpose):
    key = enrolment.profile.subscriber.key

    answers = {
        client.get(f"/n/go/{token}/{purpose}/").content.replace(token.encode(), b"")
        for token in (key, "x" * 22)
    }

    assert len(answers) == 1
    assert client.get(f"/n/go/{key}/{purpose}/").status_code == 404


def test_the_chosen_answer_is_ticked_and_a_get_saves_nothing(client, asked):
    shown = [client.get(f"{page(asked)}?answer=not-yet") for _scanner in range(100)]

    assert 'value="not-yet"' in shown[0].content.decode().split("checked")[0][-200:]
    assert Answer.objects.count() == 0
    assert client.head(page(asked)).status_code == 200


def test_the_tapped_answer_is_saved_right_below_it_and_the_rest_is_marked_optional(client, asked):
    shown = client.get(f"{page(asked)}?answer=used").content.decode()

    first, save, others = (shown.index(one) for one in ('name="use"', ">Save<", 'name="where"'))
    assert first < save < others < shown.index(">Save this too<")
    assert shown.count('class="optional"') == 6

    client.post(page(asked), {"use": "used", "colleagues": "", "words": ""})
    assert (Answer.objects.get().first, Answer.objects.get().others) == ("used", {})


def test_a_pack_with_one_question_has_one_button(client, asked, settings):
    asks = settings.PACK.followup
    settings.PACK = replace(settings.PACK, followup=replace(asks, questions=asks.questions[:1]))

    shown = client.get(f"{page(asked)}?answer=used").content.decode()

    assert shown.count('<button class="call" type="submit">Save</button>') == 1
    assert "A little more" not in shown
    assert "Save this too" not in shown


def test_one_button_saves_without_a_sign_in(asked):
    client = Client(enforce_csrf_checks=False)

    answer = client.post(
        page(asked),
        {"use": "used", "where": ["law", "teaching"], "colleagues": "12", "barriers": ["no-time"]},
        follow=True,
    )

    saved = Answer.objects.get()
    assert (saved.first, saved.how, saved.language) == ("used", "mail", "en")
    # What stands in the way is not asked of someone who has used it.
    assert saved.others == {"where": ["law", "teaching"], "colleagues": 12}
    assert answer.status_code == 200
    assert "Thank you" in answer.content.decode()


def test_saved_twice_the_second_stands_and_the_page_shows_neither(client, asked):
    client.post(page(asked), {"use": "used", "words": "canary-words"})
    client.post(page(asked), {"use": "cannot", "barriers": ["no-systems"], "words": "canary-two"})

    assert [one.first for one in Answer.objects.all()] == ["cannot"]
    again = client.get(page(asked)).content.decode()
    assert "canary" not in again
    assert "checked" not in again
    assert asked.enrolment.profile.family_name not in again


def test_a_wrong_answer_says_what_to_do_and_keeps_the_rest(client, asked):
    answer = client.post(page(asked), {"words": "canary-words", "colleagues": "many"})

    assert (answer.status_code, Answer.objects.count()) == (422, 0)
    assert "canary-words" in answer.content.decode()


@pytest.mark.parametrize("token", ["x" * 40, "a:b:c", "%00"])
def test_a_forged_link_is_the_same_neutral_page(client, token):
    assert client.get(f"/en/members/answer/{token}/").status_code == 404


def test_a_link_older_than_a_year_and_a_bit_leads_nowhere(client, asked, time_machine):
    time_machine.move_to(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    address = page(asked)

    time_machine.shift(answers.LASTS + dt.timedelta(days=1))

    assert client.get(address).status_code == 404


def test_the_page_is_light_enough_for_a_phone(client, asked):
    sizes = [len(client.get(page(asked).replace("/en/", f"/{code}/")).content)
             for code in ("en", "ar", "fr", "pt")]  # fmt: skip

    assert max(sizes) <= 25 * 1024


def test_a_tally_counts_who_may_be_asked_and_who_answered(asked):
    run = asked.enrolment.run
    EnrolmentFactory(run=run, profile=ProfileFactory(joined=True, answers_questions=True))
    EnrolmentFactory(run=run, profile=ProfileFactory(joined=True))
    save(asked)

    assert answers.tally(run.pk, "3-months") == answers.Tally(asked=2, answered=1)


def member_client(profile):
    client = Client()
    client.force_login(profile.user)
    return client


def test_a_plan_is_kept_with_its_steps_and_is_its_owners_alone(enrolment):
    client, other = member_client(enrolment.profile), member_client(ProfileFactory(joined=True))
    steps = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0"}
    steps |= {"form-0-text": "Write the list", "form-1-text": "", "form-0-is_done": "on"}

    client.post("/en/members/me/plan/winter/", {"goal": "canary-goal", "rating": "1", **steps})

    assert [str(plan) for plan in ActionPlan.objects.all()] == ["canary-goal"]
    assert [(step.text, step.is_done) for step in PlanStep.objects.all()] == [
        ("Write the list", True)
    ]
    assert "canary-goal" in client.get("/en/members/me/plan/winter/").content.decode()
    assert other.get("/en/members/me/plan/winter/").status_code == 404


def test_steps_of_a_plan_are_mended_and_taken_out(enrolment):
    plan = answers.plan(
        enrolment=enrolment,
        values={"goal": "g"},
        steps=[PlanStep(text="one"), PlanStep(text="two")],
    )
    one, two = plan.steps.all()
    client = member_client(enrolment.profile)

    client.post(
        "/en/members/me/plan/winter/",
        {
            "goal": "g",
            "form-TOTAL_FORMS": "2",
            "form-INITIAL_FORMS": "2",
            "form-0-id": one.pk,
            "form-0-text": "one, better",
            "form-1-id": two.pk,
            "form-1-text": "",
        },
    )

    assert list(plan.steps.values_list("text", flat=True)) == ["one, better"]


def test_a_change_is_told_mended_and_hidden_from_others(enrolment):
    client, other = member_client(enrolment.profile), member_client(ProfileFactory(joined=True))
    told = {"kind": "procedure", "text": "canary-change", "use": "nobody"}

    client.post("/en/members/me/changes/", told)
    [change] = Change.objects.all()
    client.post(f"/en/members/me/changes/{change.key}/", told | {"use": "unnamed"})

    change.refresh_from_db()
    assert (change.use, change.profile) == ("unnamed", enrolment.profile)
    assert "canary-change" in client.get("/en/members/me/changes/").content.decode()
    assert "canary-change" not in other.get("/en/members/me/changes/").content.decode()
    assert other.get(f"/en/members/me/changes/{change.key}/").status_code == 404
    assert other.post(f"/en/members/me/changes/{change.key}/", told).status_code == 404


def test_lists_of_changes_need_the_same_queries_however_long(enrolment):
    client, counts = member_client(enrolment.profile), []
    for number in (1, 3):
        while Change.objects.count() < number:
            values = {"kind": "law", "text": "t", "enrolment": enrolment}
            answers.tell(profile=enrolment.profile, values=values)
        with CaptureQueriesContext(connection) as queries:
            client.get("/en/members/me/changes/")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_subscriber_who_is_no_member_has_no_link(client):
    stranger = SubscriberFactory()

    assert client.get(f"/n/go/{stranger.key}/answer:winter:3-months/").status_code == 404
    assert Subscriber.objects.count() == 1
