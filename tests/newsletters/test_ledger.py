"""What the database itself refuses, and what the ledger never holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from localmail import Client
from newsletters.models import Attempt, Batch, Delivery, Edition, Fragment, Issue
from newsletters.pipeline import deliver, freeze
from tests.factories.newsletters import (
    BatchFactory,
    DeliveryFactory,
    EditionFactory,
    IssueFactory,
    SubscriberFactory,
    SubscriptionFactory,
)
from tests.newsletters.fake_source import publish


def _delivery() -> None:
    mail = DeliveryFactory()
    DeliveryFactory(batch=BatchFactory(edition=mail.batch.edition), reader=None,
                    subscriber_id=mail.subscriber_id)  # fmt: skip


def _period() -> None:
    first = IssueFactory(state=Issue.State.DONE)
    IssueFactory(newsletter=first.newsletter, cutoff_at=first.cutoff_at)


def _open_digest() -> None:
    IssueFactory(newsletter=IssueFactory(state=Issue.State.HALTED).newsletter, frequency="daily")


def _follower() -> None:
    first = IssueFactory(state=Issue.State.DONE)
    for _press in range(2):
        IssueFactory(newsletter=first.newsletter, kind="written", frequency="", follows=first,
                     why="retry")  # fmt: skip


def _number() -> None:
    first = BatchFactory()
    BatchFactory(edition=first.edition, number=first.number)


def _attempt() -> None:
    batch = BatchFactory()
    for _time in range(2):
        Attempt.objects.create(
            batch=batch, epoch=1, key="k", body_sha256="0", deadline_at=dt.datetime.now(dt.UTC)
        )


def _edition() -> None:
    first = EditionFactory()
    EditionFactory(issue=first.issue, sha256=first.sha256)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("twice", "name"),
    [
        (_delivery, "nobody_gets_an_issue_twice"),
        (_period, "one_digest_a_period"),
        (_open_digest, "one_open_digest_a_newsletter"),
        (_follower, "one_open_follower_a_reason"),
        (_number, "batches_are_numbered_once"),
        (_attempt, "one_attempt_a_claim"),
        (_edition, "editions_of_an_issue_differ"),
    ],
)
def test_the_database_refuses_the_second(twice: Callable[[], None], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        twice()


@pytest.mark.parametrize("model", [Batch, Delivery, Attempt, Edition, Fragment])
def test_what_was_sent_cannot_be_deleted_from_above(model: type[models.Model]) -> None:
    keys = [field for field in model._meta.fields if isinstance(field, models.ForeignKey)]

    assert keys
    assert {field.remote_field.on_delete for field in keys} == {models.PROTECT}


@pytest.mark.django_db
def test_a_mailing_with_people_in_it_stays() -> None:
    mail = DeliveryFactory()

    for row in (mail.batch, mail.batch.edition, mail.issue):
        with pytest.raises(ProtectedError):
            row.delete()


def test_the_ledger_names_nobody_by_address(issue: Issue, mailbox: Client) -> None:
    publish("kenya", at=issue.cutoff_at - dt.timedelta(hours=1))
    for address in ("amina@example.org", "amina..k@example.org"):
        reader = SubscriberFactory(address=address)
        SubscriptionFactory(newsletter=issue.newsletter, subscriber=reader)
    freeze.freeze(issue.pk)
    while deliver.take_turn("w"):
        pass

    rows = [
        str(row)
        for model in (Delivery, Batch, Attempt, Issue, Edition, Fragment)
        for row in model._base_manager.values()
    ]

    assert Delivery.objects.fared("failed").count() == 1
    assert len(mailbox.mails()) == 1
    assert [row for row in rows if "amina" in row] == []


@pytest.mark.django_db
def test_people_in_the_ledger_are_plain_numbers() -> None:
    """A foreign key to a million people costs 3.7 times the insert; so may they be erased."""
    assert not isinstance(Delivery._meta.get_field("subscriber_id"), models.ForeignKey)
    mail = DeliveryFactory()
    SubscriptionFactory._meta.model.objects.all().delete()
    SubscriberFactory._meta.model.objects.all().delete()

    assert Delivery.objects.get() == mail


def test_nothing_that_the_engine_writes_has_revisions() -> None:
    """A revision holds every column: publishing an old one would write old states back."""
    kept = {"RevisionMixin", "DraftStateMixin", "WorkflowMixin"}
    found = [
        model.__name__
        for model in apps.get_app_config("newsletters").get_models()
        if kept & {base.__name__ for base in model.__mro__}
    ]

    assert found == []
