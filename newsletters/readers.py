"""Who reads. In: what a colleague looks for. Out: readers, their subscriptions, lists that leave.

Nothing here tells whether it may be seen: the screens ask for the right and note each look.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from newsletters.fates import language_name
from newsletters.interests import in_words
from newsletters.models import Subscriber, Subscription, Suppression, not_to_be_mailed

RECEIVES, WAITING, LEFT, PAUSED = "receives", "waiting", "left", "paused"
SUPPRESSED = "suppressed"
STATES = {
    RECEIVES: _("receives"),
    WAITING: _("waits for confirmation"),
    PAUSED: _("has paused"),
    LEFT: _("has left"),
    SUPPRESSED: _("must not be written to"),
}
COLUMNS = (
    _("E-mail address"),
    _("Languages"),
    _("Newsletter"),
    _("State"),
    _("How often"),
    _("Follows"),
    _("Confirmed on"),
    _("Left on"),
)
"""What a list that leaves says of a subscription, and no more."""


@dataclass(frozen=True)
class Wanted:
    """What a colleague looks for; empty means any."""

    words: str = ""
    """The address or a part of it."""
    state: str = ""
    newsletter: int | None = None
    language: str = ""


def found(wanted: Wanted) -> QuerySet[Subscriber]:
    """The readers who meet all of it, by their address."""
    readers = Subscriber.objects.order_by("address")
    if wanted.words:
        readers = readers.filter(address__contains=wanted.words.strip().lower())
    if wanted.language:
        readers = readers.filter(languages__contains=[wanted.language])
    own = Subscription.objects.filter(subscriber=OuterRef("pk"))
    if wanted.newsletter:
        own = own.filter(newsletter=wanted.newsletter)
    if wanted.state == SUPPRESSED:
        readers = readers.filter(not_to_be_mailed(""))
    elif wanted.state:
        own = own.filter(_in_state(wanted.state, timezone.now()))
    if wanted.newsletter or wanted.state not in {"", SUPPRESSED}:
        readers = readers.filter(Exists(own))
    return readers


def with_subscriptions(readers: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
    """The same with `.subscriptions` at hand and `.is_suppressed`; three queries for any number."""
    rows = Subscription.objects.select_related("newsletter").order_by("newsletter", "pk")
    return readers.annotate(is_suppressed=Exists(_kept_out())).prefetch_related(
        Prefetch("subscriptions", rows.prefetch_related("newsletter__wordings"))
    )


def state_of(subscription: Subscription, now: dt.datetime | None = None) -> str:
    """In words: receives, waits, rests or has left."""
    if subscription.state == Subscription.State.PENDING:
        return str(STATES[WAITING])
    if subscription.state == Subscription.State.LEFT:
        return str(STATES[LEFT])
    until = subscription.paused_until
    return str(STATES[PAUSED if until and until > (now or timezone.now()) else RECEIVES])


def rows_that_leave(wanted: Wanted) -> Iterator[list[str]]:
    """A row for each subscription of these readers under `COLUMNS`, read as it is written."""
    now, language = timezone.now(), get_language() or "en"
    subscriptions = Subscription.objects.filter(subscriber__in=found(wanted).values("pk"))
    if wanted.newsletter:
        subscriptions = subscriptions.filter(newsletter=wanted.newsletter)
    if wanted.state and wanted.state != SUPPRESSED:
        subscriptions = subscriptions.filter(_in_state(wanted.state, now))
    subscriptions = (
        subscriptions.annotate(is_kept_out=Exists(_kept_out("subscriber__")))
        .select_related("subscriber", "newsletter")
        .prefetch_related("newsletter__wordings")
        .order_by("subscriber__address", "newsletter")
    )
    follows: dict[frozenset[str], str] = {}
    for row in subscriptions.iterator(chunk_size=2000):
        codes = frozenset(row.interests)
        if codes not in follows:
            follows[codes] = in_words(codes, language)
        yield [
            row.subscriber.address,
            ", ".join(map(language_name, row.subscriber.languages)),
            str(row.newsletter),
            str(STATES[SUPPRESSED]) if row.is_kept_out else state_of(row, now),
            str(row.get_frequency_display()),
            follows[codes],
            _day(row.confirmed_at),
            _day(row.left_at),
        ]


def in_words_of(wanted: Wanted, newsletter: str) -> str:
    """What the list was narrowed to, for the record; no part of an address."""
    parts = [
        gettext("a part of an address") if wanted.words else "",
        str(STATES.get(wanted.state, "")),
        newsletter,
        language_name(wanted.language) if wanted.language else "",
    ]
    return ", ".join(part for part in parts if part) or gettext("all readers")


def _in_state(state: str, now: dt.datetime) -> Q:
    confirmed = Q(state=Subscription.State.CONFIRMED)
    resting = Q(paused_until__gt=now)
    return {
        RECEIVES: confirmed & (Q(paused_until=None) | ~resting),
        PAUSED: confirmed & resting,
        WAITING: Q(state=Subscription.State.PENDING),
        LEFT: Q(state=Subscription.State.LEFT),
    }[state]


def _kept_out(subscriber: str = "") -> QuerySet[Suppression]:
    """What keeps mail from the reader of the outer row."""
    return Suppression.objects.filter(
        Q(address=OuterRef(f"{subscriber}address"))
        | Q(address_hash=OuterRef(f"{subscriber}address_hash"))
    )


def _day(at: dt.datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d}" if at else ""
