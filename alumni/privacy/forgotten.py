"""Who asked to be forgotten, by keyed hashes alone: no list brings such a person back."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models.expressions import RawSQL

from alumni.models import Forgotten
from newsletters.addresses import keyed_hash


def hashes_of(*, name_key: str, address: str, run: str) -> list[str]:
    """What a row of a roster is compared by: its address, name and address, name and run."""
    texts = [f"address:{address}", f"name:{name_key}:{address}"] if address else []
    return [keyed_hash(text) for text in [*texts, f"run:{run}:{name_key}"]]


def among(hashes: Iterable[str]) -> set[str]:
    """Those of these hashes that are remembered; one query."""
    # One array for thousands: as many parameters would take longer to write down than to look up.
    these = RawSQL("SELECT unnest(%s::text[])", [list(set(hashes))])
    return set(Forgotten.objects.filter(hash__in=these).values_list("hash", flat=True))


def remember(*, name_key: str, addresses: set[str], alone: set[str], runs: Iterable[str]) -> None:
    """A mailbox shared with others is remembered with the name only: theirs stays welcome."""
    texts = [f"address:{address}" for address in alone]
    texts += [f"name:{name_key}:{address}" for address in addresses]
    texts += [f"run:{run}:{name_key}" for run in runs]
    Forgotten.objects.bulk_create(
        [Forgotten(hash=keyed_hash(text)) for text in texts], ignore_conflicts=True
    )
