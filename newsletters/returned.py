"""In: addresses and since when they were mailed. Out: those whose mailbox is gone.

Letters have no delivery that a report could name; the mail service's reports of them stay in the
inbox by the hash of their address. Over plain SMTP nothing is reported back: there, only a
refusal while the mail is handed over is known, and stands on the letter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import connection

from newsletters.addresses import keyed_hash
from newsletters.models import Suppression
from newsletters.pipeline.suppressions import BOUNCES, PERMANENT

# The key of a report begins with the hash of its address: the key's index finds them.
REPORTED = """
SELECT p.address FROM unnest(%s::text[], %s::text[], %s::timestamptz[]) AS p(address, whose, since)
WHERE EXISTS (
    SELECT 1 FROM newsletters_report r
    WHERE r.key ~>=~ (p.whose || ':') AND r.key ~<~ (p.whose || ';') AND r.kind = ANY(%s)
        AND r.reject_reason = ANY(%s) AND r.received_at >= p.since
)
"""


def for_good(mailed: Mapping[str, dt.datetime]) -> set[str]:
    """The addresses that a report since, or the list of those not to mail, calls gone."""
    if not mailed:
        return set()
    hashes = [keyed_hash(address)[:32] for address in mailed]
    with connection.cursor() as cursor:
        cursor.execute(
            REPORTED,
            [
                list(mailed),
                hashes,
                list(mailed.values()),
                [str(kind) for kind in BOUNCES],
                [str(reason) for reason in PERMANENT],
            ],
        )
        reported = {address for (address,) in cursor.fetchall()}
    gone = Suppression.objects.filter(address__in=mailed, reason=Suppression.Reason.BOUNCE)
    return reported | {address for address in gone.values_list("address", flat=True) if address}
