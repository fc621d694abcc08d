"""The pack's invented colleagues, alumni and readers, as rows; those that stand are left alone."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.utils import timezone

from alumni import profiles
from alumni.followup import asking
from alumni.models import CourseRun, Enrolment, Invitation, Position, Profile, User, Wave
from alumni.models.doors import INVITATION_LASTS
from alumni.profiles import Visibility
from alumni.reviews import GOOD_FOR
from alumni.visibility import Tier
from newsletters import subscriptions
from newsletters.addresses import keyed_hash
from newsletters.models import Newsletter, Subscriber, Subscription, Suppression

if TYPE_CHECKING:
    from packs.demonstration import Colleague, Person, Reader

HOW = "demonstration"
"""Stands in every consent of an invented person, so that nobody takes it for one."""

CAUGHT_UP = {"daily": 7, "weekly": 30, "monthly": 60}
"""Days back to which readers of a rhythm know everything: what is newer makes the first digest."""

PAUSE = dt.timedelta(days=60)


def colleague(plan: Colleague, *, password: str) -> bool:
    """Someone who edits or administers; False when the address can sign in already."""
    if User.objects.filter(email=plan.address).exists():
        return False
    user = User.objects.create_user(
        plan.address,
        password,
        first_name=plan.given_name,
        last_name=plan.family_name,
        is_staff=plan.administrator,
        is_superuser=plan.administrator,
    )
    user.groups.set(Group.objects.filter(name__in=plan.groups))
    _mailbox_is_proved(user)
    return True


def person(plan: Person, *, password: str) -> bool:
    """An alumnus, on the roster of a run or joined; False when the person stands already."""
    if Profile.objects.filter(address=plan.address).exists():
        return False
    profile = Profile.objects.create(
        address=plan.address,
        phone=plan.phone,
        given_name=plan.given_name,
        family_name=plan.family_name,
        gender=plan.gender,
        country=plan.country,
        role=plan.role,
        institution_type=plan.institution_type,
        institution=plan.institution,
        post=plan.post,
        languages=list(plan.languages),
        expertise=list(plan.expertise),
        biography=plan.biography,
        contact=plan.contact,
    )
    for run in CourseRun.objects.filter(slug__in=[plan.run, *plan.also]):
        Enrolment.objects.create(
            profile=profile,
            run=run,
            completion=plan.completion,
            institution=plan.institution,
            post=plan.post,
            country=plan.country,
        )
    _worked_before(profile, plan)
    if plan.joined_days_ago is not None:
        _join(profile, plan, password if plan.sign_in else None)
    elif plan.invited_days_ago is not None:
        _invite(profile, plan)
    return True


def agrees(plan: Person) -> bool:
    """The person lets the centre ask, by the own mailbox; False when that was so already."""
    profile = Profile.objects.select_related("user").get(address=plan.address)
    if not plan.asked or profile.answers_questions or profile.user is None:
        return False
    language = _read_by(plan)[0]
    asking.agree(profile=profile, given=True, language=language, by=profile.user, how=HOW)
    for subscriber in Subscriber.objects.filter(profile=profile):
        subscriptions.read_in(subscriber, languages=_read_by(plan))
    return True


def reader(plan: Reader, newsletter: Newsletter) -> bool:
    """A subscription of one kind; False when the address is known already."""
    if Subscriber.objects.filter(address=plan.address).exists():
        return False
    now = timezone.now()
    subscriber = Subscriber.objects.create(
        address=plan.address, languages=list(plan.languages), discreet=plan.discreet
    )
    subscription = Subscription.objects.create(
        subscriber=subscriber,
        newsletter=newsletter,
        frequency=plan.frequency,
        interests=list(plan.interests),
    )
    if plan.state == "pending":
        return True
    subscription.state = Subscription.State.CONFIRMED
    subscription.confirmed_at = subscription.caught_up_at = now - dt.timedelta(
        days=CAUGHT_UP[plan.frequency]
    )
    subscription.paused_until = now + PAUSE if plan.state == "paused" else None
    subscription.save()
    language = plan.languages[0]
    subscriptions.record_consent(subscription, given=True, language=language, how=HOW)
    if plan.state == "left":
        subscriptions.unsubscribe(subscription, how=HOW, language=language)
    if plan.state == "bounced":
        Suppression.objects.get_or_create(
            address=plan.address, defaults={"reason": Suppression.Reason.BOUNCE, "note": HOW}
        )
    if plan.person:
        profile = Profile.objects.get(address=plan.address)
        profiles.link_subscriber(profile=profile, address=plan.address)
    return True


def _join(profile: Profile, plan: Person, password: str | None) -> None:
    """Through the person's own verbs, and then dated back."""
    user = User.objects.create_user(plan.address, password)
    _mailbox_is_proved(user)
    profile.user = user
    profile.save(update_fields=["user"])
    language = _read_by(plan)[0]
    profiles.accept(profile=profile, by=user, language=language, how=HOW)
    if plan.tier:
        chosen = Visibility(Tier(plan.tier), plan.shows_initials, plan.shares_institution)
        profiles.choose_visibility(
            profile=profile, chosen=chosen, by=user, language=language, how=HOW
        )
    now, joined = timezone.now(), _ago(plan.joined_days_ago or 0)
    Profile.objects.filter(pk=profile.pk).update(
        accepted_at=joined,
        # Who has not looked for a year was asked already: nobody is mailed by filling the site.
        asked_to_review_at=_ago(5) if joined < now - GOOD_FOR else None,
    )


def _invite(profile: Profile, plan: Person) -> None:
    """As if a mail had left; its link opens nothing, since nobody knows what it was made from."""
    sent = _ago(plan.invited_days_ago or 0)
    run = CourseRun.objects.get(slug=plan.run)
    # Stopped, so that nothing leaves by itself.
    Wave.objects.get_or_create(
        run=run,
        defaults={
            "state": Wave.State.STOPPED,
            "why": Wave.Why.STAFF,
            "started_at": sent,
            "stopped_at": timezone.now(),
        },
    )
    Invitation.objects.create(
        profile=profile,
        run=run,
        address=plan.address,
        step=Invitation.Step.FIRST,
        hash=keyed_hash(secrets.token_urlsafe()),
        sent_at=sent,
        expires_at=sent + INVITATION_LASTS,
        bounced_at=sent if plan.bounced else None,
    )


def _worked_before(profile: Profile, plan: Person) -> None:
    today = timezone.localdate()
    Position.objects.bulk_create(
        Position(
            profile=profile,
            institution=post.institution,
            institution_type=post.institution_type,
            post=post.post,
            starts_on=today - dt.timedelta(days=post.from_days_ago),
            ends_on=today - dt.timedelta(days=post.until_days_ago),
        )
        for post in plan.earlier
    )


def _read_by(plan: Person) -> list[str]:
    """The languages of the site among those the person works in, else its first."""
    site = dict(settings.LANGUAGES)
    return [code for code in plan.languages if code in site] or [settings.LANGUAGE_CODE]


def _ago(days: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


def _mailbox_is_proved(user: User) -> None:
    """allauth asks for a proved mailbox at sign-in."""
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
