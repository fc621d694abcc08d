"""They wrote to us: please stop. One verb of staff, by address or person; nothing comes again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils.translation import get_language

from alumni.models import Profile, User
from alumni.privacy import access
from alumni.privacy.erasure import addresses_of
from newsletters import subscriptions
from newsletters.addresses import normalise
from newsletters.models import Letter, Subscription, Suppression

HOW = "wrote to us: stop"
"""Stands in the subscription and in the consent that it withdraws."""


def stop(*, by: User, how: str, address: str = "", profile: Profile | None = None) -> list[str]:
    """Unsubscribe everywhere, mail no more, and note how it was asked; the addresses it covers.

    By address it also covers the person known at it and his or her other addresses, unless
    several people share the mailbox. Raises ValidationError for what is no address. Safe to run
    again. Whoever plans mail or follow-up asks `newsletters.links.suppressed`.
    """
    found = {normalise(address)} if address else set()
    with transaction.atomic():
        people = [profile] if profile else _reached_at(found)
        if len(people) == 1:
            found |= addresses_of(people[0])
            access.note(profile=people[0], what=access.What.STOPPED, by=by, detail=how)
        for one in sorted(found):
            _stop(one, note=f"{how.strip()} ({access.name_of(by)})"[:300])
    return sorted(found)


def _reached_at(addresses: set[str]) -> list[Profile]:
    at = Q(address__in=addresses) | Q(user__email__in=addresses)
    return list(Profile.objects.filter(at | Q(subscriber__address__in=addresses))[:2])


def _stop(address: str, *, note: str) -> None:
    rows = Subscription.objects.filter(subscriber__address=address)
    for row in rows.exclude(state=Subscription.State.LEFT):
        subscriptions.unsubscribe(row, how=HOW, language=get_language() or "en")
    Suppression.objects.bulk_create(
        [Suppression(address=address, reason=Suppression.Reason.ASKED, note=note)],
        ignore_conflicts=True,
    )
    waiting = Letter.objects.filter(to=address, state=Letter.State.QUEUED)
    waiting.update(state=Letter.State.FAILED, reason=HOW, to="", params={})
