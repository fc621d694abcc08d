"""The demonstration: what it makes, that it makes it once, and for whom it is meant."""

import datetime as dt
import io

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from alumni import audience, reviews, roster, tasks
from alumni.followup import answers
from alumni.joining import doors
from alumni.joining.doors import Stand
from alumni.models import (
    Access,
    ActionPlan,
    Answer,
    Certificate,
    Change,
    Conversation,
    CourseRun,
    Enrolment,
    Indicator,
    Profile,
    User,
    Wave,
)
from alumni.roster.files import open_table
from cms import digest
from cms.demo import pictures, steps
from cms.models import CountryPage, FirstLive, StoryPage, UpdatePage
from newsletters.models import (
    Cadence,
    Consent,
    Issue,
    Letter,
    Newsletter,
    Subscriber,
    Subscription,
    Suppression,
)
from newsletters.today import next_digests
from tests.cms.test_founding import everything

YEAR_AGO, QUARTER_AGO = "joint-casework-1", "joint-casework-3"
PLAN = settings.PACK.demonstration(timezone.localdate())


@pytest.fixture
def demo_settings(settings, tmp_path):
    settings.DEMO = True
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(scope="module")
def output(django_db_setup, django_db_blocker, tmp_path_factory):
    """What the demonstration says; for this module, it is in the database."""
    said = io.StringIO()
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(DEMO=True, MEDIA_ROOT=media):
            call_command("demo", stdout=said, stderr=io.StringIO())
        with django_db_blocker.block():
            yield said.getvalue()
        transaction.set_rollback(True)


@pytest.fixture
def filled(output, db, demo_settings):
    """The site with the demonstration in it; what a test changes, its end undoes."""
    return output


@pytest.mark.django_db
def test_it_refuses_to_invent_people_outside_the_demo():
    with pytest.raises(CommandError, match="not the demo settings"):
        call_command("demo")

    assert not User.objects.exists()


def test_forced_elsewhere_it_gives_no_known_password(filled, settings, capsys):
    settings.DEMO = False
    User.objects.filter(email=PLAN.staff[0].address).delete()

    call_command("demo", force=True)

    password = capsys.readouterr().out.splitlines()[0].rpartition(": ")[2]
    editor = User.objects.get(email=PLAN.staff[0].address)
    assert password != "come in and look"
    assert editor.check_password(password)


def test_a_second_run_changes_nothing_and_prints_the_same(filled, capsys):
    before = everything()

    call_command("demo")

    assert everything() == before
    assert capsys.readouterr().out == filled


def test_everyone_whose_sign_in_is_printed_can_sign_in(filled, client):
    lines = [line.split() for line in filled.splitlines()[1:]]

    signed_in = [client.login(email=line[-1], password="come in and look") for line in lines]

    assert [line[0] for line in lines] == ["editor", "administrator", "alumnus"]
    assert signed_in == [True, True, True]


def test_stories_stand_in_their_languages_over_the_past_weeks(filled):
    for name, plan in PLAN.stories.items():
        pages = StoryPage.objects.live().filter(slug=name).order_by("pk")
        assert {page.locale.language_code for page in pages} == set(plan.texts) >= {"en", "ar"}
        assert len({page.translation_key for page in pages}) == 1
        assert {page.audience for page in pages} == {plan.audience}
        live = FirstLive.objects.filter(page__in=pages).values_list("mailable_at", flat=True)
        assert {(timezone.now() - moment).days for moment in live} == {plan.days_ago}


def test_twelve_countries_and_more_have_a_story_and_a_picture_in_every_language(filled):
    languages = set(settings.PACK.languages)
    told: dict[str, set[str]] = {}
    for page in StoryPage.objects.live().filter(audience="public").exclude(picture=None):
        short = page.short_translations.values_list("language", flat=True)
        for country in page.countries:
            told.setdefault(country, set()).update([page.locale.language_code, *short])
    pages: dict[str, set[str]] = {}
    for page in CountryPage.objects.live().exclude(standfirst=""):
        pages.setdefault(page.country, set()).add(page.locale.language_code)

    assert len(told) >= 12
    assert {region.code for region in settings.PACK.regions if {*region.countries} & {*told}} == {
        region.code for region in settings.PACK.regions
    }
    assert told == pages == dict.fromkeys(told, languages)
    assert len({plan.picture for plan in PLAN.stories.values()}) == len(PLAN.stories)


def test_stories_are_told_first_in_several_languages_over_nine_months_on_every_topic(filled):
    first = [
        StoryPage.objects.filter(slug=name).order_by("pk")[0].locale.language_code
        for name in PLAN.stories
    ]
    parents = {topic.code: topic.parent or topic.code for topic in settings.PACK.topics}

    assert {language: first.count(language) for language in ("ar", "fr", "pt")} == {
        "ar": 3,
        "fr": 3,
        "pt": 2,
    }
    assert max(plan.days_ago for plan in PLAN.stories.values()) > 240
    touched = {parents[code] for plan in PLAN.stories.values() for code in plan.topics}
    assert touched == set(parents.values())


