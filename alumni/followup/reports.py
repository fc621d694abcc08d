"""A project's report: frozen once, shared by a link that ends. `readings.py` puts it in words."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from importlib import import_module

from django.conf import settings
from django.utils import timezone

from alumni.followup import outcomes
from alumni.models import Project, ProjectReport, ReportLink, User

LONGEST = dt.timedelta(days=90)
"""A link lives at most so long."""


def make(
    *, project: Project, starts_on: dt.date, ends_on: dt.date, by: User | None
) -> ProjectReport:
    """Count everything now; the figures stay as they are from then on."""
    found = outcomes.figures(project, starts_on, ends_on)
    source = import_module(settings.RABITA_EVIDENCE_SOURCE)
    found["told"] = source.told(project.slug, starts_on)
    return ProjectReport.objects.create(
        project=project, starts_on=starts_on, ends_on=ends_on, figures=found, made_by=by
    )


def share(
    *, report: ProjectReport, note: str, days: int, by: User | None
) -> tuple[ReportLink, str]:
    """A link for someone without an account, and its token, which is shown once and not kept."""
    token = secrets.token_urlsafe(24)
    lasts = min(dt.timedelta(days=days), LONGEST)
    link = ReportLink.objects.create(
        report=report, note=note, hash=_hash(token), expires_at=timezone.now() + lasts, made_by=by
    )
    return link, token


def end(*, link: ReportLink, by: User | None) -> None:
    """From now on the link opens nothing. Safe to run again."""
    ReportLink.objects.filter(pk=link.pk, ended_at=None).update(ended_at=timezone.now())


def opened_by(token: str) -> ProjectReport | None:
    """The report behind a link that lives; None for one that has ended or never was."""
    links = ReportLink.objects.live().filter(hash=_hash(token))
    link = links.select_related("report__project").first()
    return link.report if link else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
