"""docs/data-retention.yaml: complete, carried out as it says; a pack shortens, never lengthens."""

import datetime as dt
from pathlib import Path

import pytest
import yaml
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import models
from django.utils import timezone

import packs
from alumni import tasks
from alumni.models import Access, Conversation, Departed, Forgotten, Message, Profile
from alumni.privacy import access, retention
from alumni.relay import contact
from newsletters.models import Consent, Letter, Subscriber, Subscription
from tests.factories.alumni import CourseRunFactory, EnrolmentFactory, ProfileFactory, UserFactory
from tests.factories.newsletters import NewsletterFactory, SubscriptionFactory

FILE = Path(settings.BASE_DIR) / "docs" / "data-retention.yaml"
OURS = ("alumni", "newsletters", "cms")
OF_PEOPLE = {"alumni.User", "alumni.Profile", "newsletters.Subscriber"}
POLICIES = settings.RETENTION


def all_models():
    return [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]


def own_fields(model):
    meta = model._meta
    return [field.name for field in (*meta.local_concrete_fields, *meta.local_many_to_many)]


def points_to_people(model):
    return [
        field.name
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.related_model._meta.label in OF_PEOPLE
    ]


def test_every_model_of_ours_has_a_policy_or_holds_nobody():
    told = POLICIES.people.keys() | POLICIES.nobody.keys()

    ours = [model._meta.label for model in all_models() if model._meta.app_label in OURS]

    assert sorted(set(ours) - told) == []
    assert sorted(label for label in told if not apps.is_installed(_app(label))) == []
    assert sorted(POLICIES.people.keys() & POLICIES.nobody.keys()) == []


def _app(label):
    return apps.get_model(label)._meta.app_config.name


def test_every_field_of_a_person_has_a_policy():
    """A new field of a person that nobody thought about fails here."""
    untold, unknown = [], []
    for label, policy in POLICIES.people.items():
        model = apps.get_model(label)
        told = set(policy.personal) | set(policy.other)
        if model._meta.app_label in OURS:
            untold += [f"{label}.{name}" for name in own_fields(model) if name not in told]
        unknown += [
            f"{label}.{name}"
            for name in told
            if name not in {field.name for field in model._meta.get_fields()}
        ]

    assert untold == []
    assert unknown == []


def test_whatever_points_to_a_person_has_a_policy():
    """Also what other packages keep of the people who sign in."""
    pointing = {
        model._meta.label: names for model in all_models() if (names := points_to_people(model))
    }

    untold = {
        label: names
        for label, names in pointing.items()
        if not set(names) <= set(getattr(POLICIES.people.get(label), "personal", ()))
    }

    assert untold == {}


def test_models_that_hold_nobody_have_no_address_of_anybody():
    kinds = (models.EmailField, models.GenericIPAddressField)
    allowed = {"newsletters.Newsletter.from_email", "newsletters.Newsletter.reply_to"}
    found = {
        f"{label}.{field.name}"
        for label in POLICIES.nobody
        for field in apps.get_model(label)._meta.local_fields
        if isinstance(field, kinds)
    }

    assert found <= allowed


def test_every_rule_exists_and_every_policy_speaks():
    assert {policy.rule for policy in POLICIES.people.values()} <= retention.RULES.keys()
    assert [label for label, p in POLICIES.people.items() if not p.what or not p.kept] == []


def loaded(tmp_path, days, label="alumni.Message"):
    pack = packs.load("cairo")
    shortened = packs.Pack(**{**vars(pack), "retention": (packs.Shorter(label, days),)})
    return packs.load_retention(FILE, shortened)


def test_a_pack_shortens_a_period(tmp_path):
    assert loaded(tmp_path, 30).people["alumni.Message"].days == 30


@pytest.mark.parametrize(
    ("days", "label"), [(5000, "alumni.Message"), (0, "alumni.Message"), (30, "alumni.Block")]
)
def test_a_pack_lengthens_nothing_and_invents_nothing(tmp_path, days, label):
    with pytest.raises(packs.BrokenPack):
        loaded(tmp_path, days, label)


def test_the_file_is_plain_yaml_that_people_read():
    assert set(yaml.safe_load(FILE.read_text())) == {"people", "nobody"}


def ago(days):
    return timezone.now() - dt.timedelta(days=days)


def carried_out():
    return {step.label: step.count for step in retention.carry_out() if step.count}


@pytest.fixture
def talk(db):
    amina, paul = (ProfileFactory(joined=True, tier="network") for _n in range(2))
    return contact.ask(by=amina.user, to=paul, text="Hello")


