"""During a real send the parts add up at every instant: on the command line and on the screen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page

from config.local import steps
from tests.desk.test_following import open_mailings
from tests.plugins.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.slow]

READERS = """
WITH new AS (
    INSERT INTO newsletters_subscriber (address, key, languages, discreet, created_at)
    SELECT 'crowd-' || language || n || '@example.org', 'crowd-' || language || n,
        ARRAY[language]::varchar[], n = 1, now()
    FROM unnest(ARRAY['en', 'fr', 'ar', 'pt']) language, generate_series(1, 2) n
    RETURNING id, key
)
INSERT INTO newsletters_subscription
    (subscriber_id, newsletter_id, key, state, frequency, interests, caught_up_at, created_at,
     confirmed_at, left_how)
SELECT new.id, (SELECT min(id) FROM newsletters_newsletter), new.key, 'confirmed', 'weekly',
    ARRAY['all']::varchar[], '2020-01-01', now(), now(), '' FROM new
"""
LEAVES = """
UPDATE newsletters_subscription SET state = 'left', left_at = now() WHERE subscriber_id = (
    SELECT d.subscriber_id FROM newsletters_delivery d JOIN newsletters_batch b ON b.id = d.batch_id
    WHERE b.state = 'queued' ORDER BY d.id DESC LIMIT 1)
"""


class Watch:
    """Both places where an editor or an administrator reads the sum."""

    def __init__(self, site: Live, desk: Page) -> None:
        self.site, self.desk = site, desk
        ((self.issue,),) = site.sql(
            "SELECT id FROM newsletters_issue WHERE audience > 0 AND kind = 'digest'"
        )

    def printed(self) -> dict[str, int]:
        said = self.site.site.folder / "status"
        command = self.site.site.manage("newsletter_status", str(self.issue))
        steps.wait(self.site.supervisor.spawn("status", command, said), log=said)
        found = re.search(r"\] (\d+) = (.*)$", said.read_text(), re.MULTILINE)
        assert found, said.read_text()
        parts = dict(part.split(" ", 1)[::-1] for part in found[2].split(" + "))
        return {"all": int(found[1])} | {name: int(people) for name, people in parts.items()}

    def shown(self) -> dict[str, int]:
        page = self.desk.request.get(
            f"{self.site.site.url}/cms/mailings/{self.issue}/", params={"parts": ""}
        )
        sums = BeautifulSoup(page.text(), "html.parser").find("table", class_="sums")
        rows = [(row.th.get_text(), int(row.td.get_text())) for row in sums.find_all("tr")]
        *parts, (_all, everybody) = rows
        return {"all": everybody} | dict(parts)

    def both(self) -> dict[str, int]:
        """What both say while nothing moves."""
        printed = self.printed()
        assert printed == self.shown()
        return printed


def adds_up(parts: dict[str, int]) -> bool:
    people = dict(parts)
    everybody = people.pop("all")
    return sum(people.values()) == everybody and min(people.values()) > 0


@pytest.fixture
def watch(live: Live, desk: Page) -> Any:
    """Two calls that wait for their answer, others behind them."""
    live.start_mail()
    live.start_web()
    live.sql(READERS)
    open_mailings(desk, live)
    live.hold()
    live.start_worker()
    live.ring_for_the_digest()
    live.until(lambda: live.held() == 2)
    yield Watch(live, desk)
    live.release()


def test_the_parts_add_up_at_every_instant_of_a_send(watch: Watch) -> None:
    site = watch.site
    held = watch.both()
    assert held.keys() == {"all", "waiting", "being handed over"}
    assert adds_up(held)

    site.sql("UPDATE newsletters_issue SET state = 'paused' WHERE state = 'sending'")
    site.sql(LEAVES)
    site.release()
    site.until(site.idle)
    paused = watch.both()
    assert paused["handed to the mail service"] == held["being handed over"]
    assert paused["waiting"] == held["waiting"]
    assert adds_up(paused)

    site.sql("UPDATE newsletters_issue SET state = 'sending' WHERE state = 'paused'")
    site.ring("deliver_batches", times=2)
    while not site.everything_sent():
        for parts in (watch.shown(), watch.printed()):
            assert adds_up(parts)
            assert parts["all"] == held["all"]
    done = watch.both()
    assert done == {
        "all": held["all"],
        "handed to the mail service": held["all"] - 1,
        "left before it was handed over": 1,
    }
