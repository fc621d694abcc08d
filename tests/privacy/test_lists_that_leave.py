"""Lists leave by the screens that ask what for and write it down, and by no other."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import addresses
from tests.factories.alumni import ProfileFactory, UserFactory

NOT_ASKED = {"cms/failwhale/": "raises, to try out the page of errors"}
OWN_SCREENS = {"/cms/country-facts/all.csv"}
"""What leaves without a purpose: it is of no person."""


@pytest.fixture
def desk(db: None) -> Client:
    client = Client()
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    return client


@pytest.mark.filterwarnings("ignore::django.core.paginator.UnorderedObjectListWarning")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_list_of_the_editors_side_leaves_as_a_file(desk: Client, form: str) -> None:
    ProfileFactory(family_name="=canary")
    lists = [
        addresses.sample(route)
        for route in addresses.routes()
        if route.startswith("cms/") and not addresses.arguments(route) and route not in NOT_ASKED
    ]

    answers = {f"/{path}": desk.get(f"/{path}", {"export": form}) for path in lists}

    files = {path for path, answer in answers.items() if "Content-Disposition" in answer.headers}
    assert {"/cms/people/", "/cms/users/", "/cms/reports/site-history/"} <= answers.keys()
    assert files == OWN_SCREENS


@pytest.mark.parametrize("report", ["site-history", "locked", "workflow", "aging-pages"])
def test_no_report_offers_one(desk: Client, report: str) -> None:
    page = desk.get(f"/cms/reports/{report}/")

    assert page.status_code == 200
    assert "export=" not in page.content.decode()
