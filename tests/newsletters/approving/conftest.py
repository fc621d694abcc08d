"""A mailing that two colleagues make, and its three readers."""

from __future__ import annotations

from typing import Any

import pytest

from newsletters import approving
from newsletters.models import Issue, Newsletter, Subscription
from newsletters.proposals import Plan
from tests.factories.newsletters import NewsletterFactory, own_this_database
from tests.newsletters.hands import REFERENCE, colleague, reader, write


@pytest.fixture
def newsletter(db: None) -> Newsletter:
    own_this_database()
    return NewsletterFactory(kind="written")


@pytest.fixture
def readers(newsletter: Newsletter) -> list[Subscription]:
    return [
        reader(newsletter, name, languages)
        for name, languages in (("amina", ["en"]), ("badr", ["ar", "en"]), ("chanda", ["pt"]))
    ]


@pytest.fixture
def writer(db: None) -> Any:
    return colleague("writer", "compose_issue", "approve_issue")


@pytest.fixture
def second(db: None) -> Any:
    return colleague("second", "approve_issue")


@pytest.fixture
def plan(newsletter: Newsletter, readers: list[Subscription]) -> Plan:
    write(REFERENCE, "en ar")
    return Plan(newsletter=newsletter, reference=REFERENCE)


@pytest.fixture
def proposed(plan: Plan, writer: Any) -> Issue:
    return approving.propose(plan, by=writer)
