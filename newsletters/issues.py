"""The editor's verbs on a mailing: pause, resume, cancel, take down, send again.

Each is one conditional UPDATE, or a new mailing that follows another.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Case, Q, QuerySet, Sum, Value, When
from django.utils import timezone
from django.utils.translation import gettext

from newsletters import correcting, publishing
from newsletters.models import Batch, Delivery, Edition, Fragment, Issue, Newsletter
from newsletters.pipeline import alarms, closing, record, sealing
from newsletters.pipeline.audience import FATES, SAME_MAIL, the_same
from newsletters.schedule import LASTS

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


def pause(issue: Issue, *, by: AbstractBaseUser | AnonymousUser) -> bool:
    """Make no further call; False when it is not being sent (any more)."""
    reason = gettext("Paused by %(who)s.") % {"who": name_of(by)}
    return bool(
        Issue.objects.filter(pk=issue.pk, state=Issue.State.SENDING).update(
            state=Issue.State.PAUSED, reason=reason[:300]
        )
    )


class CannotGoOn(Exception):
    """Why nothing more of this mailing can leave; the message says what to do."""


def resume(issue: Issue, *, by: AbstractBaseUser | AnonymousUser) -> bool:
    """Go on after a pause, or after what stopped it has been mended. Nobody gets it twice.

    Raises CannotGoOn where a story was taken down that stands in its words.
    """
    if was_taken_down(issue):
        raise CannotGoOn(
            gettext(
                "A story that it tells of was taken down, so it cannot go on. Cancel it; without "
                "the story it can be proposed again, and goes to those who have not got it."
            )
        )
    waits = Issue.objects.filter(pk=issue.pk, state__in=[Issue.State.PAUSED, Issue.State.HALTED])
    on = Case(
        When(frozen_at=None, then=Value(Issue.State.APPROVED)),
        default=Value(Issue.State.SENDING),
    )
    return bool(waits.update(state=on, reason="", resumed_at=timezone.now()))


def cancel(issue: Issue, *, by: AbstractBaseUser | AnonymousUser) -> bool:
    """Send nothing more of it. Who got it already is counted; the others stay untold."""
    reason = gettext("Cancelled by %(who)s.") % {"who": name_of(by)}
    with transaction.atomic():
        cancelled = (
            Issue.objects.unfinished()
            .filter(pk=issue.pk)
            .update(state=Issue.State.CANCELLED, reason=reason[:300])
        )
        # Its list may have been drawn up since somebody looked: cutoff and size are others then.
        issue.refresh_from_db()
        if cancelled:
            Batch.objects.filter(issue=issue, state=Batch.State.QUEUED).update(
                state=record.unsent(Batch.State.CANCELLED), reason=reason[:300]
            )
    closing.close_soon(issue)
    return bool(cancelled)


class CannotFollow(Exception):
    """Why this mailing cannot be sent again now; the message says what to do."""


def look(issue: Issue) -> None:
    """Raises CannotFollow where its words must not go to anybody else, or go in another mailing."""
    if was_taken_down(issue):
        raise CannotFollow(
            gettext(
                "A story that it tells of was taken down, so it is not sent again. Write to these "
                "people in a new mailing without it."
            )
        )
    if _proposed_since(issue):
        raise CannotFollow(gettext("It was proposed again since: that mailing goes to them, too."))


def send_again(issue: Issue, *, why: str, by: AbstractBaseUser | AnonymousUser) -> Issue:
    """A mailing to the named people only: those it failed for, or may not have reached.

    They get what was frozen then. Raises CannotFollow.
    """
    if not Delivery.objects.filter(issue=issue).fared(*FATES[why]).exists():
        raise CannotFollow(gettext("There is nobody to send it to again."))
    now = timezone.now()
    # A call that has closed is told to nobody, however often it failed.
    not_after = min(now + LASTS, issue.not_after) if issue.is_notice else now + LASTS
    try:
        with transaction.atomic():
            # Words that are proposed again go to everybody who has not got them.
            Newsletter.objects.select_for_update(no_key=True).get(pk=issue.newsletter_id)
            look(issue)
            if not Issue.objects.filter(pk=issue.pk).exclude(closed_at=None).exists():
                raise CannotFollow(gettext("This mailing has not ended yet: wait, or cancel it."))
            return Issue.objects.create(
                newsletter=issue.newsletter,
                kind=issue.kind,
                reference=issue.reference,
                follows=issue,
                why=why,
                cutoff_at=issue.cutoff_at,
                told_from=issue.told_from,
                owed_until=issue.owed_until,
                state=Issue.State.APPROVED,
                approved_by_id=by.pk,
                approved_at=now,
                not_after=not_after,
            )
    except IntegrityError as error:
        raise CannotFollow(
            gettext("Another mailing of this newsletter is under way: wait until it has ended.")
        ) from error


def sent_again(issue: Issue, *, why: str) -> Issue | None:
    """The latest mailing that sent it again for this reason, or does so now."""
    return Issue.objects.filter(follows=issue, why=why).order_by("pk").last()


def was_taken_down(issue: Issue) -> bool:
    """Whether a written mailing tells of what was taken down since: nothing more of it leaves."""
    if issue.kind != Newsletter.Kind.WRITTEN:
        return False
    cards = Fragment.objects.filter(issue=correcting.original(issue)).exclude(entry="")
    return cards.exclude(withdrawn_at=None).exists()


def withdraw(entry_key: str, languages: Iterable[str]) -> int:
    """Take these languages of an entry out of every mailing under way; the people it stays from.

    Batches of a digest that tell of it are cancelled and their readers stay untold; a written
    mailing that names it stops for good, and one that waits is no longer approved. What is being
    handed over in this moment cannot be called back.
    """
    names = [f"{entry_key}@{language}" for language in languages]
    telling = Edition.objects.filter(Q(selection__overlap=names) | Q(holds__overlap=names))
    open_issues = Issue.objects.unfinished()
    with transaction.atomic():
        # Lists that are drawn up now are waited for; later ones wait until it is taken down.
        publishing.publishing_moment()
        drawn_up = Issue.objects.filter(state=Issue.State.APPROVED).order_by("pk")
        list(drawn_up.select_for_update(no_key=True).values_list("pk"))
        Fragment.objects.filter(entry__in=names, withdrawn_at=None).update(
            withdrawn_at=timezone.now()
        )
        for edition in telling.filter(issue__kind=Newsletter.Kind.WRITTEN):
            own = Fragment.objects.filter(issue=edition.issue_id, language=edition.language)
            own = own.filter(entry__in=edition.selection, withdrawn_at=None)
            own.update(withdrawn_at=timezone.now())
        # One that is sent again has no editions of its own, one that is paused would go on.
        under_way = [Issue.State.SENDING, Issue.State.PAUSED, Issue.State.HALTED]
        written = open_issues.filter(kind=Newsletter.Kind.WRITTEN, state__in=under_way)
        agreed = Q(pk__in=telling.values("issue")) & ~Q(seal="") | Q(pk__in=_tries_of(telling))
        open_issues.filter(agreed, frozen_at=None).update(
            state=Issue.State.CANCELLED,
            reason=f"{sealing.VOID}|{sealing.TAKEN_DOWN}@",
            closed_at=timezone.now(),
        )
        written.filter(pk__in=Batch.objects.filter(edition__in=telling).values("issue")).update(
            state=Issue.State.HALTED, reason=f"{alarms.WITHDRAWN}|"
        )
        waiting = Batch.objects.filter(
            edition__in=telling,
            issue__in=open_issues.filter(kind=Newsletter.Kind.DIGEST),
            state__in=[Batch.State.QUEUED, Batch.State.CLAIMED],
        )
        people = waiting.aggregate(n=Sum("size"))["n"] or 0
        issues = set(waiting.values_list("issue", flat=True))
        waiting.update(
            state=record.unsent(Batch.State.CANCELLED), reason=gettext("a story was taken down")
        )
    for issue in Issue.objects.filter(pk__in=issues):
        closing.close_soon(issue)
    return people


def _tries_of(telling: QuerySet[Edition]) -> list[int]:
    """What sends again a written mailing that has one of these editions."""
    written = telling.filter(issue__kind=Newsletter.Kind.WRITTEN).order_by()
    made = set(written.values_list("issue", flat=True))
    return [again for issue in made for again in the_same(issue) if again != issue]


def _proposed_since(issue: Issue) -> bool:
    """Whether its words were proposed anew, after it was stopped, and that stands."""
    if issue.kind != Newsletter.Kind.WRITTEN or issue.step_id or not issue.reference:
        return False
    later = Issue.objects.filter(reference=issue.reference, pk__gt=issue.pk)
    anew = later.exclude(why__in=SAME_MAIL)
    return anew.exclude(state=Issue.State.CANCELLED, frozen_at=None).exists()


def name_of(by: AbstractBaseUser | AnonymousUser) -> str:
    """Who, for colleagues' eyes: a name where there is one, never an address."""
    name = getattr(by, "get_full_name", str)()
    return name if name and "@" not in name else f"#{by.pk}"
