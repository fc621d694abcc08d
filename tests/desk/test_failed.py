"""A mail that really failed: the desk says why, and trying again brings it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Page, expect

from config.local.supervisor import answers
from localmail.client import Client
from newsletters import reports
from newsletters.models import Batch, Delivery
from tests.desk.test_following import open_mailings
from tests.factories.newsletters import BatchFactory, DeliveryFactory, EditionFactory, IssueFactory
from tests.plugins.live import Live

TITLE = "A story for one who is refused"


@pytest.mark.browser
@pytest.mark.slow
def test_the_reason_is_said_and_trying_again_brings_the_mail(live: Live, desk: Page) -> None:
    mail = live.supervisor.start("mail provider", [*live.site.localmail(), "--test-mode"])
    provider = Client(live.site.mail_url)
    live.supervisor.until(mail, lambda: answers(f"{live.site.mail_url}/api/healthz"))
    live.start_web()
    refused, *others = live.publish(TITLE)
    provider.turn(refuse_address={"addresses": [refused]})
    live.start_worker()
    live.ring("send_due")
    live.until(live.everything_sent)
    assert others
    assert refused not in live.got(TITLE)

    open_mailings(desk, live)
    ((issue,),) = live.sql(
        "SELECT issue_id FROM newsletters_delivery WHERE exception = 'failed' UNION"
        " SELECT issue_id FROM newsletters_batch WHERE state = 'failed'"
    )
    desk.goto(f"{live.site.url}/cms/mailings/{issue}/")
    expect(desk.get_by_role("row", name=re.compile(r"^failed 1$"))).to_be_visible()
    why = desk.get_by_role("row", name=re.compile("not a valid address"))
    expect(why).to_be_visible()
    expect(desk.get_by_text(refused)).to_have_count(0)

    provider.normal()
    desk.get_by_role("link", name="Try again with this 1 person").click()
    desk.get_by_role("button", name="Try again with this 1 person").click()
    live.until(lambda: refused in live.got(TITLE))
    live.until(live.everything_sent)
    assert live.got(TITLE).count(refused) == 1


@pytest.mark.django_db
def test_reasons_are_counted_once_each_without_addresses() -> None:
    issue = IssueFactory(audience=9)
    edition = EditionFactory(issue=issue)
    said = "to: somebody@example.org is not a valid address"
    batch = BatchFactory(edition=edition, state=Batch.State.FAILED, size=3, reason=said)
    for exception in ("", "", "suppressed"):
        DeliveryFactory(batch=batch, exception=exception)
    taken = BatchFactory(edition=edition, state=Batch.State.ACCEPTED, size=2)
    DeliveryFactory(batch=taken)
    alone = DeliveryFactory(batch=taken, exception="failed", reason=said)
    DeliveryFactory(batch=taken, exception="failed")

    found = reports.failures(issue)

    assert found == [
        ("to: … is not a valid address", 3),
        ("The mail service said nothing about it.", 1),
    ]
    assert sum(people for _said, people in found) == 4
    assert alone.reason == said


@pytest.mark.django_db
def test_queries_do_not_grow_with_those_who_failed() -> None:
    issue = IssueFactory(audience=9)
    edition = EditionFactory(issue=issue)

    def count() -> int:
        with CaptureQueriesContext(connection) as found:
            reports.failures(issue)
        return len(found)

    def add(n: int) -> Any:
        batch = BatchFactory(edition=edition, state="failed", size=1, reason=f"reason {n}")
        return DeliveryFactory(batch=batch)

    add(1)
    one = count()
    add(2)
    add(3)
    assert count() == one == 3
    assert Delivery.objects.count() == 3
