"""In: issues. Out: where the people of each frozen audience are; the sum that closes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Sum, Value
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from newsletters.models import Batch, Delivery, Issue

PLACES = {Batch.State.CLAIMED: "in_flight", Batch.State.SUBMITTING: "in_flight"}
"""Where a batch's people are counted, when not under its state's own name."""


@dataclass(frozen=True)
class Tally:
    """Where the people of a frozen audience are. Everyone is counted once."""

    audience: int
    queued: int = 0
    in_flight: int = 0
    accepted: int = 0
    failed: int = 0
    suppressed: int = 0
    left: int = 0
    not_theirs: int = 0
    cancelled: int = 0
    expired: int = 0
    uncertain: int = 0
    unknown: int = 0

    @property
    def parts(self) -> dict[str, int]:
        """Every part of the sum but the audience."""
        return {name: count for name, count in vars(self).items() if name != "audience"}

    @property
    def closes(self) -> bool:
        """Whether the parts add up to the audience: anything else is an alarm."""
        return sum(self.parts.values()) == self.audience

    @property
    def to_come(self) -> int:
        """People about whom something is left to do."""
        return self.queued + self.in_flight

    @property
    def settled(self) -> int:
        """People about whom nothing is left to do."""
        return self.audience - self.to_come


LABELS: dict[str, Promise] = {
    "queued": _("waiting"),
    "in_flight": _("being handed over"),
    "accepted": _("handed to the mail service"),
    "failed": _("failed"),
    "suppressed": _("do not mail"),
    "left": _("left before it was handed over"),
    "not_theirs": _("not meant for them any more"),
    "cancelled": _("cancelled"),
    "expired": _("too late"),
    "uncertain": _("no answer yet"),
    "unknown": _("not known whether it arrived"),
}


def tallies(issues: Iterable[Issue]) -> dict[int, Tally]:
    """The sum of each issue: batches carry the state, exceptions are counted.

    One statement, so one moment: whatever is drawn up or handed over meanwhile, the sum closes.
    """
    counts = {issue.pk: dict.fromkeys(["audience", *LABELS], 0) for issue in issues}
    if not counts:
        return {}
    audience, none = Value("audience"), Value("")
    frozen = Issue.objects.filter(pk__in=counts).order_by()
    batches = Batch.objects.filter(issue__in=counts).order_by()
    exceptions = Delivery.objects.filter(issue__in=counts).exclude(exception="").order_by()
    rows = frozen.values_list("pk", audience, none, "audience").union(
        batches.values_list("issue", "state", none).annotate(people=Sum("size")),
        exceptions.values_list("issue", "batch__state", "exception").annotate(people=Count("pk")),
        all=True,
    )
    for issue, place, exception, people in rows:
        counts[issue][PLACES.get(place, place)] += -people if exception else people
        if exception:
            counts[issue][exception] += people
    return {issue: Tally(**parts) for issue, parts in counts.items()}


def tally(issue: Issue) -> Tally:
    """The sum of one issue."""
    return tallies([issue])[issue.pk]
