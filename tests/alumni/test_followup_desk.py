"""The colleagues' screen of a run's follow-up: figures, buttons, who may press and read."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.users.models import UserProfile

from alumni.followup import answers, before, timeline
from alumni.followup.rounds import rounds
from alumni.followup.timeline import Stand
from alumni.models import Access, Answer, Hiding, User
from newsletters import plans
from newsletters.models import Issue, Passage, Subscriber, Suppression
from newsletters.pipeline import freeze
from tests.alumni.conftest import DAY, ENDED
from tests.alumni.test_doors_screens import client_with
from tests.factories.alumni import EnrolmentFactory, ProfileFactory

pytestmark = pytest.mark.django_db
PAGE = "/cms/joining/winter/follow-up/"
NOON = dt.datetime.combine(DAY, dt.time(12), tzinfo=dt.UTC)


@pytest.fixture
def officer():
    return client_with("view_profile", "view_answer", "send_issue")


def answered(profile, first="used", wave="3-months"):
    asked = answers.place(type(profile).objects.filter(pk=profile.pk), run="winter", wave=wave)
    return answers.answer(
        asked=asked, first=first, others={"words": "It helped."}, language="en",
        how=Answer.How.MAIL, by=None,
    )  # fmt: skip


def stands(ended_run, day=DAY):
    found = timeline.of(ended_run, day)
    return {one.profile.address: [cell.stand for cell in one.cells] for one in found.people}


def test_before_its_day_a_wave_is_planned_and_nothing_can_be_sent(participant, ended_run):
    participant("amina@example.org")

    found = timeline.of(ended_run, DAY - dt.timedelta(days=1))

    assert [wave.next for wave in found.waves] == [None, None, None]
    assert stands(ended_run, DAY - dt.timedelta(days=1)) == {
        "amina@example.org": [Stand.PLANNED] * 3
    }


def test_asked_reminded_silent_answered_and_the_next_wave_still_planned(
    participant, ended_run, officer
):
    people = [participant(f"{name}@example.org") for name in ("amina", "badr")]
    ProfileFactory(joined=True)
    with time_machine.travel(NOON, tick=False):
        found = timeline.of(ended_run, DAY).waves[0]
        assert (found.next.round.code, found.next.people, found.people) == ("3-months", 2, 2)
        officer.post(f"{PAGE}send/3-months/")
        assert stands(ended_run) == {
            "amina@example.org": [Stand.ASKED, Stand.PLANNED, Stand.PLANNED],
            "badr@example.org": [Stand.ASKED, Stand.PLANNED, Stand.PLANNED],
        }

        answered(people[0])
        found = timeline.of(ended_run, DAY).waves[0]
        assert (found.answered, found.people) == (1, 2)
        assert (found.next.round.code, found.next.people) == ("3-months-again-1", 1)
        assert found.next.by_itself_on == DAY + dt.timedelta(days=7)

        for number in (1, 2):
            officer.post(f"{PAGE}send/3-months-again-{number}/")
        assert stands(ended_run) == {
            "amina@example.org": [Stand.ANSWERED, Stand.PLANNED, Stand.PLANNED],
            "badr@example.org": [Stand.SILENT, Stand.PLANNED, Stand.PLANNED],
        }
        found = timeline.of(ended_run, DAY)
        assert found.waves[0].next is None
        assert [one.profile.address for one in found.to_call] == ["badr@example.org"]


def test_the_button_and_the_mailing_agree_on_the_people(participant, ended_run, officer):
    for name in ("amina", "badr", "chanda", "dalia", "esi"):
        participant(f"{name}@example.org")
    profiles = {one.profile.address: one.profile for one in timeline.of(ended_run, DAY).people}
    Suppression.objects.create(address="amina@example.org", reason="bounce")
    Hiding.objects.create(profile=profiles["badr@example.org"], is_own=True)
    answered(profiles["chanda@example.org"])
    EnrolmentFactory(run=ended_run, profile=ProfileFactory(joined=True, address="not@example.org"))

    with time_machine.travel(NOON, tick=False):
        shown = timeline.of(ended_run, DAY).waves[0].next
        officer.post(f"{PAGE}send/{shown.round.code}/")
        issue = freeze.freeze(Issue.objects.get().pk)

    assert shown.people == 2
    assert issue.audience == 2
    assert stands(ended_run)["amina@example.org"][0] is Stand.UNREACHED
    assert stands(ended_run)["not@example.org"][0] is Stand.NOT_AGREED


def test_before_it_leaves_a_colleague_sees_the_words_the_languages_and_who_is_left_out(
    participant, ended_run, officer
):
    for name in ("amina", "badr", "chanda", "dalia", "esi", "farid"):
        participant(f"{name}@example.org")
    profiles = {one.profile.address: one.profile for one in timeline.of(ended_run, DAY).people}
    for name, languages in (("amina", ["sw", "ar", "en"]), ("esi", ["xx"])):
        Subscriber.objects.filter(profile=profiles[f"{name}@example.org"]).update(
            languages=languages
        )
    Suppression.objects.create(address="badr@example.org", reason="bounce")
    Hiding.objects.create(profile=profiles["chanda@example.org"], is_own=True)
    answered(profiles["dalia@example.org"])
    EnrolmentFactory(run=ended_run, profile=ProfileFactory(joined=True, address="not@example.org"))
    one = rounds()[0]

    with time_machine.travel(NOON, tick=False):
        found = before.look(ended_run, one)
        page = officer.get(f"{PAGE}send/3-months/").content.decode()
        assert not Issue.objects.exists()
        officer.post(f"{PAGE}send/3-months/")
        issue = freeze.freeze(Issue.objects.get().pk)
        reminder = before.look(ended_run, rounds()[1])
        again = before.look(ended_run, one)

    written = {mail.written.language: mail.people for mail in found.mails}
    frozen = {edition.language for edition in issue.editions.all()}
    assert (found.people, written) == (2, {"en": 1, "ar": 1})
    assert (issue.audience, frozen) == (2, set(written))
    reasons = [(before.REASONS[why], 1) for why in list(before.Why)[:4]]
    unread = (before.REASONS[before.Why.NO_LANGUAGE], 1)
    assert list(found.left_out) == [*reasons, unread]
    assert "Ask 2 people now" in page
    assert "هل استخدمت" in page
    assert "amina@example.org" not in page
    assert profiles["amina@example.org"].family_name not in page
    assert (reminder.people, again.people) == (2, 0)
    assert list(again.left_out) == [*reasons, (before.REASONS[before.Why.HAD_IT], 3)]


def test_everyone_says_the_same_number_and_it_is_that_of_the_mails(participant, ended_run, officer):
    amina, badr, chanda = (
        participant(f"{name}@example.org") for name in ("amina", "badr", "chanda")
    )
    Suppression.objects.create(address=badr.address, reason="bounce")
    resting = chanda.subscriber.subscriptions.all()
    resting.update(paused_until=NOON + dt.timedelta(days=10))

    with time_machine.travel(NOON, tick=False):
        [due] = plans.due(DAY)
        shown = timeline.of(ended_run, DAY).waves[0].next
        found = before.look(ended_run, rounds()[0])
        told = officer.post(f"{PAGE}send/3-months/", follow=True).content.decode()
        issue = freeze.freeze(Issue.objects.get().pk)

    assert (due.people, shown.people, found.people, issue.audience) == (1, 1, 1, 1)
    assert "A mail is on its way to 1 person." in told
    assert list(found.left_out) == [
        (before.REASONS[before.Why.UNREACHED], 1),
        (before.REASONS[before.Why.RESTING], 1),
    ]
    # Whoever rests is asked once that is over, as long as the question is asked at all.
    with time_machine.travel(NOON + dt.timedelta(days=11), tick=False):
        officer.post(f"{PAGE}send/3-months/")
    assert set(Passage.objects.values_list("subscriber", flat=True)) == {
        amina.subscriber_id,
        chanda.subscriber_id,
    }


def test_who_reads_no_language_of_the_mail_is_not_counted_as_written_to(
    participant, ended_run, officer
):
    participant("amina@example.org")
    badr = participant("badr@example.org")
    Subscriber.objects.filter(profile=badr).update(languages=["xx"])

    with time_machine.travel(NOON, tick=False):
        told = officer.post(f"{PAGE}send/3-months/", follow=True).content.decode()

    assert "A mail is on its way to 1 person." in told


def test_with_nobody_left_there_is_no_button(participant, ended_run, officer):
    participant("amina@example.org")

    with time_machine.travel(NOON, tick=False):
        officer.post(f"{PAGE}send/3-months/")
        late = officer.get(f"{PAGE}send/3-months/").content.decode()
        assert officer.get(f"{PAGE}send/9-months/").status_code == 404

    assert "Nobody is left to be written to." in late
    assert "now</button>" not in late


@pytest.mark.parametrize(
    ("shift", "says"),
    [
        (dt.timedelta(days=-1), "Its day has not come yet."),
        (dt.timedelta(weeks=13), "Its time is over."),
    ],
)
def test_a_question_out_of_its_time_is_not_sent_by_an_old_tab(
    participant, ended_run, officer, shift, says
):
    participant("amina@example.org")

    with time_machine.travel(NOON + shift, tick=False):
        looked = officer.get(f"{PAGE}send/3-months/").content.decode()
        told = officer.post(f"{PAGE}send/3-months/", follow=True).content.decode()

    assert not Passage.objects.exists()
    assert says in looked
    assert says in told
    assert "now</button>" not in looked


def test_a_wave_is_over_when_the_next_begins(participant, ended_run):
    participant("amina@example.org")

    half_a_year = ENDED + dt.timedelta(weeks=26)
    found = timeline.of(ended_run, half_a_year)

    assert found.waves[0].next is None
    assert stands(ended_run, half_a_year)["amina@example.org"] == [
        Stand.OVER,
        Stand.DUE,
        Stand.PLANNED,
    ]


def test_the_page_says_it_in_figures_and_follows_by_parts(participant, ended_run, officer):
    for name in ("amina", "badr"):
        participant(f"{name}@example.org")
    with time_machine.travel(NOON, tick=False):
        page = officer.get(PAGE).content.decode()
        assert "Ask 2 people" in page
        assert "formaction" not in page
        officer.post(f"{PAGE}send/3-months/")
        profile = timeline.of(ended_run, DAY).people[0].profile
        answered(profile)
        parts = officer.get(f"{PAGE}?parts").content.decode()

    assert "1 of 2 answered" in parts
    assert "Remind 1" in parts
    assert "Planned for" in parts
    assert "<html" not in parts


def test_queries_do_not_grow_with_the_people(participant, ended_run, officer):
    def count():
        with CaptureQueriesContext(
            connection,
        ) as found:
            timeline.of(ended_run, DAY)
        return len(found)

    answered(participant("amina@example.org"))
    one = count()
    for name in ("badr", "chanda"):
        answered(participant(f"{name}@example.org"))

    assert count() == one <= 8


def test_each_look_at_the_answers_stands_in_the_persons_record(participant, ended_run, officer):
    profile = participant("amina@example.org")
    answered(profile)

    page = officer.get(f"{PAGE}answers/").content.decode()

    assert "I have used it" in page
    assert "It helped." in page
    look = Access.objects.get()
    assert (look.subject, look.what) == (profile.key, "answers")


@pytest.mark.parametrize(
    ("rights", "sees", "reads", "sends"),
    [
        ((), False, False, False),
        (("view_profile",), True, False, False),
        (("view_profile", "view_answer"), True, True, False),
        (("view_profile", "send_issue"), True, False, True),
        # Whoever sends newsletters learns nothing of the people of a course.
        (("send_issue",), False, False, False),
    ],
)
def test_who_may_see_read_and_send(participant, rights, sees, reads, sends):
    participant("amina@example.org")
    client = client_with(*rights)

    assert (client.get(PAGE).status_code == 200) is sees
    assert (client.get(f"{PAGE}answers/").status_code == 200) is reads
    with time_machine.travel(NOON, tick=False):
        assert (client.get(f"{PAGE}send/3-months/").status_code == 200) is sends
        assert not Issue.objects.exists()
        client.post(f"{PAGE}send/3-months/")
    assert Issue.objects.exists() is sends


def test_an_unknown_step_and_nobody_left_are_said(participant, ended_run, officer):
    participant("amina@example.org")

    assert officer.post(f"{PAGE}send/9-months/").status_code == 404
    with time_machine.travel(NOON, tick=False):
        officer.post(f"{PAGE}send/3-months/")
        said = officer.post(f"{PAGE}send/3-months/", follow=True).content.decode()
    assert "Nobody is left to be written to." in said
    assert Issue.objects.count() == 1


def test_in_arabic_the_day_stands_behind_an_arabic_comma(participant, ended_run, officer):
    participant("amina@example.org")
    reads_arabic = UserProfile.get_for_user(User.objects.get(pk=officer.session["_auth_user_id"]))
    reads_arabic.preferred_language = "ar"
    reads_arabic.save()

    with time_machine.travel(NOON, tick=False):
        page = officer.get(PAGE).content.decode()

    assert re.findall(r"<td data-label=[^>]+>[^<\d]+([,،]) \d", page) == ["،"] * 3
