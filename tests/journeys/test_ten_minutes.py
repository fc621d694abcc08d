"""The page of the demonstration: every step leads somewhere. Its phones are in the walk."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest

from tests.journeys.hands import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def site(live):
    live.start_mail()
    live.start_web()
    live.start_worker()
    return live


def test_every_step_leads_to_a_screen(site, desk, phone):
    sign_in(desk, site)
    desk.goto(f"{site.site.url}/en/demo/")

    ways = {link.get_attribute("href") for link in desk.locator(".tour a").all()} - {"#phones"}
    for_members = {"/en/members/me/hide/"}
    # Some lead into the mailbox, which has an address of its own.
    answers = {way: desk.goto(urljoin(site.site.url, way)).status for way in ways - for_members}
    assert len(answers) > 7
    assert answers == dict.fromkeys(answers, 200)

    sign_in(phone, site, "wanjiru@example.org", lands="**/members/me/")
    assert {phone.goto(f"{site.site.url}{way}").status for way in ways & for_members} == {200}
