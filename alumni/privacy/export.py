"""Everything kept about one person, in his or her own hands: one zip, for machines and for eyes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q
from django.utils.translation import gettext
from wagtail.users.models import UserProfile

from alumni.models import (
    Access,
    ActionPlan,
    Answer,
    Block,
    Call,
    Certificate,
    Change,
    Complaint,
    Conversation,
    DirectoryUse,
    Enrolment,
    Hiding,
    Invitation,
    Message,
    Muting,
    PlanStep,
    Position,
    Profile,
    Slip,
    User,
    Vouching,
)
from alumni.privacy import access
from alumni.signals import collecting
from newsletters import everything
from newsletters.models import Consent, Delivery, Passage, Subscriber, Subscription, Suppression
from newsletters.sources import Section


def sections(profile: Profile, *, by: User) -> list[Section]:
    """All of it, model by model. For the person alone: PermissionDenied for anyone else."""
    if profile.user_id != by.pk:
        raise PermissionDenied("Everything about a person is for the person alone.")
    own = [_section(model, rows(profile, by), profile) for model, rows in THEIRS.items()]
    return own + _of_others(profile)


def of_listed(profile: Profile) -> list[Section]:
    """What is kept of a person who has no account here. The caller knows who asks.

    What the engine keeps of a reader is the engine's to tell.
    """
    found = [
        _section(model, rows(profile, None), profile)
        for model, rows in THEIRS.items()
        if model._meta.app_label == "alumni" or model is Consent
    ]
    return [section for section in found + _of_others(profile) if section.rows]


def by_letter(profile: Profile) -> list[Section]:
    """What staff hand to whoever asked by letter: all but what members wrote to one another."""
    kinds = {model: rows for model, rows in THEIRS.items() if model not in BETWEEN_MEMBERS}
    own = [_section(model, rows(profile, profile.user), profile) for model, rows in kinds.items()]
    return own + _of_others(profile)


def archive(profile: Profile, *, by: User) -> bytes:
    """`data.json` and `my-data.html` in a zip."""
    return everything.archive(sections(profile, by=by), name=profile.name)


Rows = Callable[[Profile, User | None], Iterable[Model]]


def _addresses(profile: Profile, user: User | None) -> set[str]:
    own = set(EmailAddress.objects.filter(user=user).values_list("email", flat=True))
    reads = {profile.subscriber.address} if profile.subscriber else set()
    return (own | reads | {user.email if user else "", profile.address}) - {""}


# The models of docs/data-retention.yaml that a person can have rows in; a test holds the two
# together.
THEIRS: dict[type[Model], Rows] = {
    Profile: lambda p, u: [p],
    Enrolment: lambda p, u: p.enrolments.select_related("run__course"),
    User: lambda p, u: [u] if u else [],
    EmailAddress: lambda p, u: EmailAddress.objects.filter(user=u),
    UserSession: lambda p, u: UserSession.objects.filter(user=u),
    Authenticator: lambda p, u: Authenticator.objects.filter(user=u).defer("data"),
    UserProfile: lambda p, u: UserProfile.objects.filter(user=u),
    Subscriber: lambda p, u: Subscriber.objects.filter(pk=p.subscriber_id or 0),
    Subscription: lambda p, u: Subscription.objects.filter(
        subscriber=p.subscriber_id
    ).select_related("newsletter"),
    Passage: lambda p, u: Passage.objects.filter(subscriber=p.subscriber_id or 0).select_related(
        "step", "issue"
    ),
    Delivery: lambda p, u: Delivery.objects.filter(
        subscriber_id=p.subscriber_id or 0
    ).select_related("issue__newsletter"),
    Suppression: lambda p, u: Suppression.objects.filter(address__in=_addresses(p, u)),
    Consent: lambda p, u: Consent.objects.filter(subject__in=access.subjects(p)),
    Conversation: lambda p, u: Conversation.objects.filter(Q(asker=p) | Q(asked=p)),
    Message: lambda p, u: Message.objects.filter(
        Q(author=p)
        | Q(is_withheld=False, conversation__asker=p)
        | Q(is_withheld=False, conversation__asked=p)
    ),
    Block: lambda p, u: Block.objects.filter(by=p),
    Complaint: lambda p, u: Complaint.objects.filter(by=p),
    Muting: lambda p, u: p.mutings.all(),
    Hiding: lambda p, u: Hiding.objects.filter(profile=p),
    Access: lambda p, u: access.looks(p),
    Position: lambda p, u: p.positions.all(),
    DirectoryUse: lambda p, u: DirectoryUse.objects.filter(user=u),
    Answer: lambda p, u: Answer.objects.filter(enrolment__profile=p),
    ActionPlan: lambda p, u: ActionPlan.objects.filter(enrolment__profile=p),
    PlanStep: lambda p, u: PlanStep.objects.filter(plan__enrolment__profile=p),
    Change: lambda p, u: p.changes.all(),
    Certificate: lambda p, u: Certificate.objects.filter(enrolment__profile=p),
    Invitation: lambda p, u: p.invitations.all(),
    Call: lambda p, u: p.calls.all(),
    Slip: lambda p, u: p.slips.all(),
    Vouching: lambda p, u: p.vouchings.select_related("run__course"),
}
BETWEEN_MEMBERS = {Conversation, Message, Block, Complaint}
OF_OTHERS = {
    Message: {"author"},
    Conversation: {"asker", "asked"},
    Block: {"against"},
    Muting: {"began_by", "ended_by"},
    Hiding: {"began_by", "ended_by"},
    Complaint: {"settled_by"},
    Authenticator: {"data"},
    UserSession: {"data"},
    Profile: {"identified_by"},
    Call: {"by"},
    Slip: {"made_by"},
    Certificate: {"revoked_why"},
    Vouching: {"answered_by", "proposed_by", "decided_by", "profile"},
}
"""Fields that point at other people or hold a secret: left out, or told as mine and theirs."""


def _of_others(profile: Profile) -> list[Section]:
    """What packages keep that show people and that this one must not import."""
    answers: list[tuple[Any, Any]] = collecting.send(Profile, profile=profile)
    return [section for _receiver, sections in answers for section in sections]


def _section(model: type[Model], found: Iterable[Model], profile: Profile) -> Section:
    rows = list(found)
    for row in rows:
        _as_the_person_may_know(row, profile)
    return everything.section(
        model,
        rows,
        left_out=OF_OTHERS.get(model, ()),
        remark=lambda row: _whose(row, profile),
        keys=model is Conversation,
    )


def _whose(row: Model, profile: Profile) -> list[tuple[str, str, bool]]:
    if isinstance(row, Message):
        return [("by_me", gettext("By me"), row.author_id == profile.pk)]
    if isinstance(row, Conversation):
        return [("by_me", gettext("By me"), row.asker_id == profile.pk)]
    return []


def _as_the_person_may_know(row: Model, profile: Profile) -> None:
    """No is no answer, and whether the other one has read it is the other one's business."""
    if isinstance(row, Conversation) and row.asker_id == profile.pk:
        if row.state == Conversation.State.DECLINED:
            row.state, row.answered_at = Conversation.State.ASKED, None
    elif isinstance(row, Message) and row.author_id == profile.pk:
        row.read_at = None
