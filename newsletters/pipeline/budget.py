"""What the mail account allows: so many recipients a second, an hour, a day.

In: how many are to leave now. Out: nothing, or UsedUp with the moment at which to ask again. It
stands in rows, so that the rate holds across workers and restarts; the clock is the database's.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import connection, transaction

from newsletters import providers
from newsletters.models import SendBudget

CLOSED = 0
"""The period of the row that says until when the service itself takes nothing more."""

ROWS = """
SELECT seconds, used, resets_at, statement_timestamp() FROM newsletters_sendbudget
WHERE account = %s ORDER BY seconds FOR UPDATE
"""


Row = tuple[int, int, dt.datetime, dt.datetime]
"""One of ROWS: the period in seconds, what of it is used, when it is fresh again, and now."""


class UsedUp(Exception):
    """Nothing may leave before this moment, so many seconds from now."""

    def __init__(self, until: dt.datetime, seconds: float) -> None:
        super().__init__(f"nothing more may leave before {until:%H:%M:%S}")
        self.until = until
        self.seconds = seconds


def take(recipients: int) -> None:
    """Use up the allowance for these recipients; raises UsedUp, with nothing used.

    A call larger than a period's whole allowance is let through when the period is fresh, and
    lasts for as many periods as it fills. Call it in the transaction that begins the attempt.
    """
    account, limits = providers.account(), settings.RABITA_SEND_LIMITS
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(ROWS, [account])
        found = cursor.fetchall()
        missing = set(limits) - {seconds for seconds, *_rest in found}
        if missing:
            _make(account, missing)
            cursor.execute(ROWS, [account])
            found = cursor.fetchall()
        opens = [
            (resets_at, (resets_at - now).total_seconds())
            for seconds, used, resets_at, now in found
            if resets_at > now and (seconds == CLOSED or _full(used, recipients, limits, seconds))
        ]
        if not opens:
            _use(account, recipients, limits, found)
    if opens:
        raise UsedUp(*max(opens))


def close_until(moment: dt.datetime) -> None:
    """The service said that its quota is used up: nothing leaves before this moment."""
    SendBudget.objects.update_or_create(
        account=providers.account(), seconds=CLOSED, defaults={"resets_at": moment}
    )


def _use(account: str, recipients: int, limits: dict[int, int], found: list[Row]) -> None:
    for seconds, used, resets_at, now in found:
        if seconds not in limits:
            continue
        fresh = resets_at <= now
        used = recipients if fresh else used + recipients
        lasts = dt.timedelta(seconds=seconds * max(1, used / limits[seconds]))
        SendBudget.objects.filter(account=account, seconds=seconds).update(
            used=used, resets_at=now + lasts if fresh else resets_at
        )


def _full(used: int, recipients: int, limits: dict[int, int], seconds: int) -> bool:
    limit = limits.get(seconds)
    return limit is not None and used > 0 and used + recipients > limit


def _make(account: str, periods: set[int]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO newsletters_sendbudget (account, seconds, used, resets_at)"
            " VALUES (%s, %s, 0, statement_timestamp()) ON CONFLICT DO NOTHING",
            [(account, seconds) for seconds in sorted(periods)],
        )
