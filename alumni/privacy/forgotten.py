"""Who asked to be forgotten, by keyed hashes alone: no list brings such a person back."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models.expressions import RawSQL

from alumni.models import CourseRun, Forgotten
from newsletters.addresses import keyed_hash
from newsletters.models import Suppression


def hashes_of(*, name_key: str, address: str, run: str = "") -> list[str]:
    """What a row of a roster is compared by: its address, name and address, name and run.

    The address alone twice: as people are remembered, and as readers without a profile are.
    """
    texts = [address, f"address:{address}", f"name:{name_key}:{address}"] if address else []
    return [keyed_hash(text) for text in [*texts, *([f"run:{run}:{name_key}"] if run else [])]]


def among(hashes: Iterable[str]) -> set[str]:
    """Those of these hashes that are remembered; one query."""
    # One array for thousands: as many parameters would take longer to write down than to look up.
    these = RawSQL("SELECT unnest(%s::text[])", [list(set(hashes))])
    people = Forgotten.objects.filter(hash__in=these).values_list("hash")
    readers = Suppression.objects.filter(
        address_hash__in=these, reason=Suppression.Reason.ERASED
    ).values_list("address_hash")
    return {found for (found,) in people.union(readers)}


def is_remembered(*, name_key: str, address: str) -> bool:
    """Whether the owner of this address, or the one of this name at it, asked to be forgotten."""
    return bool(among(hashes_of(name_key=name_key, address=address)))


def remember(*, name_key: str, addresses: set[str], alone: set[str], runs: Iterable[str]) -> None:
    """A mailbox shared with others is remembered with the name only: theirs stays welcome."""
    texts = [f"address:{address}" for address in alone]
    texts += [f"name:{name_key}:{address}" for address in addresses]
    texts += [f"run:{run}:{name_key}" for run in runs]
    Forgotten.objects.bulk_create(
        [Forgotten(hash=keyed_hash(text)) for text in texts], ignore_conflicts=True
    )


def let_return(*, address: str, name_key: str) -> int:
    """Forget that somebody asked to be forgotten; how many codes were taken away."""
    texts = [f"address:{address}", f"name:{name_key}:{address}"]
    if name_key:
        slugs = CourseRun.objects.values_list("slug", flat=True)
        texts += [f"run:{run}:{name_key}" for run in slugs]
    hashes = [keyed_hash(text) for text in texts]
    people, _each = Forgotten.objects.filter(hash__in=hashes).delete()
    readers, _each = Suppression.objects.filter(
        address_hash=keyed_hash(address), reason=Suppression.Reason.ERASED
    ).delete()
    return people + readers
