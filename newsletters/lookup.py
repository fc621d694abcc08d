"""In: the key of a call in doubt. Out: the addresses which the service says it took for it.

Raises nothing that the service caused: what is no clear answer is no answer.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import requests
import structlog
from django.conf import settings

from newsletters import providers

logger = structlog.get_logger(__name__)

MOST_SECONDS = 30
"""For the whole look-up; an answer that drips is none."""
PAGE = 300
"""The most that Mailgun lists at once."""
EARLIER = dt.timedelta(hours=1)
"""How far two clocks may differ; a key is used once, so more than was asked for does no harm."""


class NoAnswer(Exception):
    """The service did not say, or not to the end."""


def taken(batch_key: str, since: dt.datetime) -> set[str] | None:
    """Addresses, in lower case, of calls tagged with the key; None: it cannot or did not say."""
    if not providers.current().can_look_up:
        return None
    found: list[set[str]] = []

    def ask() -> None:
        try:
            found.append(set(_accepted(batch_key, since, time.monotonic() + MOST_SECONDS)))
        except Exception as error:  # whatever came instead of an answer is none
            logger.warning("No answer to a look-up", error=type(error).__name__, key=batch_key)

    # Time-outs bound one silence, not their sum: a thread that is left behind bounds it all.
    asking = threading.Thread(target=ask, name=f"look-up {batch_key}", daemon=True)
    asking.start()
    asking.join(MOST_SECONDS)
    return found[0] if found else None


def _accepted(batch_key: str, since: dt.datetime, deadline: float) -> Iterator[str]:
    """Recipients of Mailgun's `accepted` events, page after page until one is empty."""
    base = settings.ANYMAIL["MAILGUN_API_URL"].rstrip("/")
    url = f"{base}/{quote(settings.ANYMAIL['MAILGUN_SENDER_DOMAIN'], safe='')}/events"
    asked: dict[str, str | int] = {
        "tags": batch_key,
        "event": "accepted",
        "begin": int((since - EARLIER).timestamp()),
        "ascending": "yes",
        "limit": PAGE,
    }
    host = urlsplit(url)[:2]
    with requests.Session() as session:
        session.auth = ("api", settings.ANYMAIL["MAILGUN_API_KEY"])
        while True:
            items, after = _page(session, url, asked, deadline)
            if not items:
                return
            for item in items:
                yield _recipient(item, batch_key)
            # The key of the account goes to its own host and nowhere else.
            if urlsplit(after)[:2] != host:
                raise NoAnswer(f"the next page is elsewhere: {after}")
            url, asked = after, {}


def _page(
    session: requests.Session, url: str, asked: dict[str, str | int], deadline: float
) -> tuple[list[Any], str]:
    left = deadline - time.monotonic()
    if left <= 0:
        raise NoAnswer("it took too long")
    connect, read = settings.ANYMAIL["REQUESTS_TIMEOUT"]
    answer = session.get(
        url, params=asked, timeout=(min(connect, left), min(read, left)), allow_redirects=False
    )
    if answer.status_code != 200:
        raise NoAnswer(f"status {answer.status_code}")
    try:
        body = answer.json()
        items, after = body["items"], body.get("paging", {}).get("next", "")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise NoAnswer("not a list of events") from error
    if not isinstance(items, list) or not isinstance(after, str):
        raise NoAnswer("not a list of events")
    return items, after


def _recipient(item: Any, batch_key: str) -> str:
    """Whom an event is about; one that is not what was asked for spoils the whole answer."""
    try:
        asked_for = item["event"] == "accepted" and batch_key in item["tags"]
        recipient = item["recipient"]
    except (TypeError, KeyError) as error:
        raise NoAnswer("not an event") from error
    if not asked_for or not isinstance(recipient, str):
        raise NoAnswer("an event that was not asked for")
    return recipient.lower()