def test_the_digest_finds_something_of_every_kind(filled):
    now = timezone.now()

    entries = digest.entries(now - dt.timedelta(days=30), now)

    assert {entry.kind for entry in entries} == {"story", "update", "resource"}
    assert {entry.audience for entry in entries} == {
        "public",
        "members",
        "run:joint-casework-3",
    }
    languages = {text.language for entry in entries for text in entry.texts}
    assert {"en", "ar", "fr"} <= languages
    real = settings.PACK.training.projects[0].acknowledgement["en"]
    assert real in {text.acknowledgement for entry in entries for text in entry.texts}


def test_one_call_closes_in_three_days(filled):
    soonest = UpdatePage.objects.live().soonest_first().first()

    assert soonest.deadline == timezone.localdate() + dt.timedelta(days=3)


def test_invented_people_hang_on_invented_runs_alone(filled):
    real = {run.slug for run in settings.PACK.training.runs}

    assert Profile.objects.count() == len(PLAN.people) == 66
    assert len({person.country for person in PLAN.people}) > 45
    assert not Profile.objects.filter(enrolments__run__slug__in=real).exists()
    ended = CourseRun.objects.exclude(slug__in=real).order_by("ends_on")
    weeks = [(timezone.localdate() - run.ends_on).days for run in ended]
    assert weeks == [54 * 7, 27 * 7, 13 * 7, 5]


def test_nobody_shows_who_has_not_joined_or_not_chosen(filled):
    waiting = Profile.objects.waiting()

    assert {profile.tier for profile in waiting} == {""}
    assert {profile.user for profile in waiting} == {None}
    assert waiting.count() == 6
    stands = {row.stand for row in doors.people_of(CourseRun.objects.get(slug=YEAR_AGO))}
    assert {Stand.JOINED, Stand.SILENT, Stand.INVITED} == stands
    assert not Wave.objects.running().exists()
    assert Wave.objects.count() == 2


def test_the_roster_to_try_out_meets_an_empty_course(filled):
    newest = CourseRun.objects.latest("ends_on")
    file = io.BytesIO((settings.PACK.folder / "demo" / "roster-utf16.csv").read_bytes())
    held = roster.hold(newest, file, name="roster-utf16.csv", by=None)
    roster.name_columns(held, open_table(file).guesses, by=None)
    tasks.VERBS[held.state](held)

    said = roster.summary(roster.tally(held))

    assert not newest.enrolments.exists()
    assert said == ("15 ready, 1 needs a date (row 9), 2 share a mailbox: kept as two people")


def test_thirteen_weeks_after_a_course_seven_of_sixteen_have_answered(filled):
    run = CourseRun.objects.get(slug=QUARTER_AGO)

    due = list(audience.due({"wave": "3-months"}, timezone.localdate()))

    assert answers.tally(run.pk, "3-months") == answers.Tally(asked=16, answered=7)
    assert len(due) == 9
    assert {anchor for _reader, anchor in due} == {QUARTER_AGO}
    by_site = set(Answer.objects.filter(enrolment__run=run).values_list("how", flat=True))
    assert by_site == {"site", "call"}


def test_all_who_may_be_asked_agreed_and_have_a_mailbox(filled):
    asked = Profile.objects.filter(answers_questions=True)
    agreed = Consent.objects.filter(purpose="survey", given=True, how="demonstration")

    assert asked.count() == 60
    assert not asked.filter(subscriber=None).exists()
    assert {f"profile:{profile.key}" for profile in asked} == {row.subject for row in agreed}
    places = Enrolment.objects.filter(profile__in=asked)
    assert places.count() == 64
    assert Answer.objects.filter(wave="3-months").count() == 38
    assert not Answer.objects.filter(answered_at__gt=timezone.now()).exists()


def test_there_is_something_of_each_kind_to_look_at(filled):
    talks = Conversation.objects.order_by("pk")

    assert sorted(Change.objects.values_list("use", flat=True)) == [
        *["nobody"] * 2,
        "public",
        *["unnamed"] * 2,
    ]
    assert Indicator.objects.filter(value__isnull=False).count() == 3
    assert ActionPlan.objects.filter(steps__is_done=True).distinct().count() == 4
    assert Certificate.objects.exclude(revoked_on=None).count() == 1
    assert [talk.state for talk in talks] == ["accepted", "asked", "accepted"]
    assert Access.objects.filter(subject=Profile.objects.get(given_name="Wanjiru").key).count() == 2
    assert reviews.stale(timezone.now()).get().asked_to_review_at is not None
    tiers = set(Profile.objects.accepted().values_list("tier", flat=True))
    assert tiers == {"", "protected", "cohort", "network"}


