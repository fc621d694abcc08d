"""The editors' verbs before a written mailing leaves: propose, approve, take back, and void.

Proposing renders every language and seals it; approving sets it on its way; whatever is changed in
between ends the approval. Each is an INSERT or one conditional UPDATE.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from newsletters import checks, correcting, proofs, publishing, sources
from newsletters.checks import Finding
from newsletters.models import Batch, Delivery, Issue, Newsletter, Subscription
from newsletters.pipeline import editions, preflight, sealing, written
from newsletters.pipeline.audience import SAME_MAIL
from newsletters.pipeline.written import Proof, Reach
from newsletters.sources import Written

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    By = AbstractBaseUser | AnonymousUser

HOLD = dt.timedelta(minutes=30)
"""How long colleagues can stop what one person approved alone."""
LASTS = dt.timedelta(days=14)
"""After this a mailing without an end of its own does not leave any more."""
OTHERS = "not_in_the_audience"
"""Readers of the newsletter whom the chosen audience leaves out."""


class CannotPropose(Exception):
    """Why it cannot be proposed; the message says what to do."""


class CannotApprove(Exception):
    """Why it cannot be approved; the message says what to do."""


@dataclass(frozen=True)
class Plan:
    """What an approval covers besides the words."""

    newsletter: Newsletter
    reference: str
    criteria: dict[str, Any] = field(default_factory=dict)
    fallback: str = ""
    not_before: dt.datetime | None = None
    not_after: dt.datetime | None = None
    corrects: Issue | None = None
    """The mailing that it corrects: it goes to those who received that one, and to nobody else."""

    def unsaved(self, **more: Any) -> Issue:
        """The mailing it would be."""
        now = timezone.now()
        return Issue(
            newsletter=self.newsletter,
            kind=Newsletter.Kind.WRITTEN,
            reference=self.reference,
            criteria=self.criteria,
            fallback=self.fallback,
            cutoff_at=now,
            not_before=self.not_before,
            not_after=self.not_after or max(now, self.not_before or now) + LASTS,
            follows=self.corrects,
            why=Issue.Why.CORRECT if self.corrects else "",
            **more,
        )


def reach(plan: Plan, languages: Iterable[str]) -> Reach:
    """To how many it would go now in these languages, and why to the others not; a few queries."""
    found = written.reach(plan.unsaved(), languages)
    if plan.corrects is not None:
        received = correcting.people(plan.corrects)
        if gone := received - found.people - found.left_out.total():
            found.left_out[Delivery.Exception.LEFT] += gone
        return found
    confirmed = Subscription.objects.confirmed().filter(newsletter=plan.newsletter).count()
    if others := confirmed - found.people - found.left_out.total():
        found.left_out[OTHERS] = others
    return found


def proofs_of(plan: Plan, manuscripts: Iterable[Written], *, key: str = "") -> list[Proof]:
    """Each language as it would leave; with the key of an issue, as that one."""
    return [
        written.proof(manuscript, newsletter=plan.newsletter, key=key) for manuscript in manuscripts
    ]


def findings(plan: Plan, manuscripts: Sequence[Written]) -> list[Finding]:
    """What its editor should mend or know, language by language."""
    found: list[Finding] = []
    for manuscript, proof in zip(manuscripts, proofs_of(plan, manuscripts), strict=True):
        language = manuscript.language
        try:
            preflight.read([manuscript])
        except preflight.Refused as refused:
            words = gettext(
                "It says “%(words)s”, and the mail service would fill something in there. Take it "
                "out."
            )
            text = words % {"words": refused}
            found.append(Finding("merges", "block", text, language))
        if not proof.is_whole:
            text = gettext("It is too long for one mail: mail programs would cut it. Shorten it.")
            found.append(Finding("too_heavy", "block", text, language))
        found += checks.of_mail(
            proof.mail,
            subject=proof.subject,
            preheader=proof.preheader,
            language=language,
            newsletter=plan.newsletter,
        )
    return found


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
        blocking = [one for one in findings(plan, manuscripts) if one.severity == "block"]
        if blocking:
            raise CannotPropose(blocking[0].text)
        people = reach(plan, languages).people
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
