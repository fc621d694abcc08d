"""When the demonstration's mails leave by themselves: tomorrow, so "Today" has them to look at."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from newsletters import schedule
from newsletters.models import Newsletter


def leaves_tomorrow(newsletter: Newsletter) -> None:
    """At this hour of its own clock, whatever the day: long enough to look, soon enough to see."""
    here = timezone.now().astimezone(newsletter.zone)
    newsletter.hour = here.hour
    newsletter.weekday = (here + dt.timedelta(days=1)).weekday()
    newsletter.save(update_fields=["hour", "weekday"])
    schedule.reset_cadences(newsletter)
