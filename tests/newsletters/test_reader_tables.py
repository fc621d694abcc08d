"""Readers from a table: what would become of each row, and the one pass that does it."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook

from newsletters import proof, tasks
from newsletters.addresses import keyed_hash
from newsletters.imports import carry, hold
from newsletters.models import (
    Consent,
    Letter,
    Newsletter,
    ReaderTable,
    Subscriber,
    Subscription,
    Suppression,
)
from newsletters.spreadsheets.refusal import UnreadableTable
from tests.factories.newsletters import NewsletterFactory, SubscriberFactory, SubscriptionFactory

HEAD = "E-mail,Language,Newsletter,Frequency,Interests,Source,Date"
AGREED = "signed the list at the course,2026-03-31"


@pytest.fixture
def by(db: None) -> Any:
    return get_user_model().objects.create_user("desk@example.org", "a long pass phrase")


def held(by: Any, newsletter: Newsletter, *rows: str, head: str = HEAD) -> ReaderTable:
    return of_bytes(by, newsletter, "\n".join([head, *rows]).encode())


def of_bytes(by: Any, newsletter: Newsletter, data: bytes) -> ReaderTable:
    file = io.BytesIO(data)
    return hold.hold(file, name="list.csv", newsletter=newsletter, language="en", by=by)


def outcomes(table: ReaderTable) -> list[str]:
    return list(table.rows.order_by("number").values_list("outcome", flat=True))


def test_proof_makes_a_reader_and_a_consent_in_its_words(by: Any, newsletter: Newsletter) -> None:
    table = held(
        by,
        newsletter,
        f"Amina@Example.org,French; Arabic,,every month,Kenya · topic:referral,{AGREED}",
    )
    assert outcomes(table) == ["new"]
    assert not Subscriber.objects.exists()

    assert carry.take_in(table)

    row = Subscription.objects.select_related("subscriber").get()
    assert (row.subscriber.address, row.subscriber.languages) == ("amina@example.org", ["fr", "ar"])
    assert row.subscriber.address_hash == keyed_hash("amina@example.org")
    assert (row.state, row.frequency) == ("confirmed", "monthly")
    assert sorted(row.interests) == ["country:KE", "topic:referral"]
    assert row.caught_up_at is not None
    assert row.heard_at == row.confirmed_at
    assert len(row.key) == len(row.subscriber.key) == 22
    consent = Consent.objects.get()
    assert consent.wording == "signed the list at the course"
    assert timezone.localtime(consent.at).date() == dt.date(2026, 3, 31)
    [agreed] = proof.of_reader(row.subscriber)
    assert agreed.words == "signed the list at the course"
    assert not Letter.objects.exists()


@pytest.mark.parametrize("proofless", [",", "by phone,", ",2026-03-31"])
def test_without_proof_a_row_waits_and_goes_after_a_week(
    by: Any, newsletter: Newsletter, proofless: str
) -> None:
    table = held(by, newsletter, f"amina@example.org,en,,,,{proofless}")

    carry.take_in(table)

    row = Subscription.objects.get()
    assert (row.state, row.confirmed_at) == ("pending", None)
    assert (Consent.objects.count(), Letter.objects.count()) == (0, 0)
    assert outcomes(table) == ["waiting"]
    assert Subscription.objects.forget_unconfirmed(timezone.now() + dt.timedelta(days=8)) == 1


def test_nobody_is_brought_back(by: Any, newsletter: Newsletter) -> None:
    """Left, complained, bounced, erased: no list revives anybody, whatever its proof."""
    SubscriptionFactory(
        newsletter=newsletter,
        subscriber=SubscriberFactory(address="left@example.org"),
        state="left",
        left_at=timezone.now(),
    )
    SubscriptionFactory(
        newsletter=newsletter, subscriber=SubscriberFactory(address="spam@example.org")
    )
    Suppression.objects.create(address="spam@example.org", reason="complaint")
    Suppression.objects.create(address="gone@example.org", reason="bounce")
    Suppression.objects.create(address_hash=keyed_hash("erased@example.org"), reason="erased")
    names = ["left", "spam", "gone", "erased"]
    before = list(Subscription.objects.order_by("pk").values_list("state", "confirmed_at"))

    table = held(by, newsletter, *(f"{name}@example.org,en,,,,{AGREED}" for name in names))
    carry.take_in(table)

    assert outcomes(table) == ["left", "kept_out", "kept_out", "kept_out"]
    assert list(Subscription.objects.order_by("pk").values_list("state", "confirmed_at")) == before
    assert Suppression.objects.count() == 3
    assert Consent.objects.count() == 0


def test_doubles_are_seen_and_what_stands_is_not_changed(by: Any, newsletter: Newsletter) -> None:
    other = NewsletterFactory(slug="other")
    there = SubscriptionFactory(
        newsletter=newsletter,
        frequency="daily",
        subscriber=SubscriberFactory(address="there@example.org"),
    )
    table = held(
        by,
        newsletter,
        f"there@example.org,en,,monthly,,{AGREED}",
        f"new@example.org,en,,,,{AGREED}",
        f" NEW@example.org ,fr,,,,{AGREED}",
        f"new@example.org,en,other,,,{AGREED}",
    )

    carry.take_in(table)

    assert outcomes(table) == ["there", "new", "repeated", "new"]
    there.refresh_from_db()
    assert there.frequency == "daily"
    new = Subscriber.objects.get(address="new@example.org")
    assert new.languages == ["en"]
    assert set(new.subscriptions.values_list("newsletter", flat=True)) == {newsletter.pk, other.pk}
    assert Consent.objects.count() == 2


def test_whoever_waited_is_confirmed_by_a_list_with_proof(by: Any, newsletter: Newsletter) -> None:
    waiting = SubscriptionFactory(
        newsletter=newsletter,
        state="pending",
        confirmed_at=None,
        caught_up_at=None,
        subscriber=SubscriberFactory(address="amina@example.org"),
    )

    carry.take_in(held(by, newsletter, f"amina@example.org,en,,,,{AGREED}"))

    waiting.refresh_from_db()
    assert waiting.state == "confirmed"
    assert waiting.heard_at == waiting.confirmed_at is not None


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (",en,,,,,", "has no e-mail address"),
        ("amina at example.org,en,,,,,", "but “amina at example.org”"),
        ("a@example.org,Klingon,,,,,", "“Klingon” under “Languages”"),
        ("a@example.org,en,unheard of,,,,", "“unheard of” under “Newsletter”"),
        ("a@example.org,en,,hourly,,,", "“hourly” under “How often”"),
        ("a@example.org,en,,,Atlantis,,", "“Atlantis” under “Follows”"),
        ("a@example.org,en,,,,said so,31 March", "no day under “Agreed on”"),
        ("a@example.org,en,,,,said so,2126-03-31", "still to come"),
        ("a@example.org,en,,,,=HYPERLINK(1),2026-03-31", "a formula under"),
        ("a@example.org,en,,,,said so,2026-03-31,more", "more cells than there are headings"),
    ],
)
def test_a_bad_row_stays_out_and_says_why_and_loses_no_other(
    by: Any, newsletter: Newsletter, row: str, says: str
) -> None:
    table = held(by, newsletter, row, f"good@example.org,en,,,,{AGREED}")
    bad = table.rows.get(number=2)

    carry.take_in(table)

    assert outcomes(table) == ["broken", "new"]
    assert says in " ".join(bad.problems)
    assert bad.cells == row.split(",")
    assert [one.address for one in Subscriber.objects.all()] == ["good@example.org"]


def test_a_workbook_and_utf_16_are_read_alike(by: Any, newsletter: Newsletter) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["البريد الإلكتروني", "اللغة", "المصدر", "تاريخ الموافقة"])
    sheet.append(["amina@example.org", "العربية", "وقّعت في الدورة", dt.date(2026, 3, 31)])
    file = io.BytesIO()
    book.save(file)
    text = (
        "Courriel;Langue;Preuve;Date du consentement\n"
        "badr@example.org;français;à la fin;31/03/2026\n"
    )

    tables = [of_bytes(by, newsletter, file.getvalue())]
    tables.append(of_bytes(by, newsletter, text.encode("utf-16")))
    for table in tables:
        carry.take_in(table)

    assert [outcomes(table) for table in tables] == [["new"], ["new"]]
    readers = {one.address: one.languages for one in Subscriber.objects.all()}
    assert readers == {"amina@example.org": ["ar"], "badr@example.org": ["fr"]}
    assert {one.wording for one in Consent.objects.all()} == {"وقّعت في الدورة", "à la fin"}


def test_a_table_without_addresses_is_refused_whole(by: Any, newsletter: Newsletter) -> None:
    with pytest.raises(UnreadableTable, match="No column is the e-mail address"):
        held(by, newsletter, "en,2026-03-31", head="Language,Date")
    with pytest.raises(UnreadableTable, match="No heading row"):
        held(by, newsletter, "a@example.org,en", head="eins,zwei")
    assert not ReaderTable.objects.exists()


def test_a_table_is_taken_in_once(by: Any, newsletter: Newsletter) -> None:
    table = held(by, newsletter, f"amina@example.org,en,,,,{AGREED}")

    assert [carry.take_in(table), carry.take_in(table)] == [True, False]
    assert Consent.objects.count() == 1


def test_who_leaves_between_look_and_pass_stays_away(by: Any, newsletter: Newsletter) -> None:
    table = held(by, newsletter, f"amina@example.org,en,,,,{AGREED}")
    SubscriptionFactory(
        newsletter=newsletter,
        subscriber=SubscriberFactory(address="amina@example.org"),
        state="left",
        left_at=timezone.now(),
    )

    carry.take_in(table)

    assert outcomes(table) == ["left"]
    assert Subscription.objects.get().state == "left"


def test_rows_go_after_their_day_by_the_engine_s_own_task(by: Any, newsletter: Newsletter) -> None:
    held(by, newsletter, f"amina@example.org,en,,,,{AGREED}")
    ReaderTable.objects.update(expires_at=timezone.now())

    tasks.forget_unconfirmed()

    assert not ReaderTable.objects.exists()


def test_ten_thousand_rows_are_one_pass_of_a_few_statements(
    by: Any, newsletter: Newsletter
) -> None:
    rows = [f"reader{n}@example.org,en,,,country:KE,{AGREED}" for n in range(10_000)]
    table = held(by, newsletter, *rows)

    with CaptureQueriesContext(connection) as queries:
        carry.take_in(table)

    assert len(queries) <= 12
    assert (table.size, Subscription.objects.confirmed().count()) == (10_000, 10_000)
    assert Consent.objects.count() == 10_000
