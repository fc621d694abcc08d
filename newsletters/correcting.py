"""In: a mailing that has ended. Out: whether it can be corrected, to how many, and by what name.

A correction is written like any mailing (`proposals.Plan.corrects`). Sent again to some, a mailing
is still the one that it was: what corrects it goes to those reached by the later tries as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext

from newsletters.markup import FSI, PDI
from newsletters.models import Edition, Issue, Newsletter
from newsletters.pipeline.audience import SAME_MAIL, received, the_same


class CannotCorrect(Exception):
    """Why it cannot be corrected now; the message says what to do."""


@dataclass(frozen=True)
class Ways:
    """What the screen of a mailing offers, from whoever registers `corrections_of_mailing`."""

    begin: str = ""
    """The address that a press goes to; empty where there is nothing to press."""
    written: tuple[tuple[str, str], ...] = ()
    """Working title and address of each correction that has not been sent yet."""


def original(issue: Issue) -> Issue:
    """The mailing whose words it carries: of one that is sent again, the first."""
    while issue.why in SAME_MAIL and issue.follows is not None:
        issue = issue.follows
    return issue


def look(issue: Issue) -> None:
    """Raises CannotCorrect while it is on its way, or where nobody received it."""
    issues = the_same(issue.pk)
    under_way = Issue.objects.filter(pk__in=issues, closed_at=None).order_by("pk").first()
    if under_way is not None and under_way.pk == issue.pk:
        raise CannotCorrect(
            gettext("This mailing has not ended yet. Wait until it has, or cancel what is left.")
        )
    if under_way is not None:
        raise CannotCorrect(
            gettext("This mailing is being sent again. Wait until that has ended, or cancel it.")
        )
    if not people(issue):
        raise CannotCorrect(gettext("Nobody received this mailing: there is nothing to correct."))


def people(issue: Issue) -> int:
    """How many received it, or may have."""
    return received(issue.pk).count()


def for_whom(issue: Issue) -> str:
    """The sentence that says who gets its correction."""
    n = people(issue)
    words = ngettext(
        "Only the %(n)d person who received “%(name)s” of %(day)s gets it.",
        "Only the %(n)d people who received “%(name)s” of %(day)s get it.",
        n,
    )
    # A name in a script of the other direction turns no sentence round.
    return words % {"n": n, "name": f"{FSI}{name_of(issue)}{PDI}", "day": day_of(issue)}


def name_of(issue: Issue) -> str:
    """What its readers saw: the subject, best in the language of the page; of a digest its name."""
    if issue.kind == Newsletter.Kind.WRITTEN:
        made = Edition.objects.filter(issue=issue, discreet=False).order_by("pk")
        subjects = dict(made.values_list("language", "subject"))
        if subjects:
            return subjects.get(get_language() or "") or next(iter(subjects.values()))
    return str(issue.newsletter)


def day_of(issue: Issue) -> str:
    """When its list was drawn up, by the newsletter's clock."""
    moment = issue.frozen_at or issue.cutoff_at
    return date_format(moment.astimezone(issue.newsletter.zone), "DATE_FORMAT")
