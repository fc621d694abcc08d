"""Without a broker nobody waits and nothing is lost: the rows are the queue."""

import re
import socket
import time
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode

import pytest

pytestmark = pytest.mark.slow

ADDRESS = "new.reader@example.org"


@pytest.fixture
def deaf_port():
    """A port that takes connections and never says a word."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        yield deaf.getsockname()[1]


@pytest.fixture
def closed_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def subscribe(live, address):
    """Fill in the form as a person does; how long the answer took."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = browser.open(f"{live.site.url}/en/newsletters/subscribe/", timeout=20).read().decode()
    fields = {"opened": re.search(r'name="opened"[^>]*value="([^"]*)"', page)[1]}
    ((fields["newsletter"],),) = live.sql(
        "SELECT slug FROM newsletters_newsletter WHERE is_open ORDER BY id LIMIT 1"
    )
    fields |= {"address": address, "frequency": "weekly", "language": "en"}
    time.sleep(1.2)  # a form that is sent at once was sent by a program
    started = time.monotonic()
    answer = browser.open(
        f"{live.site.url}/en/newsletters/subscribe/", urlencode(fields).encode(), timeout=30
    )
    assert answer.status == 200
    return time.monotonic() - started


@pytest.mark.parametrize("broker", ["closed_port", "deaf_port"])
def test_subscribing_takes_two_seconds_at_most_and_the_mail_follows(live, request, broker):
    live.start_mail()
    working = live.environment["CELERY_BROKER_URL"]
    port = request.getfixturevalue(broker)
    live.environment["CELERY_BROKER_URL"] = f"redis://127.0.0.1:{port}/0"
    live.start_web()

    took = subscribe(live, ADDRESS)
    waiting = live.sql('SELECT kind, state FROM newsletters_letter WHERE lower("to") = %s', ADDRESS)
    live.environment["CELERY_BROKER_URL"] = working
    live.start_worker()
    live.ring("sweep")
    live.until(lambda: live.mailbox.mails(to=ADDRESS))

    assert took < 3  # two for the broker, the rest for the page itself
    assert waiting == [("confirm", "queued")]
