"""What colleagues do with certificates: give them to a run's people, and take one back."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from alumni.models import Certificate, CourseRun, Enrolment


def completed(run: CourseRun) -> QuerySet[Enrolment]:
    """Who took part in the run and completed it: for whom a certificate is meant."""
    return run.enrolments.filter(
        role=Enrolment.Role.PARTICIPANT, completion=Enrolment.Completion.COMPLETED
    )


def lacking(run: CourseRun) -> QuerySet[Enrolment]:
    """Who of them has none; whose was revoked is not given another by itself."""
    return completed(run).filter(certificate=None)


def give(*, run: CourseRun, issued_on: dt.date) -> int:
    """A certificate with a number of its own to each who lacks one; how many. Safe to run again."""
    with transaction.atomic():
        CourseRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        made = Certificate.objects.bulk_create(
            Certificate(enrolment=one, issued_on=issued_on) for one in lacking(run).order_by("pk")
        )
    return len(made)


def revoke(*, certificate: Certificate, reason: str, note: str = "") -> bool:
    """From today on it is not valid, for one of the known reasons. False when it was not before."""
    today = timezone.localdate()
    valid = Certificate.objects.filter(Q(revoked_on=None) | Q(revoked_on__gt=today))
    return bool(
        valid.filter(pk=certificate.pk).update(
            revoked_on=today, revoked_for=Certificate.Reason(reason), revoked_why=note.strip()[:200]
        )
    )
