"""How much of the directory one member may look at in a day: a guard against copying it.

Counted by person and day in the database: signing in again, or elsewhere, begins nothing anew.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum

from django.db.models import F, QuerySet
from django.utils import timezone

from alumni import visibility
from alumni.models import DirectoryUse, User


class Look(Enum):
    """What is looked at; the values are the counters."""

    LIST = "lists"
    PERSON = "people"


A_DAY = {Look.LIST: 300, Look.PERSON: 200}
KEPT = dt.timedelta(days=30)


def take(user: User, look: Look) -> bool:
    """Count one look; False when the day's are used up. Staff look as often as they need."""
    if visibility.is_staff(user):
        return True
    row, _ = DirectoryUse.objects.get_or_create(user=user, day=timezone.localdate())
    today = DirectoryUse.objects.filter(pk=row.pk)
    counter = look.value
    if today.filter(**{f"{counter}__lt": A_DAY[look]}).update(**{counter: F(counter) + 1}):
        return True
    today.filter(used_up_at=None).update(used_up_at=timezone.now())
    return False


def used_up() -> QuerySet[DirectoryUse]:
    """Days on which someone reached the limit, for staff."""
    return DirectoryUse.objects.filter(used_up_at__isnull=False).select_related("user__profile")


def forget(today: dt.date) -> int:
    """Delete what is older than thirty days; how many rows. Safe to run again."""
    return DirectoryUse.objects.filter(day__lt=today - KEPT).delete()[0]
