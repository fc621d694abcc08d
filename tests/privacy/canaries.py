"""A string of its own in every text that is kept of a person, and who may meet which of them.

In: a database with the demonstration. Out: `Canary` by string. The fields come from
docs/data-retention.yaml: one that is added there is covered, or must be named below with a reason.
"""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import yaml
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from alumni.models import (
    Call,
    Complaint,
    Conversation,
    CourseRun,
    Hiding,
    Profile,
    Project,
    ProjectReport,
    ReportLink,
    RosterRow,
    RosterUpload,
    Slip,
    User,
)
from newsletters.models import Letter, OneTimeLink, Report, Subscription, Suppression

CANARY = re.compile(r"qz\d{5}zq")

NOT_FILLED = {
    "alumni.Profile.key": "random, and stands in addresses that members are given",
    "alumni.User.password": "a hash that nothing prints; the sign-in needs it",
    "alumni.Access.subject": "a key",
    "alumni.Forgotten.hash": "a keyed hash",
    "newsletters.Subscriber.key": "random, and stands in the reader's own links",
    "alumni.Profile.languages": "codes",
    "alumni.Profile.expertise": "codes",
    "newsletters.Subscriber.languages": "codes",
    "newsletters.Subscription.interests": "codes",
    "newsletters.Passage.anchor": "the short name of a course run",
    "newsletters.Suppression.address_hash": "a keyed hash",
    "newsletters.Consent.subject": "a key",
    "newsletters.Consent.purpose": "a code",
    "newsletters.Consent.wording_version": "a date",
    "newsletters.Consent.language": "a code",
    "newsletters.Letter.to_hash": "a keyed hash",
    "newsletters.Letter.language": "a code",
    "newsletters.Report.key": "the mail service's own",
    "newsletters.Report.delivery": "a number",
    "newsletters.Delivery.reason": "no mailing is sent here",
    "newsletters.Attempt.answer": "no mailing is sent here",
    "alumni.Answer.first": "a code of the pack",
    "alumni.Answer.language": "a code",
    "alumni.Slip.promised_to": "a keyed hash",
    "account.EmailConfirmation.key": "allauth's own, not used: confirmation is by code",
}
TEXTS = (models.CharField, models.TextField, models.JSONField, ArrayField)
NOT_OURS = {"mfa", "usersessions", "sessions", "wagtailusers", "wagtailcore", "wagtailadmin"}
"""Kept by libraries; their screens are the account's own and the admin's."""


@dataclass(frozen=True)
class Canary:
    """Where a string stands."""

    model: str
    field: str
    row: int

    def __str__(self) -> str:
        return f"{self.model}.{self.field} of row {self.row}"


def personal_texts() -> list[tuple[type[models.Model], models.Field[Any, Any]]]:
    """Every text field that the retention plan calls personal."""
    plan = yaml.safe_load((settings.BASE_DIR / "docs" / "data-retention.yaml").read_text())
    found = []
    for name, policy in plan["people"].items():
        model = apps.get_model(name)
        if model._meta.app_label in NOT_OURS:
            continue
        for field_name in policy.get("personal", []):
            field = model._meta.get_field(field_name)
            if isinstance(field, TEXTS) and not field.choices:
                found.append((model, field))
    return found


def name_of(model: type[models.Model], field: models.Field[Any, Any]) -> str:
    """As `NOT_FILLED` has it."""
    return f"{model._meta.label}.{field.name}"


def plant() -> dict[str, Canary]:
    """Fill every such field of every row; the database's append-only rules look away meanwhile."""
    _rows_the_demonstration_lacks()
    planted: dict[str, Canary] = {}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model, field in personal_texts():
            if name_of(model, field) not in NOT_FILLED:
                _fill(model, field, planted)
        cursor.execute("SET LOCAL session_replication_role = origin")
    return planted


def _fill(
    model: type[models.Model], field: models.Field[Any, Any], planted: dict[str, Canary]
) -> None:
    for row, before in model._base_manager.values_list("pk", field.name):
        canary = f"qz{len(planted):05d}zq"
        value: Any = canary
        if isinstance(field, models.JSONField):
            value = {**before, "words": canary} if isinstance(before, dict) else canary
        elif isinstance(field, ArrayField):
            value = [canary]
        elif isinstance(field, models.EmailField) or field.name == "recipient":
            value = f"{canary}@example.org"
        with suppress(IntegrityError), transaction.atomic():  # where the database wants none
            model._base_manager.filter(pk=row).update(**{field.name: value})
            planted[canary] = Canary(model._meta.label, field.name, row)


def _rows_the_demonstration_lacks() -> None:
    now = timezone.now()
    soon = now + dt.timedelta(days=1)
    staff = User.objects.filter(is_superuser=True)[0]
    waiting = Profile.objects.filter(user=None)[0]
    run = CourseRun.objects.order_by("-pk")[0]
    talk = Conversation.objects.all()[0]
    Call.objects.create(profile=waiting, number="1", result=Call.Result.NO_ANSWER, by=staff)
    Slip.objects.create(profile=waiting, door="slip", hash="x", expires_at=soon, made_by=staff)
    Complaint.objects.create(conversation=talk, by=talk.asked, why="why", outcome="outcome")
    Hiding.objects.create(institution="A police of somewhere", why="why", began_by=staff)
    upload = RosterUpload.objects.create(run=run, owner=staff, language="en")
    RosterRow.objects.create(upload=upload, number=1, cells=["cell"])
    report = ProjectReport.objects.create(
        project=Project.objects.all()[0], starts_on=now.date(), ends_on=now.date(), made_by=staff
    )
    ReportLink.objects.create(report=report, note="note", hash="x", expires_at=soon)
    Suppression.objects.create(address="gone@example.org", reason="asked", note="note")
    Letter.objects.create(kind="welcome", to="a@example.org", to_hash="x", language="en")
    Report.objects.create(key="x", recipient="a@example.org")
    OneTimeLink.objects.create(
        subscription=Subscription.objects.all()[0],
        hash="x",
        purpose=OneTimeLink.Purpose.CONFIRM,
        expires_at=soon,
    )
