"""Readers at the desk: found, looked at, explained, taken out, proved; each look on record."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from alumni.models import Access, User
from alumni.privacy import access, erasure
from newsletters import rights, subscriptions
from newsletters.models import (
    Batch,
    Issue,
    Newsletter,
    ReaderTable,
    Subscriber,
    Subscription,
    Suppression,
)
from tests.factories.alumni import ProfileFactory
from tests.factories.newsletters import (
    BatchFactory,
    DeliveryFactory,
    EditionFactory,
    IssueFactory,
    NewsletterFactory,
    SubscriberFactory,
    SubscriptionFactory,
)

pytestmark = pytest.mark.django_db
READERS = "/cms/readers/"
TAKE_OUT = {"purpose": "a letter by post", "kind": "csv"}


@pytest.fixture
def officer(client: Client) -> User:
    user = User.objects.create_user("desk@example.org", "a long pass phrase", first_name="Mariam")
    user.groups.add(Group.objects.get(name="Administrators"))
    client.force_login(user)
    return user


def reader(newsletter: Newsletter, name: str, **facts: Any) -> Subscription:
    own = {key: facts.pop(key) for key in ("languages", "plain_text") if key in facts}
    subscriber = SubscriberFactory(address=f"{name}@example.org", **own)
    return SubscriptionFactory(newsletter=newsletter, subscriber=subscriber, **facts)


def sent(newsletter: Newsletter) -> Issue:
    return IssueFactory(newsletter=newsletter, state=Issue.State.DONE, frozen_at=timezone.now())


def found(client: Client, **asked: Any) -> list[str]:
    page = client.post(READERS, asked)
    assert page.status_code == 200
    return [row[0].address.partition("@")[0] for row in page.context["rows"]]


@pytest.fixture
def five(newsletter: Newsletter) -> dict[str, Subscription]:
    later = timezone.now() + dt.timedelta(days=30)
    rows = {
        "amina": reader(newsletter, "amina", languages=["fr", "en"]),
        "badr": reader(newsletter, "badr", state="pending", confirmed_at=None, caught_up_at=None),
        "chanda": reader(newsletter, "chanda", state="left", left_at=timezone.now()),
        "dalia": reader(newsletter, "dalia", paused_until=later),
        "eman": reader(NewsletterFactory(), "eman"),
    }
    Suppression.objects.create(address="eman@example.org", reason="bounce")
    return rows


def test_readers_are_found_by_address_state_newsletter_and_language(
    client: Client, officer: User, newsletter: Newsletter, five: dict[str, Subscription]
) -> None:
    assert found(client) == sorted(five)
    assert found(client, words="AMIN") == ["amina"]
    assert found(client, words="example.org", language="fr") == ["amina"]
    assert found(client, newsletter=newsletter.pk) == ["amina", "badr", "chanda", "dalia"]
    states = {
        "receives": ["amina", "eman"],
        "waiting": ["badr"],
        "left": ["chanda"],
        "paused": ["dalia"],
        "suppressed": ["eman"],
    }
    assert {state: found(client, state=state) for state in states} == states
    assert found(client, state="receives", newsletter=newsletter.pk) == ["amina"]
    assert found(client, words="nobody") == []


def test_the_list_shortens_addresses_and_puts_none_into_an_address(
    client: Client, officer: User, five: dict[str, Subscription]
) -> None:
    page = client.post(READERS, {"words": "amina@"}).content.decode()

    assert "am…@example.org" in page
    assert page.count("amina@") == 2  # in the field and in the hidden one of the list that leaves
    assert 'id="find" method="post"' in page
    assert "?words" not in page


def test_the_list_costs_the_same_for_one_and_for_many(
    client: Client, officer: User, newsletter: Newsletter
) -> None:
    reader(newsletter, "one")
    client.get(READERS)
    with CaptureQueriesContext(connection) as few:
        client.get(READERS)
    for n in range(60):
        reader(newsletter, f"more{n}")

    with CaptureQueriesContext(connection) as many:
        page = client.get(READERS)

    assert len(many) == len(few)
    assert len(page.context["rows"]) == 50
    assert len(client.post(READERS, {"page": "2"}).context["rows"]) == 11


def test_a_reader_s_screen_tells_all_and_each_look_is_on_record(
    client: Client, officer: User, newsletter: Newsletter
) -> None:
    row = reader(newsletter, "amina")
    subscriptions.record_consent(row, given=True, language="en", how="confirmation link")

    page = client.get(reverse("reader", args=[row.subscriber_id])).content.decode()

    assert "amina@example.org" in page
    assert "until I say stop" in page
    assert "behind the link that was mailed" in page
    look = Access.objects.get()
    assert (look.subject, look.by, look.by_name) == (
        f"subscriber:{row.subscriber_id}",
        officer.pk,
        "Mariam",
    )


def test_a_member_reads_the_look_among_the_own_ones(
    client: Client, officer: User, newsletter: Newsletter
) -> None:
    row = reader(newsletter, "amina")
    profile = ProfileFactory(joined=True, subscriber=row.subscriber)

    client.get(reverse("reader", args=[row.subscriber_id]))

    assert [line.who for line in access.history(profile)] == ["Mariam"]


def test_a_reader_without_account_takes_the_looks_home_and_erasing_removes_them(
    client: Client, officer: User, newsletter: Newsletter
) -> None:
    row = reader(newsletter, "amina")
    client.get(reverse("reader", args=[row.subscriber_id]))
    client.get(reverse("reader", args=[row.subscriber_id]))

    assert b"Mariam" in _unpacked(rights.take(row.subscriber))
    rights.forget(row.subscriber, language="en")

    assert not Access.objects.exists()


def _unpacked(archive: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return opened.read("data.json")


def test_erasing_a_member_removes_the_looks_at_the_reader_too(
    client: Client, officer: User, newsletter: Newsletter
) -> None:
    row = reader(newsletter, "amina")
    client.get(reverse("reader", args=[row.subscriber_id]))
    profile = ProfileFactory(joined=True, subscriber=row.subscriber)

    erasure.erase(profile=profile, by=profile.user, language="en")

    assert not Access.objects.exists()


def test_the_screen_lists_the_latest_mailings_with_their_fate_at_the_same_cost(
    client: Client, officer: User, newsletter: Newsletter
) -> None:
    row = reader(newsletter, "amina")

    def mailed() -> None:
        issue = IssueFactory(
            newsletter=newsletter, state=Issue.State.DONE, frozen_at=timezone.now()
        )
        batch = BatchFactory(edition=EditionFactory(issue=issue))
        DeliveryFactory(batch=batch, reader=row)

    mailed()
    address = reverse("reader", args=[row.subscriber_id])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    mailed()
    mailed()
    missed = sent(newsletter)

    with CaptureQueriesContext(connection) as many:
        page = client.get(address).content.decode()

    assert len(many) == len(few)
    assert page.count("Handed to the mail service.") == 3
    assert reverse("reader_why", args=[row.subscriber_id, missed.pk]) in page


def test_why_is_asked_on_the_mailing_and_answered_there(
    client: Client, officer: User, newsletter: Newsletter
) -> None:
    row = reader(newsletter, "amina")
    subscriptions.unsubscribe(row, how="button in the mail", language="en")
    issue = sent(newsletter)
    address = reverse("mailing_why", args=[issue.pk])
    assert address in client.get(reverse("mailing", args=[issue.pk])).content.decode()

    asked = client.get(address).content.decode()
    page = client.post(address, {"address": "Amina@example.org"}).content.decode()

    # The one line there is has the keyboard, until there is an answer to read.
    assert [text.count(" autofocus") for text in (asked, page)] == [1, 0]
    assert "by the button in the mail." in page
    assert reverse("reader", args=[row.subscriber_id]) in page
    assert Access.objects.count() == 1
    again = client.get(reverse("reader_why", args=[row.subscriber_id, issue.pk]))
    assert "by the button in the mail." in again.content.decode()


def test_the_list_leaves_with_a_purpose_and_everybody_on_it_reads_so(
    client: Client, officer: User, five: dict[str, Subscription]
) -> None:
    Subscriber.objects.filter(address="amina@example.org").update(address="=cmd|x@example.org")
    assert client.post(READERS, {"kind": "csv", "purpose": ""}).status_code == 400
    assert not Access.objects.exists()

    answer = client.post(READERS, TAKE_OUT | {"state": "receives"})

    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["E-mail address", "'=cmd|x@example.org", "eman@example.org"]
    assert rows[2][3] == "must not be written to"
    assert "no-store" in answer["Cache-Control"]
    looks = Access.objects.all()
    assert len(looks) == 2
    assert {look.what for look in looks} == {"list"}
    assert "a letter by post (readers: receives)" in looks[0].detail


@pytest.mark.parametrize(
    "wrong",
    [{"language": "xx"}, {"state": "asleep"}, {"newsletter": "999999"}, {"words": "a" * 300}],
)
def test_no_list_leaves_when_nobody_can_tell_whose(
    client: Client, officer: User, newsletter: Newsletter, wrong: dict[str, str]
) -> None:
    reader(newsletter, "amina")

    for asked in (wrong, TAKE_OUT | wrong):
        answer = client.post(READERS, asked)
        assert answer.status_code == 400
        assert answer.context["form"].errors
        assert answer.context["rows"] == []
        assert "Nobody is shown and no list leaves" in answer.content.decode()
        assert "amina" not in answer.content.decode()
    assert not Access.objects.exists()


def test_a_workbook_holds_the_same(
    client: Client, officer: User, five: dict[str, Subscription]
) -> None:
    answer = client.post(READERS, TAKE_OUT | {"kind": "xlsx", "state": "left"})

    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert [row[0] for row in rows] == ["E-mail address", "chanda@example.org"]


def test_the_proof_says_who_what_when_in_which_words_by_which_way_and_until_when(
    client: Client, officer: User, newsletter: Newsletter
) -> None:
    row = reader(newsletter, "amina")
    subscriptions.record_consent(row, given=True, language="en", how="confirmation link")
    subscriptions.unsubscribe(row, how="button in the mail", language="en")

    answer = client.get(reverse("reader_proof", args=[row.subscriber_id]))

    page = answer.content.decode()
    assert answer["Content-Disposition"].startswith("attachment")
    for part in ("amina@example.org", "until I say stop", "2026-11", "unsubscribe button"):
        assert part in page
    assert "still in force" not in page
    assert Access.objects.count() == 1


@pytest.mark.parametrize("name", ["readers", "bring_readers"])
def test_editors_see_no_readers(client: Client, name: str) -> None:
    user = User.objects.create_user("editor@example.org", "a long pass phrase")
    user.groups.add(Group.objects.get(name="Editors"))
    client.force_login(user)

    assert client.get(reverse(name)).status_code != 200
    assert client.post(reverse(name), TAKE_OUT).status_code != 200
    assert "Readers" not in client.get("/cms/").content.decode()


def test_a_table_is_looked_through_and_then_taken_in(
    client: Client, officer: User, newsletter: Newsletter
) -> None:
    rows = "email,source,date\na@example.org,at the fair,2026-03-31\nnonsense,,\nb@example.org,,\n"
    file = SimpleUploadedFile("fair.csv", rows.encode())
    sent = {"file": file, "newsletter": newsletter.pk, "language": "fr"}

    page = client.post(reverse("bring_readers"), sent, follow=True)

    assert "Take 2 rows in" in page.content.decode()
    assert "but “nonsense”" in page.content.decode()
    assert not Subscriber.objects.exists()
    address = page.redirect_chain[-1][0]
    mend = client.get(address, {"form": "csv"}).content.decode("utf-8-sig")
    assert mend.splitlines()[1].startswith("3,")
    done = client.post(address, follow=True).content.decode()
    assert "Done: 1 subscription receives from now on." in done
    assert Subscriber.objects.get(address="a@example.org").languages == ["fr"]
    assert Subscription.objects.get(subscriber__address="b@example.org").state == "pending"


def test_a_table_that_cannot_be_read_says_what_to_do(
    client: Client, officer: User, newsletter: Newsletter
) -> None:
    file = SimpleUploadedFile("x.csv", b"language,date\nen,2026-03-31\n")

    page = client.post(
        reverse("bring_readers"), {"file": file, "newsletter": newsletter.pk, "language": "en"}
    )

    assert page.status_code == 400
    assert "No column is the e-mail address" in page.content.decode()


def test_another_colleague_s_table_does_not_exist(
    client: Client, officer: User, newsletter: Newsletter
) -> None:
    other = User.objects.create_user("other@example.org", "a long pass phrase")
    table = ReaderTable.objects.create(owner=other, name="x.csv")

    assert client.get(reverse("brought_readers", args=[table.key])).status_code == 404
    assert client.post(reverse("brought_readers", args=[table.key])).status_code == 404
    assert Batch.objects.count() == 0


def test_a_table_is_put_away(client: Client, officer: User, newsletter: Newsletter) -> None:
    table = ReaderTable.objects.create(owner=officer, name="x.csv")

    client.post(reverse("brought_readers", args=[table.key]), {"discard": "1"})

    assert not ReaderTable.objects.exists()
