"""Somebody who took part and stands on no list: one colleague proposes, another one confirms.

In: what is known of the person, and a check made outside e-mail. Out, once two different
colleagues have said so: a person and an enrolment, as a row of a roster would have made them, for
whom the three doors are open. Nothing is mailed, and before that nothing is there but the proposal.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from alumni.models import CourseRun, Profile, User, Vouching
from alumni.privacy import access
from alumni.roster.carry import write
from alumni.roster.columns import Column
from alumni.roster.files import Row
from alumni.roster.plan import Planner
from alumni.roster.report import Line, Outcome

MAY = "alumni.add_profile"
"""Who may import a list."""
OF_A_ROW = {
    Column.GIVEN_NAME: "given_name",
    Column.FAMILY_NAME: "family_name",
    Column.EMAIL: "address",
    Column.PHONE: "phone",
    Column.COUNTRY: "country",
    Column.ROLE: "role",
    Column.INSTITUTION: "institution",
    Column.INSTITUTION_TYPE: "institution_type",
    Column.POST: "post",
    Column.LANGUAGES: "languages",
    Column.COMPLETION: "completion",
}
EMPTIED = dict.fromkeys(
    ("given_name", "family_name", "address", "phone", "country", "role", "institution",
     "institution_type", "post"), "",
)  # fmt: skip
"""What stands with the person once there is one."""


def propose(*, draft: Vouching, by: User) -> Vouching:
    """Keep the proposal, for staff alone. Raises ValidationError with what to do instead."""
    _allow(by)
    _fitting(draft)
    draft.proposed_by, draft.proposed_by_name = by.pk, access.name_of(by)
    draft.save(force_insert=True)
    return draft


def look(vouching: Vouching) -> Line:
    """Whom the proposal means and what confirming would do. Writes nothing."""
    cells = {column: _cell(getattr(vouching, name)) for column, name in OF_A_ROW.items()}
    [line] = Planner(vouching.run).together([Row(1, cells)])
    return line


def confirm(*, vouching: Vouching, by: User, word: str) -> Profile | None:
    """Bring the person in; None when somebody was faster, or it came too late.

    Raises PermissionDenied for whoever proposed, and ValidationError with what to do instead.
    """
    _allow(by)
    if vouching.proposed_by == by.pk:
        raise PermissionDenied("Two different colleagues bring somebody in.")
    with transaction.atomic():
        # As an import does: two at once would plan on what the other one is about to write.
        run = CourseRun.objects.select_for_update(of=("self",)).get(pk=vouching.run_id)
        if not Vouching.objects.waiting().filter(pk=vouching.pk).exists():
            return None
        line = _fitting(vouching)
        write(run, [line])
        confirmed = (
            Vouching.objects.waiting()
            .filter(pk=vouching.pk)
            .update(
                state=Vouching.State.CONFIRMED,
                profile=line.profile,
                languages=[],
                **EMPTIED,
                **_decision(by, word),
            )
        )
        if not confirmed or line.profile is None:
            transaction.set_rollback(True)
            return None
        what = access.What.VOUCHED
        access.note(profile=line.profile, what=what, by=by, detail=_in_short(vouching))
    return line.profile


def refuse(*, vouching: Vouching, by: User, word: str) -> bool:
    """Nobody comes of it: refused by a colleague, or taken back by whoever proposed."""
    _allow(by)
    waiting = Vouching.objects.waiting().filter(pk=vouching.pk)
    return bool(waiting.update(state=Vouching.State.REFUSED, **_decision(by, word)))


def _allow(by: User) -> None:
    if not by.has_perm(MAY):
        raise PermissionDenied("Only who may import a list brings somebody in.")


def _fitting(vouching: Vouching) -> Line:
    line = look(vouching)
    if line.outcome is Outcome.FORGOTTEN:
        raise ValidationError(
            gettext(
                "This person asked to be erased and is not brought back. If the person has asked "
                "to come back, enter that first under People’s rights, “They wrote to us”."
            )
        )
    if line.outcome is Outcome.THERE:
        raise ValidationError(
            gettext(
                "%(name)s stands on this course already. Look at the list of the course: an "
                "address or a number is mended there."
            )
            % {"name": vouching.name}
        )
    if not line.is_ready:
        raise ValidationError(
            [
                gettext("%(name)s %(problem)s") % {"name": vouching.name or "…", "problem": text}
                for _kind, text in line.problems
            ]
        )
    return line


def _decision(by: User, word: str) -> dict[str, object]:
    return {
        "decided_by": by.pk,
        "decided_by_name": access.name_of(by),
        "decided_at": timezone.now(),
        "word": word,
    }


def _in_short(vouching: Vouching) -> str:
    """For the person to read: by whom, and on which check."""
    return gettext("proposed by %(name)s; %(how)s, %(day)s") % {
        "name": vouching.proposed_by_name,
        "how": vouching.get_how_display(),
        "day": date_format(vouching.checked_on, "DATE_FORMAT"),
    }


def _cell(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)