def test_every_address_is_at_example_org(filled):
    addresses = [
        *User.objects.values_list("email", flat=True),
        *Profile.objects.values_list("address", flat=True),
        *Subscriber.objects.values_list("address", flat=True),
    ]

    assert [found for found in addresses if not found.endswith("@example.org")] == []


def test_readers_of_each_kind_are_there_and_nobody_is_mailed(filled):
    confirmed = Subscription.objects.confirmed().filter(newsletter__kind="digest")

    left = Subscription.objects.filter(state="left", newsletter__kind="digest")
    assert left.count() == 1
    assert Subscription.objects.filter(state="pending").count() == 1
    assert confirmed.filter(paused_until__gt=timezone.now()).count() == 1
    assert Suppression.objects.filter(reason="bounce").count() == 1
    assert confirmed.filter(subscriber__languages__0="ar").count() == 3
    assert confirmed.filter(interests=["country:KE"]).count() == 1
    assert {row.frequency for row in confirmed} == {"daily", "weekly", "monthly"}
    assert confirmed.filter(subscriber__discreet=True).count() == 1
    agreed = Consent.objects.filter(purpose__startswith="newsletter:", given=True)
    assert {consent.how for consent in agreed} == {"demonstration"}
    assert not Letter.objects.exists()


def test_the_weekly_digest_leaves_tomorrow_and_today_says_so(filled):
    now = timezone.now()
    weekly = Cadence.objects.get(newsletter__kind="digest", frequency="weekly")

    told = list(next_digests(User.objects.get(is_superuser=True), now))

    assert dt.timedelta(hours=22) < weekly.next_at - now <= dt.timedelta(hours=24)
    assert "every week" in told[0].text
    assert "to those of 9 readers" in told[0].text


def test_nothing_leaves_by_itself_in_the_first_hours(filled):
    asks = Newsletter.objects.get(slug="after-the-course")
    digest = Newsletter.objects.get(kind="digest")

    soon = Cadence.objects.filter(next_at__lt=timezone.now() + dt.timedelta(hours=22))

    assert not soon.exists()
    assert (asks.hour, asks.weekday) == (digest.hour, digest.weekday)


def test_what_a_colleague_sent_early_is_not_announced_again(filled):
    now = timezone.now()
    weekly = Cadence.objects.get(newsletter__kind="digest", frequency="weekly")
    facts = {"newsletter": weekly.newsletter, "frequency": "weekly", "cutoff_at": now}

    sent = Issue.objects.create(kind="digest", state="done", audience=9, not_after=now, **facts)
    told = {
        sentence.urgency.name: sentence.text
        for sentence in next_digests(User.objects.get(is_superuser=True), now)
        if "every week" in sentence.text
    }
    sent.delete()

    assert list(told) == ["SOMETIME"]
    assert "left early" in told["SOMETIME"]


def test_each_step_leads_to_where_it_begins_and_says_what_is_seen_at_its_end(filled, client):
    told = steps.steps("http://mails.example/")
    colleague = User.objects.get(is_superuser=True)
    member = User.objects.get(email="wanjiru@example.org")

    begins = [step.ways[0].url for step in told]
    answers = {}
    for step, url in zip(told, begins, strict=True):
        client.force_login(member if step.role == "alumnus" else colleague)
        if url.startswith("/"):
            answers[url] = client.get(url).status_code

    assert all(step.sees for step in told)
    assert set(answers.values()) == {200}
    weekly = Cadence.objects.get(newsletter__kind="digest", frequency="weekly")
    draft = StoryPage.objects.get(slug="the-night-desk-one-year-on")
    assert begins[3] == f"/cms/mailings/due/{weekly.pk}/"
    assert begins[5] == "http://mails.example/?to=grace%40example.org"
    assert f"/cms/pages/{draft.pk}/edit/" in [way.url for way in told[5].ways]
    assert QUARTER_AGO in begins[6]


def test_a_story_waits_that_nobody_reads_before_it_is_published(filled, client):
    draft = StoryPage.objects.get(slug="the-night-desk-one-year-on")

    assert not draft.live
    assert draft.title not in client.get("/en/stories/").content.decode()
    now = timezone.now()
    found = digest.entries(now - dt.timedelta(days=30), now)
    assert draft.title not in {text.title for entry in found for text in entry.texts}
    draft.get_latest_revision().publish()
    after = digest.entries(now, timezone.now())
    assert draft.title in {text.title for entry in after for text in entry.texts}


@pytest.mark.parametrize("name", sorted(pictures.COMPOSITIONS))
def test_a_cover_is_drawn_the_same_each_time(name):
    assert pictures.draw(name) == pictures.draw(name)
