"""What holds publishing and the drawing up of lists apart: one advisory lock of the database."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.db.transaction import TransactionManagementError
from django.utils import timezone

PUBLISHING = 0x5AB17A
"""The advisory lock that publishing shares and drawing up a list waits for."""


def publishing_moment() -> dt.datetime:
    """The time to note for what becomes mailable; call it in the publishing transaction.

    Without the lock, a publication that commits after a digest's cutoff was read, with a time
    before it, would be in neither that digest nor the next.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("publishing_moment() needs the publishing transaction.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [PUBLISHING])
    return timezone.now()


def hold_publishers() -> None:
    """Until this transaction ends nothing else goes live or is taken down.

    Before any row is locked: whoever publishes holds rows, and waits here.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("hold_publishers() needs a transaction.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PUBLISHING])


def wait_for_publishers() -> None:
    """Return when whoever noted a time before this moment has committed (or given up)."""
    with connection.cursor() as cursor:
        # One statement: nothing can interrupt between taking the lock and letting it go.
        cursor.execute(
            "SELECT pg_advisory_lock(%s), pg_advisory_unlock(%s)", [PUBLISHING, PUBLISHING]
        )
