"""The editor's verbs on a mailing: pause, resume, cancel. Each is one conditional UPDATE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Case, Value, When
from django.utils import timezone
from django.utils.translation import gettext

from newsletters.models import Batch, Issue
from newsletters.pipeline import record

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


def pause(issue: Issue, *, by: AbstractBaseUser | AnonymousUser) -> bool:
    """Make no further call; False when it is not being sent (any more)."""
    reason = gettext("Paused by %(who)s.") % {"who": _name(by)}
    return bool(
        Issue.objects.filter(pk=issue.pk, state=Issue.State.SENDING).update(
            state=Issue.State.PAUSED, reason=reason[:300]
        )
    )


def resume(issue: Issue, *, by: AbstractBaseUser | AnonymousUser) -> bool:
    """Go on after a pause, or after what stopped it has been mended. Nobody gets it twice."""
    waits = Issue.objects.filter(pk=issue.pk, state__in=[Issue.State.PAUSED, Issue.State.HALTED])
    on = Case(
        When(frozen_at=None, then=Value(Issue.State.APPROVED)),
        default=Value(Issue.State.SENDING),
    )
    return bool(waits.update(state=on, reason="", resumed_at=timezone.now()))


def cancel(issue: Issue, *, by: AbstractBaseUser | AnonymousUser) -> bool:
    """Send nothing more of it. Who got it already is counted; the others stay untold."""
    reason = gettext("Cancelled by %(who)s.") % {"who": _name(by)}
    with transaction.atomic():
        cancelled = (
            Issue.objects.unfinished()
            .filter(pk=issue.pk)
            .update(state=Issue.State.CANCELLED, reason=reason[:300])
        )
        if cancelled:
            Batch.objects.filter(issue=issue, state=Batch.State.QUEUED).update(
                state=Batch.State.CANCELLED, reason=reason[:300]
            )
    record.close(issue)
    return bool(cancelled)


def _name(by: AbstractBaseUser | AnonymousUser) -> str:
    """Who, for colleagues' eyes: a name where there is one, never an address."""
    name = getattr(by, "get_full_name", str)()
    return name if name and "@" not in name else f"#{by.pk}"
