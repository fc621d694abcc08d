"""Lists of people that leave the house: allowed columns, cells no program runs, and on record."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alumni import vocabulary
from alumni.models import CourseRun, Hiding, Profile, User
from alumni.privacy import access
from alumni.visibility import is_staff
from newsletters.spreadsheets.safe import formula_safe

"""First marks that make a spreadsheet run a cell; the last ones are their full-width kin."""


@dataclass(frozen=True)
class Column:
    """One column that may leave."""

    label: Any
    cell: Callable[[Profile], str]


COLUMNS: dict[str, Column] = {
    "given_name": Column(_("Given name"), lambda p: p.given_name),
    "family_name": Column(_("Family name"), lambda p: p.family_name),
    "country": Column(
        _("Country"), lambda p: vocabulary.country_name(p.country) if p.country else ""
    ),
    "institution": Column(_("Institution"), lambda p: p.institution),
    "post": Column(_("Post"), lambda p: p.post),
    "gender": Column(_("Gender"), lambda p: str(p.get_gender_display()) if p.gender else ""),
    "address": Column(_("E-mail address"), lambda p: p.address),
    "phone": Column(_("Phone"), lambda p: p.phone),
    "joined": Column(_("Joined"), lambda p: f"{p.accepted_at:%Y-%m-%d}" if p.accepted_at else ""),
}
"""Everything else stays: who may find whom, what somebody is asked about, answers, consents."""


def take_out(*, by: User, purpose: str, columns: Iterable[str], run: CourseRun | None) -> str:
    """The list as CSV, written down for each person on it. Who is hidden is not on it.

    Raises PermissionDenied for a column that may not leave, and for whoever looks after nobody.
    """
    chosen = list(dict.fromkeys(columns))
    if not is_staff(by) or not chosen or set(chosen) - set(COLUMNS):
        raise PermissionDenied("This list does not leave the house.")
    people = Profile.objects.exclude(Hiding.objects.of_each())
    if run is not None:
        people = people.filter(enrolments__run=run)
    with transaction.atomic():
        found = list(people)
        fields = vocabulary.listed(COLUMNS[name].label for name in chosen)
        which = run.slug if run else gettext("everyone")
        detail = gettext("%(purpose)s (columns: %(fields)s; %(which)s; %(n)d people)") % {
            "purpose": purpose,
            "fields": fields,
            "which": which,
            "n": len(found),
        }
        access.note_list(by=by, detail=detail)
        access.note_all(
            profiles=found, what=access.What.LIST, by=by, detail=f"{purpose} ({fields})"
        )
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow([str(COLUMNS[name].label) for name in chosen])
    writer.writerows([[formula_safe(COLUMNS[name].cell(p)) for name in chosen] for p in found])
    return target.getvalue()