def test_messages_go_when_their_time_is_over_and_then_the_conversation(talk):
    days = POLICIES.people["alumni.Message"].days
    Letter.objects.all().delete()
    Conversation.objects.update(began_at=ago(days + 5))
    Message.objects.update(written_at=ago(days - 1))
    assert carried_out() == {}

    Message.objects.update(written_at=ago(days + 1))
    assert carried_out() == {"alumni.Message": 1}
    assert carried_out() == {"alumni.Conversation": 1}
    assert Conversation.objects.count() == 0


@pytest.mark.django_db
def test_the_record_of_accesses_is_shortened_by_this_rule_alone():
    officer, profile = UserFactory(), ProfileFactory(joined=True)
    access.note(profile=profile, what=Access.What.PAGE, by=officer)
    Access.objects.bulk_create(
        [Access(subject=profile.key, what="page", by=1, by_name="x", at=ago(1096))]
    )

    assert carried_out() == {"alumni.Access": 1}
    assert Access.objects.get().by == officer.pk


@pytest.mark.django_db
def test_a_consent_stays_as_long_as_the_person_and_three_years():
    profile = ProfileFactory(joined=True)
    subscription = SubscriptionFactory(newsletter=NewsletterFactory())
    old = {"given": True, "wording_version": "1", "language": "en", "how": "test", "at": ago(2000)}
    for subject in (
        f"profile:{profile.key}",
        f"subscriber:{subscription.subscriber_id}",
        "profile:gone-for-long",
        "subscriber:999999",
        "profile:gone-lately",
    ):
        Consent.objects.create(subject=subject, purpose="membership", **old)
    Consent.objects.create(
        subject="profile:gone-lately", purpose="membership", **old | {"at": ago(10), "given": False}
    )

    assert carried_out() == {"newsletters.Consent": 2}
    assert set(Consent.objects.values_list("subject", flat=True)) == {
        f"profile:{profile.key}",
        f"subscriber:{subscription.subscriber_id}",
        "profile:gone-lately",
    }


@pytest.mark.django_db
def test_whoever_never_joined_goes_but_stays_counted_and_may_come_back():
    late, old = CourseRunFactory(ends_on=timezone.localdate()), CourseRunFactory()
    gone, called_again, joined = ProfileFactory(), ProfileFactory(), ProfileFactory(joined=True)
    for profile in (gone, called_again, joined):
        EnrolmentFactory(profile=profile, run=old)
    EnrolmentFactory(profile=called_again, run=late)
    type(old).objects.filter(pk=old.pk).update(starts_on=ago(2002).date(), ends_on=ago(2000).date())
    Profile.objects.update(created_at=ago(1900))

    assert carried_out() == {"alumni.Profile": 1}
    assert set(Profile.objects.all()) == {called_again, joined}
    assert Departed.objects.filter(run=old).count() == 2
    assert Forgotten.objects.count() == 0


@pytest.mark.django_db
def test_readers_who_left_long_ago_go_and_others_stay():
    newsletter, other = NewsletterFactory(), NewsletterFactory()
    left, stays = (SubscriptionFactory(newsletter=newsletter) for _n in range(2))
    reads_another = SubscriptionFactory(newsletter=newsletter)
    SubscriptionFactory(newsletter=other, subscriber=reads_another.subscriber)
    Subscription.objects.filter(pk__in=[left.pk, reads_another.pk]).update(
        state="left", left_at=ago(1200)
    )
    Subscription.objects.filter(pk=stays.pk).update(state="left", left_at=ago(100))

    assert carried_out() == {"newsletters.Subscriber": 1}
    assert set(Subscriber.objects.all()) == {stays.subscriber, reads_another.subscriber}


@pytest.mark.django_db
def test_letters_that_wait_are_never_deleted():
    for state in ("queued", "handed_over"):
        Letter.objects.create(kind="welcome", language="en", state=state, created_at=ago(100))

    assert carried_out() == {"newsletters.Letter": 1}
    assert Letter.objects.get().state == "queued"


@pytest.mark.django_db
def test_a_dry_run_says_what_it_would_do_and_does_nothing(talk, capsys):
    Message.objects.update(written_at=ago(3000))

    call_command("retention", "--dry-run")

    said = capsys.readouterr().out
    days = POLICIES.people["alumni.Message"].days
    assert f"       1  alumni.Message: deleted {days} days after written_at\n" in said
    assert "nothing was changed" in said
    assert Message.objects.count() == 1
    call_command("retention")
    assert Message.objects.count() == 0


@pytest.mark.django_db
def test_it_runs_every_night_by_itself(talk):
    Message.objects.update(written_at=ago(3000))

    tasks.retention()

    assert Message.objects.count() == 0
    assert settings.CELERY_BEAT_SCHEDULE["retention"]["task"] == tasks.retention.name
