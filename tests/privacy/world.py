"""A network with a canary in every field of everybody, in every tier, and content of each kind."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.utils import timezone
from wagtail.models import ModelLogEntry
from wagtail.users.models import UserProfile

from alumni import models as people
from alumni.models import Change, CourseRun, Profile, User
from alumni.privacy import erasure
from newsletters import models as mail
from tests.factories import cms as pages
from tests.factories.alumni import JOINED, CourseRunFactory, EnrolmentFactory, ProfileFactory
from tests.factories.newsletters import LONG_AGO, NewsletterFactory, own_this_database
from tests.privacy.canaries import Canaries

SOON = dt.timedelta(days=5)
MET = "spring"
"""The course run of everybody who is planted; the other one is the visitor's who met none."""

TIERS: dict[str, dict[str, Any]] = {
    "waiting": {"accepted_at": None},
    "undecided": {"tier": ""},
    "protected": {"tier": "protected"},
    "cohort": {"tier": "cohort"},
    "network": {"tier": "network"},
    "initials": {"tier": "network", "shows_initials": True},
    "institution": {"tier": "network", "shares_institution": True},
    "public": {"tier": "network", "public_name": True},
    "public but protected": {"tier": "protected", "public_name": True, "shares_institution": True},
    "hidden": {"tier": "network", "public_name": True, "shares_institution": True},
    "hidden by staff": {"tier": "network", "public_name": True, "shares_institution": True},
    "by slip": {"tier": "network", "public_name": True, "door": "slip"},
    "closed": {"tier": "network", "public_name": True},
    "erased": {"tier": "network", "public_name": True, "shares_institution": True},
}


@dataclass
class World:
    """What the tests ask for by name."""

    canaries: Canaries
    tree: pages.Tree
    met: CourseRun
    other: CourseRun
    newsletter: mail.Newsletter
    officer: User
    profiles: dict[str, Profile]
    issue: mail.Issue
    public_paths: list[str]


def build() -> World:
    """Everything; about a second and a half."""
    own_this_database()
    canaries = Canaries()
    tree = pages.site_tree()
    met = pages.course_run(MET)
    other = CourseRunFactory(slug="autumn")
    newsletter = NewsletterFactory(slug="stories")
    officer = canaries.plant(User, "staff", is_staff=True)
    world = World(
        canaries, tree, met, other, newsletter, officer, {}, _issue(canaries, newsletter), []
    )
    confidant = ProfileFactory(joined=True, given_name="Confidant", family_name="Of All")
    for tier, facts in TIERS.items():
        world.profiles[tier] = _person(world, tier, confidant, facts)
    _of_staff(world)
    people.Hiding.objects.create(profile=world.profiles["hidden"], is_own=True)
    people.Hiding.objects.create(institution=world.profiles["hidden by staff"].institution)
    User.objects.filter(profile=world.profiles["closed"]).update(is_active=False)
    return world


def forget(world: World) -> None:
    """Who asked to be erased goes, with everything that was published meanwhile."""
    erasure.erase(profile=world.profiles["erased"], by=None, language="en", how="test")


