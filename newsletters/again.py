"""In: a mailing that has ended. Out: whom it could go to again, and what brings that about."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import ngettext

from newsletters.models import Issue
from newsletters.pipeline import follow
from newsletters.tallies import Tally


@dataclass(frozen=True)
class Offer:
    """So many people whom it would go to again, and the reason for it."""

    why: str
    people: int

    @property
    def button(self) -> str:
        """What pressing does."""
        if self.why == Issue.Why.UNKNOWN:
            words = ngettext(
                "Send again to this %(n)d person", "Send again to these %(n)d people", self.people
            )
        else:
            words = ngettext(
                "Try again with this %(n)d person", "Try again with these %(n)d people", self.people
            )
        return words % {"n": self.people}


def offers(issue: Issue, tally: Tally) -> list[Offer]:
    """What can be offered; nothing while it has not ended, or for nobody."""
    fared = {Issue.Why.UNKNOWN: tally.unknown, Issue.Why.RETRY: tally.failed + tally.expired}
    asked = [why for why, people in fared.items() if people and issue.closed_at]
    found = [Offer(why, follow.counts(issue, why).get("", 0)) for why in asked]
    return [offer for offer in found if offer.people]
