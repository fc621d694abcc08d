"""Who stands in a roster that was imported: its rows are gone by then, the people are not."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from alumni.joining import slips
from alumni.models import Enrolment, Profile, RosterUpload
from alumni.roster.report import Outcome


def remember(upload: RosterUpload) -> None:
    """Before it is imported: who of it stands on the course already."""
    there = upload.rows.filter(outcome=Outcome.THERE.value, written_at=None)
    found = there.exclude(profile=None).order_by().values_list("profile_id", flat=True)
    known = sorted({*upload.standing, *found.iterator()})
    RosterUpload.objects.filter(pk=upload.pk).update(standing=known)
    upload.standing = known


def waiting(upload: RosterUpload) -> QuerySet[Profile] | None:
    """The people of exactly this roster who have not joined; None where nobody can tell.

    Who came with it are those enrolled while it was at work: as many as it says, else another
    list or a colleague was at work on the same course.
    """
    run = upload.run
    ours = run.enrolments.filter(created_at__range=(upload.created_at, upload.moved_at))
    ours = ours.exclude(profile__in=upload.standing)
    if ours.count() > upload.added + upload.enrolled:
        return None
    return slips.waiting(run).filter(_of(ours) | Q(pk__in=upload.standing))


def _of(enrolments: QuerySet[Enrolment]) -> Q:
    return Q(pk__in=enrolments.values("profile"))
