"""In: a colleague. Out: lists of people to be brought in, or gone on with, in sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from alumni.models import CourseRun, Profile, RosterUpload, User
from newsletters.today import Sentence

OF_A_KIND = 2
"""Lists that are told one by one."""
LIST_IS_MISSED = dt.timedelta(days=90)
"""So long after a course its list is asked for."""


def rosters(user: User) -> Iterator[Sentence]:
    """The first list of all, a course without one, and what this colleague has begun."""
    if not Profile.objects.exists():
        yield Sentence(
            gettext("Nobody is here yet. Bring in the people of a course from a list."),
            gettext("Import a roster"),
            reverse("rosters:start"),
        )
    else:
        yield from _without_a_list(timezone.localdate())
    State = RosterUpload.State
    broken = Q(rows__outcome="broken", rows__written_at=None)
    uploads = (
        RosterUpload.objects.current()
        .filter(owner=user, state__in=[State.COLUMNS, State.READ, State.DONE])
        .annotate(broken=Count("rows", filter=broken))
        .exclude(state=State.DONE, broken=0)
        .select_related("run__course")
    )
    for upload in uploads[:OF_A_KIND]:
        words = {"file": upload.name or upload.run, "run": upload.run, "n": upload.broken}
        if upload.state == State.COLUMNS:
            text = gettext("“%(file)s” for %(run)s waits: say what its columns hold.")
        elif upload.broken and upload.state == State.READ:
            text = ngettext(
                "“%(file)s” for %(run)s waits for your word: %(n)d row is to be mended.",
                "“%(file)s” for %(run)s waits for your word: %(n)d rows are to be mended.",
                upload.broken,
            )
        elif upload.broken:
            text = ngettext(
                "“%(file)s” for %(run)s: %(n)d row still waits to be mended.",
                "“%(file)s” for %(run)s: %(n)d rows still wait to be mended.",
                upload.broken,
            )
        else:
            text = gettext("“%(file)s” for %(run)s waits for your word.")
        url = reverse("rosters:roster", args=[upload.key])
        yield Sentence(text % words, gettext("Go on with the list"), url)


def _without_a_list(today: dt.date) -> Iterator[Sentence]:
    """The newest course that has begun lately and has nobody on its list."""
    lately = CourseRun.objects.filter(
        starts_on__lte=today, ends_on__gt=today - LIST_IS_MISSED, enrolments=None
    )
    for run in lately.select_related("course").order_by("-ends_on")[:1]:
        text = gettext("Nobody is on the list of %(run)s yet.") % {"run": run}
        address = f"{reverse('rosters:start')}?run={run.slug}"
        yield Sentence(text, gettext("Import a roster"), address)
