"""Readers, newsletters and issues for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory

from newsletters.models import (
    Batch,
    Cadence,
    Delivery,
    Edition,
    Issue,
    Newsletter,
    SiteInstance,
    Subscriber,
    Subscription,
    Wording,
)

LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class NewsletterFactory(factory.django.DjangoModelFactory):
    """A weekly digest with names in English and Arabic."""

    class Meta:
        model = Newsletter
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"stories-{n}")
    from_email = "stories@news.example.org"
    reply_to = "editors@news.example.org"
    postal_address = "1 Garden Street\nCity"
    list_id = factory.Sequence(lambda n: f"stories-{n}.news.example.org")
    timezone = "Africa/Cairo"

    @factory.post_generation
    def wordings(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        for language, name, plain in (
            ("en", "What countries learned", "Reading for you"),
            ("ar", "ما تعلمته البلدان", "قراءات لك"),
        ):
            Wording.objects.create(
                newsletter=self, language=language, name=name, plain_name=plain, description=name
            )


class SubscriberFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Subscriber

    address = factory.Sequence(lambda n: f"reader-{n}@example.org")
    languages = ["en"]


class SubscriptionFactory(factory.django.DjangoModelFactory):
    """A confirmed reader of everything, told of nothing since long ago."""

    class Meta:
        model = Subscription

    subscriber = factory.SubFactory(SubscriberFactory)
    newsletter = factory.SubFactory(NewsletterFactory)
    state = Subscription.State.CONFIRMED
    confirmed_at = LONG_AGO
    caught_up_at = LONG_AGO


class IssueFactory(factory.django.DjangoModelFactory):
    """An approved weekly digest whose cutoff is now."""

    class Meta:
        model = Issue

    newsletter = factory.SubFactory(NewsletterFactory)
    kind = Newsletter.Kind.DIGEST
    frequency = "weekly"
    cutoff_at = factory.LazyFunction(lambda: dt.datetime.now(dt.UTC))
    not_after = factory.LazyAttribute(lambda issue: issue.cutoff_at + dt.timedelta(days=3))
    state = Issue.State.APPROVED


class CadenceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Cadence

    newsletter = factory.SubFactory(NewsletterFactory)
    frequency = "weekly"
    next_at = factory.LazyFunction(lambda: dt.datetime.now(dt.UTC))


class EditionFactory(factory.django.DjangoModelFactory):
    """Of a mailing that is being sent; its content does not matter."""

    class Meta:
        model = Edition

    issue = factory.SubFactory(
        IssueFactory, kind=Newsletter.Kind.WRITTEN, frequency="", state=Issue.State.SENDING
    )
    language = "en"
    selection: list[str] = []
    subject = preheader = "What countries learned"
    sha256 = factory.Sequence(lambda n: f"{n:064x}")


class BatchFactory(factory.django.DjangoModelFactory):
    """A batch that the mail service took."""

    class Meta:
        model = Batch

    edition = factory.SubFactory(EditionFactory)
    issue = factory.SelfAttribute("edition.issue")
    number = factory.Sequence(int)
    size = 1
    state = Batch.State.ACCEPTED


class DeliveryFactory(factory.django.DjangoModelFactory):
    """A mail that the mail service took, to a reader of its newsletter."""

    class Meta:
        model = Delivery

    class Params:
        reader = factory.SubFactory(
            SubscriptionFactory, newsletter=factory.SelfAttribute("..batch.issue.newsletter")
        )

    batch = factory.SubFactory(BatchFactory)
    issue = factory.SelfAttribute("batch.issue")
    subscriber_id = factory.SelfAttribute("reader.subscriber_id")


def own_this_database(name: str = "http://testserver") -> None:
    """Let this deployment send."""
    SiteInstance.objects.update_or_create(id=1, defaults={"name": name})
