"""What colleagues do with a mailing that they write: words, readers, people, a turn of sending."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission

from newsletters.models import Issue, Newsletter, Subscription
from newsletters.pipeline import deliver, freeze
from tests.factories.newsletters import SubscriberFactory, SubscriptionFactory
from tests.newsletters import fake_source

REFERENCE = "dispatch:a-key"


def write(reference: str, languages: str = "en", **facts: Any) -> None:
    """What an editor may propose: no mark in it that a mail service would fill in."""
    words = "<h2>To all</h2><p>Each of <a href='http://testserver/'>us</a>.</p>"
    fake_source.write(reference, languages, **({"html": words} | facts))


def reader(newsletter: Newsletter, name: str, languages: list[str]) -> Subscription:
    subscriber = SubscriberFactory(address=f"{name}@example.org", languages=languages)
    return SubscriptionFactory(newsletter=newsletter, subscriber=subscriber)


def colleague(name: str, *rights: str) -> Any:
    people, address = get_user_model(), f"{name}@example.org"
    facts = {people.USERNAME_FIELD: address, "email": address}
    user = people.objects.create_user(password="a long pass phrase", **facts)
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="newsletters", codename__in=rights)
    )
    return user


def send(issue: Issue) -> Issue:
    freeze.freeze_or_halt(issue.pk)
    while deliver.take_turn("w"):
        pass
    issue.refresh_from_db()
    return issue
