"""The editors' verbs before a written mailing leaves: propose, approve, take back, and void.

Proposing renders every language and seals it; approving sets it on its way; whatever is changed in
between ends the approval. Each is an INSERT or one conditional UPDATE.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from newsletters import correcting, proofs, proposals, publishing, sources
from newsletters.models import Batch, Issue, Newsletter
from newsletters.pipeline import editions, sealing
from newsletters.pipeline.audience import SAME_MAIL
from newsletters.pipeline.written import Proof
from newsletters.proposals import Plan

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    By = AbstractBaseUser | AnonymousUser

HOLD = dt.timedelta(minutes=30)
"""How long colleagues can stop what one person approved alone."""


class CannotPropose(Exception):
    """Why it cannot be proposed; the message says what to do."""


class CannotApprove(Exception):
    """Why it cannot be approved; the message says what to do."""


def standing(reference: str) -> Issue | None:
    """The mailing made of it that was not cancelled; what it stands at says how far it is."""
    own = _made_of([reference]).exclude(state=Issue.State.CANCELLED)
    own = own.select_related("newsletter", "proposed_by", "approved_by")
    return own.order_by("-pk").first()


def ended(reference: str) -> Issue | None:
    """The last one of it that was cancelled, with the reason; None while another one stands."""
    last = latest([reference]).get(reference)
    return last if last is not None and last.state == Issue.State.CANCELLED else None


def latest(references: Iterable[str]) -> dict[str, Issue]:
    """The last mailing made of each, whatever became of it; one query."""
    return {issue.reference: issue for issue in _made_of(references).order_by("pk")}


def propose(plan: Plan, *, by: By) -> Issue:
    """Render every language, for readers at risk too, and seal it. Raises CannotPropose."""
    with transaction.atomic():
        # What is taken down meanwhile would find no edition yet that tells of it.
        publishing.hold_publishers()
        # One proposal of a newsletter at a time: two of the same words would both be sent.
        Newsletter.objects.select_for_update(no_key=True).get(pk=plan.newsletter.pk)
        _close_what_stopped(plan.reference)
        if standing(plan.reference) is not None:
            raise CannotPropose(gettext("It was proposed already: look at what became of it."))
        if _is_under_way(plan.reference):
            raise CannotPropose(
                gettext("Some of it is still on its way: wait until that has ended, or cancel it.")
            )
        if plan.corrects is not None:
            try:
                correcting.look(plan.corrects)
            except correcting.CannotCorrect as why:
                raise CannotPropose(str(why)) from why
        manuscripts = sources.content().written(plan.reference)
        if not manuscripts:
            raise CannotPropose(gettext("Nothing is written yet: finish the words in a language."))
        languages = [manuscript.language for manuscript in manuscripts]
        if plan.fallback and plan.fallback not in languages:
            raise CannotPropose(
                gettext("The language for all others is not written: finish it, or choose another.")
            )
        blocking = [one for one in proposals.findings(plan, manuscripts) if one.severity == "block"]
        if blocking:
            raise CannotPropose(blocking[0].text)
        people = proposals.reach(plan, languages).people
        if not people and plan.corrects is not None:
            raise CannotPropose(
                gettext("It would go to nobody: none of those who received it can be reached now.")
            )
        if not people:
            raise CannotPropose(gettext("It would go to nobody: choose other readers."))
        now = timezone.now()
        issue = plan.unsaved(seen=people, proposed_by_id=by.pk, proposed_at=now)
        if issue.not_after <= now:
            raise CannotPropose(gettext("Its last moment is over: choose a later one."))
        issue.save()
        editions.seal_written(issue, manuscripts)
        issue.refresh_from_db()
        issue.seal = sealing.seal(issue)
        issue.save(update_fields=["seal"])
    return issue


def approve(issue: Issue, *, by: By, url: Callable[[Issue], str] | None = None) -> Issue:
    """Set it on its way: as a second person, or in a small team alone, after a hold.

    `url` is where colleagues can stop it; they get a copy then. Raises CannotApprove.
    """
    now = timezone.now()
    with transaction.atomic():
        issue = Issue.objects.select_for_update(no_key=True, of=("self",)).select_related(
            "newsletter"
        ).get(pk=issue.pk)  # fmt: skip
        if issue.state != Issue.State.DRAFT or not issue.seal:
            raise CannotApprove(gettext("It changed meanwhile: look again."))
        if issue.not_after <= now:
            raise CannotApprove(gettext("Its last moment is over: choose a later one."))
        alone = issue.proposed_by_id == by.pk
        if alone and not issue.newsletter.small_team:
            raise CannotApprove(
                gettext("You proposed it: a colleague has to look at it and approve.")
            )
        broken = sealing.broken(issue)
        if broken == sealing.SENDER:
            raise CannotApprove(sender_sentence())
        if broken:
            raise CannotApprove(gettext("It is not what was proposed any more: propose it again."))
        issue.state, issue.approved_by_id, issue.approved_at = Issue.State.APPROVED, by.pk, now
        issue.held_until = now + HOLD if alone else None
        issue.save(update_fields=["state", "approved_by", "approved_at", "held_until"])
        if alone:
            _tell_colleagues(issue, by=by, url=url(issue) if url else "")
    return issue


def take_back(issue: Issue, *, by: By) -> bool:
    """Stop it before its list is drawn up; False when it is too late for that, or was done."""
    waits = Issue.objects.filter(pk=issue.pk, frozen_at=None).exclude(seal="")
    return _end(waits, f"{sealing.VOID}|{sealing.STOPPED}@{by.pk}")


def void(reference: str, *, changes: Iterable[str]) -> bool:
    """What was agreed to is not what stands there any more; False when nothing was, or it left.

    A change is `<what>@<language>`, as `reports.reason` tells it.
    """
    waits = Issue.objects.filter(reference=reference, frozen_at=None).exclude(seal="")
    return _end(waits, f"{sealing.VOID}|{','.join(changes)}")


def held_sentence(issue: Issue, *, now: dt.datetime | None = None) -> str:
    """For how long a colleague can still stop it; empty when it is not held."""
    left = issue.held_until - (now or timezone.now()) if issue.held_until else dt.timedelta(0)
    minutes = -(-left // dt.timedelta(minutes=1))
    if minutes <= 0 or issue.state != Issue.State.APPROVED:
        return ""
    words = ngettext(
        "It is held for %(n)d minute, so that a colleague can stop it.",
        "It is held for %(n)d minutes, so that a colleague can stop it.",
        minutes,
    )
    return words % {"n": minutes}


def sender_sentence() -> str:
    """What to do where the heads of its mails would be others than those proposed."""
    return gettext(
        "The address it comes from, the one for answers or the name of its list was changed since "
        "it was proposed. Look at the newsletter, then stop it and propose it again."
    )


def has_left(reference: str) -> bool:
    """Whether a list was ever drawn up for it, whatever became of that."""
    return Issue.objects.filter(reference=reference).exclude(frozen_at=None).exists()


def _made_of(references: Iterable[str]) -> QuerySet[Issue]:
    """The mailings made of what is written under these; what sends one again is none."""
    return Issue.objects.filter(reference__in=list(references)).exclude(why__in=SAME_MAIL)


def _is_under_way(reference: str) -> bool:
    """Whether an earlier one of it, or what sends that again, may still reach somebody."""
    earlier = Issue.objects.filter(reference=reference)
    in_hand = Batch.objects.filter(issue__in=earlier, state__in=Batch.IN_HAND)
    return earlier.unfinished().exists() or in_hand.exists()


def _close_what_stopped(reference: str) -> None:
    """One that stopped before its list stood gives way to what is proposed in its place."""
    stopped = Issue.objects.filter(
        reference=reference, frozen_at=None, state=Issue.State.HALTED
    ).exclude(seal="")
    _end(stopped, f"{sealing.VOID}|{sealing.AGAIN}@")


def _end(waits: Any, reason: str) -> bool:
    """Guarded by the state: whoever draws up the list takes it from `approved` first."""
    before = [Issue.State.DRAFT, Issue.State.APPROVED, Issue.State.HALTED]
    return bool(
        waits.filter(state__in=before).update(
            state=Issue.State.CANCELLED, reason=reason[:300], closed_at=timezone.now()
        )
    )


def _tell_colleagues(issue: Issue, *, by: By, url: str) -> None:
    assert issue.held_until is not None  # noqa: S101 (set by the caller)
    others = [one.email for one in proofs.colleagues("approve_issue").exclude(pk=by.pk)]
    for edition in issue.editions.filter(discreet=False).order_by("pk"):
        proof = Proof(
            edition.language,
            edition.subject,
            edition.preheader,
            editions.mail(edition),
            is_whole=True,
        )
        proofs.send_copy(proof, to=others, until=issue.held_until, url=url)
