"""What would be approved, before it is proposed: to how many it goes, its mails, what to mend.

Nothing is written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from newsletters import checks, correcting
from newsletters.checks import Finding
from newsletters.models import Delivery, Issue, Newsletter, Subscription
from newsletters.pipeline import preflight, written
from newsletters.pipeline.written import Proof, Reach
from newsletters.sources import Written

LASTS = dt.timedelta(days=14)
"""After this a mailing without an end of its own does not leave any more."""
OTHERS = "not_in_the_audience"
"""Readers of the newsletter whom the chosen audience leaves out."""


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