def _person(world: World, tier: str, confidant: Profile, facts: dict[str, Any]) -> Profile:
    plant = world.canaries.plant
    joined = facts.get("accepted_at", JOINED)
    user = plant(User, tier) if joined else None
    subscriber = plant(mail.Subscriber, tier, languages=["en"])
    profile: Profile = plant(
        Profile,
        tier,
        user=user,
        subscriber=subscriber,
        country="KE",
        role="judge",
        institution_type="police",
        languages=["en"],
        expertise=["legislation"],
        **{"accepted_at": joined} | facts,
    )
    now = timezone.now()
    enrolment = plant(people.Enrolment, tier, profile=profile, run=world.met)
    plant(people.Certificate, tier, enrolment=enrolment, revoked_on=now.date())
    plant(people.Position, tier, profile=profile, ends_on=now.date())
    letter = plant(mail.Letter, tier, kind="invitation", language="en", next_at=now)
    plant(
        people.Invitation,
        tier,
        profile=profile,
        run=world.met,
        letter=letter,
        step="first",
        expires_at=now + SOON,
    )
    plant(people.Call, tier, profile=profile, result="no_answer")
    plant(people.Slip, tier, profile=profile, door="slip", expires_at=now + SOON)
    named = ("given_name", "family_name", "address", "phone", "institution", "post")
    plant(
        people.Vouching,
        tier,
        run=world.met,
        profile=profile,
        state="confirmed",
        checked_on=now.date(),
        how="met",
        proposed_by=world.officer.pk,
        decided_by=world.officer.pk + 1,
        decided_at=now,
        **dict.fromkeys(named, ""),
    )
    plant(people.Answer, tier, enrolment=enrolment, wave="3-months", first="used", language="en")
    plan = plant(people.ActionPlan, tier, enrolment=enrolment)
    plant(people.PlanStep, tier, plan=plan)
    for use in Change.Use.values:
        plant(Change, tier, profile=profile, enrolment=enrolment, kind="procedure", use=use)
    talk = plant(people.Conversation, tier, asker=profile, asked=confidant, state="accepted")
    plant(people.Message, tier, conversation=talk, author=profile)
    plant(people.Complaint, tier, conversation=talk, by=profile)
    plant(people.Block, tier, by=profile, against=confidant)
    plant(people.Hiding, tier, profile=profile, institution="", ended_at=now)
    plant(people.Muting, tier, profile=profile, ended_at=now)
    subject = f"profile:{profile.key}"
    plant(people.Access, tier, subject=profile.key, what="record", by=world.officer.pk)
    plant(mail.Consent, tier, subject=subject, given=True, language="en")
    subscription = plant(
        mail.Subscription,
        tier,
        subscriber=subscriber,
        newsletter=world.newsletter,
        state="confirmed",
        confirmed_at=LONG_AGO,
        caught_up_at=LONG_AGO,
        interests=["all"],
    )
    plant(mail.OneTimeLink, tier, purpose="confirm", subscription=subscription, expires_at=now)
    plant(mail.FreshLink, tier, purpose="data", subscriber=subscriber, expires_at=now + SOON)
    plant(mail.Suppression, tier, reason="bounce")
    batch = world.issue.batches.get()
    plant(mail.Delivery, tier, issue=world.issue, batch=batch, subscriber_id=subscriber.pk)
    plant(mail.Report, tier, kind="bounced", delivery="1", batch="1")
    step = mail.Step.objects.get()
    plant(mail.Passage, tier, step=step, subscriber=subscriber, anchor=tier[:80], issue=world.issue)
    upload = plant(people.RosterUpload, tier, run=world.met, owner=world.officer, language="en")
    plant(people.RosterRow, tier, upload=upload, number=1, profile=profile)
    table = plant(mail.ReaderTable, tier, owner=world.officer)
    plant(mail.ReaderRow, tier, table=table, number=1)
    if user is not None:
        _sign_in(world, user, tier)
    kind = ContentType.objects.get_for_model(Profile)
    entry = {"content_type": kind, "object_id": str(profile.pk), "action": "wagtail.edit"}
    plant(ModelLogEntry, tier, timestamp=now, user=world.officer, **entry)
    return profile


def _sign_in(world: World, user: User, tier: str) -> None:
    plant, now = world.canaries.plant, timezone.now()
    plant(people.DirectoryUse, tier, user=user, day=now.date())
    address = plant(EmailAddress, tier, user=user, verified=True, primary=True)
    plant(EmailConfirmation, tier, email_address=address)
    plant(Authenticator, tier, user=user, type="totp")
    plant(UserSession, tier, user=user, ip="127.0.0.1", data={})
    plant(Session, tier, session_data="", expire_date=now + SOON)
    plant(UserProfile, tier, user=user, preferred_language="en", current_time_zone="UTC")


def _issue(canaries: Canaries, newsletter: mail.Newsletter) -> mail.Issue:
    """A mailing in the archive, with a public card and one for members."""
    mail.Step.objects.create(newsletter=newsletter, code="first")
    issue = canaries.plant(
        mail.Issue,
        "public",
        newsletter=newsletter,
        kind="digest",
        frequency="weekly",
        cutoff_at=timezone.now(),
        not_after=timezone.now() + SOON,
        state="done",
        criteria={},
        excluded={},
    )
    edition = canaries.plant(mail.Edition, "staff", issue=issue, language="en", selection=[])
    batch = mail.Batch.objects.create(
        issue=issue, edition=edition, number=1, size=1, state=mail.Batch.State.ACCEPTED
    )
    for tier, public in (("public", True), ("members", False)):
        fragment = {"language": "en", "is_public": public, "entry": f"story-{tier}@en"}
        canaries.plant(mail.Fragment, tier, issue=issue, **fragment)
    canaries.plant(mail.Attempt, "staff", batch=batch, epoch=1, deadline_at=timezone.now())
    return issue


def _of_staff(world: World) -> None:
    """What the colleagues' own work leaves behind."""
    plant, now = world.canaries.plant, timezone.now()
    _sign_in(world, world.officer, "staff")
    plant(people.Forgotten, "staff")
    plant(people.Wave, "staff", run=world.met, started_by=world.officer)
    plant(people.Hiding, "staff", country="")
    plant(
        people.Vouching,
        "staff",
        run=world.met,
        languages=["en"],
        checked_on=now.date(),
        how="met",
        proposed_by=world.officer.pk,
        decided_by_name="",
        word="",
    )
    report = plant(
        people.ProjectReport,
        "staff",
        project=world.met.project,
        starts_on=now.date(),
        ends_on=now.date(),
    )
    plant(people.ReportLink, "staff", report=report, expires_at=now + SOON)
    EnrolmentFactory(profile=ProfileFactory(joined=True), run=world.other)
