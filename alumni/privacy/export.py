"""Everything kept about one person, in his or her own hands: one zip, for machines and for eyes."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language, get_language_bidi, gettext
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
)
from alumni.privacy import access
from newsletters.models import Consent, Delivery, Subscriber, Subscription, Suppression

SECRETS = {"password", "session_key", "hash", "is_withheld"}
"""Not the person's to know in the clear, or somebody else's: what blocks whom."""


@dataclass(frozen=True)
class Section:
    """Rows of one model that speak of the person."""

    label: str
    """`app.Model`, as in docs/data-retention.yaml."""
    title: str
    rows: tuple[dict[str, Any], ...]
    shown: tuple[tuple[tuple[str, str], ...], ...]
    """The same rows as (name, value) in words."""


def sections(profile: Profile, *, by: User) -> list[Section]:
    """All of it, model by model. For the person alone: PermissionDenied for anyone else."""
    if profile.user_id != by.pk:
        raise PermissionDenied("Everything about a person is for the person alone.")
    return [_section(model, rows(profile, by), profile) for model, rows in THEIRS.items()]


def archive(profile: Profile, *, by: User) -> bytes:
    """`data.json` and `my-data.html` in a zip."""
    found = sections(profile, by=by)
    made_at = timezone.now()
    data = {"made_at": made_at} | {section.label: section.rows for section in found}
    page = render_to_string(
        "alumni/rights_export.html",
        {
            "sections": [section for section in found if section.rows],
            "made_at": made_at,
            "name": profile.name,
            "language": get_language(),
            "direction": "rtl" if get_language_bidi() else "ltr",
        },
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archived:
        machine = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        archived.writestr("data.json", machine)
        archived.writestr("my-data.html", page)
    return target.getvalue()


Rows = Callable[[Profile, User], Iterable[Model]]


def _addresses(profile: Profile, user: User) -> set[str]:
    own = set(EmailAddress.objects.filter(user=user).values_list("email", flat=True))
    reads = {profile.subscriber.address} if profile.subscriber else set()
    return (own | reads | {user.email, profile.address}) - {""}


# The models of docs/data-retention.yaml that a person can have rows in; a test holds the two
# together.
THEIRS: dict[type[Model], Rows] = {
    Profile: lambda p, u: [p],
    Enrolment: lambda p, u: p.enrolments.select_related("run__course"),
    User: lambda p, u: [u],
    EmailAddress: lambda p, u: EmailAddress.objects.filter(user=u),
    UserSession: lambda p, u: UserSession.objects.filter(user=u),
    Authenticator: lambda p, u: Authenticator.objects.filter(user=u).defer("data"),
    UserProfile: lambda p, u: UserProfile.objects.filter(user=u),
    Subscriber: lambda p, u: Subscriber.objects.filter(pk=p.subscriber_id or 0),
    Subscription: lambda p, u: Subscription.objects.filter(
        subscriber=p.subscriber_id
    ).select_related("newsletter"),
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
    Access: lambda p, u: Access.objects.filter(subject=p.key),
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
}
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
}
"""Fields that point at other people or hold a secret: left out, or told as mine and theirs."""


def _section(model: type[Model], found: Iterable[Model], profile: Profile) -> Section:
    rows = list(found)
    return Section(
        label=model._meta.label,
        title=str(capfirst(model._meta.verbose_name_plural)),
        rows=tuple(_row(model, row, profile) for row in rows),
        shown=tuple(_in_words(model, row, profile) for row in rows),
    )


def _fields(model: type[Model]) -> list[Any]:
    left_out = SECRETS | OF_OTHERS.get(model, set())
    return [
        field
        for field in model._meta.concrete_fields
        if field.name not in left_out and (not field.primary_key or model is Conversation)
    ]


def _row(model: type[Model], row: Model, profile: Profile) -> dict[str, Any]:
    _as_the_person_may_know(row, profile)
    values = {field.attname: getattr(row, field.attname) for field in _fields(model)}
    return values | dict(_whose(row, profile))


def _in_words(model: type[Model], row: Model, profile: Profile) -> tuple[tuple[str, str], ...]:
    said = []
    for field in _fields(model):
        display = getattr(row, f"get_{field.name}_display", None)
        value = display() if display else getattr(row, field.name)
        if value in (None, "", [], {}):
            continue
        if isinstance(value, list):
            value = ", ".join(map(str, value))
        said.append((str(capfirst(field.verbose_name)), _said(value)))
    return tuple(said + [(gettext("By me"), _said(value)) for _name, value in _whose(row, profile)])


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dt.datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, dt.date):
        return date_format(value)
    return str(value)


def _whose(row: Model, profile: Profile) -> list[tuple[str, bool]]:
    if isinstance(row, Message):
        return [("by_me", row.author_id == profile.pk)]
    if isinstance(row, Conversation):
        return [("by_me", row.asker_id == profile.pk)]
    return []


def _as_the_person_may_know(row: Model, profile: Profile) -> None:
    """No is no answer, and whether the other one has read it is the other one's business."""
    if isinstance(row, Conversation) and row.asker_id == profile.pk:
        if row.state == Conversation.State.DECLINED:
            row.state, row.answered_at = Conversation.State.ASKED, None
    elif isinstance(row, Message) and row.author_id == profile.pk:
        row.read_at = None
