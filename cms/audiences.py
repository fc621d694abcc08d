"""Who may read which content: the one place where a page's audience meets a person."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from alumni.audience import MEMBERS, RUN
from alumni.models import CourseRun, Enrolment
from alumni.visibility import Viewer, membership
from newsletters.sources import PUBLIC

__all__ = [
    "MEMBERS",
    "PUBLIC",
    "RUN",
    "Viewer",
    "audiences_of",
    "choices",
    "keeps_some_countries",
    "reads_everything",
]


def audiences_of(viewer: Viewer) -> frozenset[str]:
    """The audiences the person belongs to; `public` alone for a stranger, who costs no query."""
    profile = membership(viewer)
    if profile is None or not profile.is_member:
        return frozenset({PUBLIC})
    runs = Enrolment.objects.taken_up().filter(profile=profile)
    return frozenset(
        {PUBLIC, MEMBERS, *(f"{RUN}{slug}" for slug in runs.values_list("run__slug", flat=True))}
    )


def reads_everything(viewer: Viewer) -> bool:
    """Whoever may open the editors' pages reads what is published there."""
    return _is_colleague(viewer) and not keeps_some_countries(viewer)


def keeps_some_countries(viewer: Viewer) -> bool:
    """Whether a colleague looks after some countries and has rights on no other page.

    Asked once for a user as long as the object lives, which is a request.
    """
    if not _is_colleague(viewer) or viewer.is_superuser:
        return False
    known = viewer.__dict__.get("keeps_some_countries")
    if known is None:
        groups = viewer.groups.all()
        known = (
            groups.filter(country_desk__isnull=False).exists()
            and not groups.filter(country_desk=None, page_permissions__isnull=False).exists()
        )
        viewer.__dict__["keeps_some_countries"] = known
    return bool(known)


def _is_colleague(viewer: Viewer) -> bool:
    return viewer.is_active and viewer.has_perm("wagtailadmin.access_admin")


def choices() -> list[tuple[str, Any]]:
    """Everyone, the members, or the people of one course run."""
    runs = CourseRun.objects.select_related("course")
    return [
        (PUBLIC, _("Everyone")),
        (MEMBERS, _("Members of the network")),
        (str(_("People of one course")), [(f"{RUN}{run.slug}", str(run)) for run in runs]),
    ]
