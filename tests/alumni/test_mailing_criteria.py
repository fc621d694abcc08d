"""Whom a written mailing is for: each criterion alone, all of them together, none unknown."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from alumni.audience import narrow
from newsletters.models import Subscriber
from tests.factories.alumni import CourseRunFactory, EnrolmentFactory, ProfileFactory
from tests.factories.newsletters import SubscriberFactory, SubscriptionFactory

pytestmark = pytest.mark.django_db


def reader(name: str, *, interests: list[str] | None = None, **facts: Any) -> Subscriber:
    subscriber = SubscriberFactory(address=f"{name}@example.org", **facts)
    SubscriptionFactory(subscriber=subscriber, interests=interests or ["all"])
    return subscriber


def member(name: str, country: str = "", **facts: Any) -> Subscriber:
    subscriber = reader(name, **facts)
    ProfileFactory(joined=True, subscriber=subscriber, country=country)
    return subscriber


def chosen(**criteria: Any) -> list[str]:
    found = narrow(Subscriber.objects.all(), criteria)
    return sorted(row.address.partition("@")[0] for row in found)


def test_nothing_ticked_is_everybody() -> None:
    reader("amina")
    member("badr")

    assert chosen() == ["amina", "badr"]


def test_languages_are_those_read_in_whatever_place() -> None:
    reader("amina", languages=["en"])
    reader("badr", languages=["ar", "en"])
    reader("chanda", languages=["pt"])

    assert chosen(languages=["en"]) == ["amina", "badr"]


def test_a_country_is_that_of_the_profile_or_followed_by_name() -> None:
    member("lives", country="KE")
    member("elsewhere", country="ZM")
    reader("follows", interests=["country:KE", "topic:x"])
    reader("everything", interests=["all"])
    waiting = reader("waiting")
    ProfileFactory(subscriber=waiting, country="KE")

    assert chosen(countries=["KE"]) == ["follows", "lives"]


def test_a_region_is_all_its_countries() -> None:
    region = next(one for one in settings.PACK.regions if "KE" in one.countries)
    member("lives", country="KE")
    member("neighbour", country=next(code for code in region.countries if code != "KE"))
    others = next(one for one in settings.PACK.regions if one is not region)
    member("elsewhere", country=others.countries[0])

    assert chosen(regions=[region.code]) == ["lives", "neighbour"]
    assert chosen(regions=["nowhere"]) == []


def test_a_topic_is_followed_by_name_or_with_everything() -> None:
    reader("one", interests=["topic:referral"])
    reader("other", interests=["topic:data"])
    reader("everything", interests=["all"])

    assert chosen(topics=["referral"]) == ["everything", "one"]


def test_courses_and_parts_are_of_members_who_came() -> None:
    spring, autumn = CourseRunFactory(slug="spring"), CourseRunFactory(slug="autumn")
    for name, run, role, completion in (
        ("took-part", spring, "participant", "completed"),
        ("taught", spring, "trainer", "completed"),
        ("later", autumn, "trainer", "attended"),
        ("nominated", spring, "participant", "nominated"),
    ):
        subscriber = member(name)
        EnrolmentFactory(profile=subscriber.profile, run=run, role=role, completion=completion)

    assert chosen(runs=["spring"]) == ["taught", "took-part"]
    assert chosen(roles=["trainer"]) == ["later", "taught"]
    assert chosen(runs=["spring"], roles=["trainer"]) == ["taught"]


def test_all_criteria_are_met_together() -> None:
    member("both", country="KE", languages=["ar"])
    member("one", country="KE", languages=["en"])

    assert chosen(countries=["KE"], languages=["ar"]) == ["both"]


def test_a_criterion_that_it_does_not_know_reaches_nobody() -> None:
    reader("amina")

    assert chosen(shoe_size=["42"]) == []
    assert chosen(audience="unknown") == []


def test_a_country_of_nobody_is_still_one_statement() -> None:
    sql, _params = narrow(Subscriber.objects.all(), {"countries": ["KE"]}).query.sql_with_params()

    assert sql.count("SELECT") >= 2
