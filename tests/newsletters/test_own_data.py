"""What is kept of a reader: behind a fresh link to the mailbox alone, taken, moved or erased."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client

from newsletters import letters, links, rights, subscriptions
from newsletters.addresses import keyed_hash
from newsletters.models import (
    Consent,
    Delivery,
    FreshLink,
    Issue,
    Letter,
    Newsletter,
    Subscriber,
    Subscription,
    Suppression,
)
from newsletters.pipeline import freeze
from newsletters.sources import Elsewhere, Section
from tests.factories.newsletters import SubscriberFactory, SubscriptionFactory
from tests.newsletters import fake_source

ADDRESS = "qanary.amina@example.org"
NEW = "qanary.new@example.org"


@pytest.fixture
def frozen_time() -> Any:
    with time_machine.travel(dt.datetime.now(dt.UTC), tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: Any) -> None:
    cache.clear()
    monkeypatch.setattr(letters, "ring", lambda letter_id: None)


@pytest.fixture
def reader(newsletter: Newsletter) -> Subscriber:
    row = SubscriptionFactory(newsletter=newsletter, subscriber__address=ADDRESS)
    row.note_consent(given=True, language="en", how="confirmation link", wording="I agree")
    found: Subscriber = row.subscriber
    return found


def mailed(kind: str) -> str:
    """The token in the only letter of a kind."""
    (letter,) = Letter.objects.filter(kind=kind).exclude(params={})
    (url,) = (value for name, value in letter.params.items() if name.endswith("_url"))
    found = re.search(r"/n/\w/([\w-]+)/$", url)
    assert found
    return found[1]


def ask(client: Client, reader: Subscriber) -> str:
    assert client.post(f"/n/p/{reader.key}/data/").status_code == 200
    return f"/n/d/{mailed('own_data')}/"


def opened(client: Client, reader: Subscriber) -> tuple[str, str]:
    """The address of the opened page, and the sitting on it."""
    path = ask(client, reader)
    page = client.post(path).content.decode()
    found = re.search(r'name="sitting" value="([^"]+)"', page)
    assert found
    return path, found[1]


def test_the_preference_page_offers_it_and_shows_nothing_of_it(
    client: Client, reader: Subscriber
) -> None:
    page = client.get(f"/n/p/{reader.key}/").content.decode()

    assert f"/n/p/{reader.key}/data/" in page
    assert ADDRESS not in page


def test_looking_asks_for_nothing(client: Client, reader: Subscriber) -> None:
    assert client.get(f"/n/p/{reader.key}/data/").status_code == 405
    assert not Letter.objects.exists()


def test_the_link_goes_to_the_mailbox_and_only_its_hash_is_kept(
    client: Client, reader: Subscriber
) -> None:
    answer = client.post(f"/n/p/{reader.key}/data/")

    token = mailed("own_data")
    assert Letter.objects.get().to == ADDRESS
    assert token not in answer.content.decode()
    link = FreshLink.objects.get()
    assert token not in str(vars(link))
    assert (link.expires_at - link.created_at).total_seconds() <= 3600


def test_asking_again_is_answered_the_same_and_mails_nothing(
    client: Client, reader: Subscriber
) -> None:
    first = client.post(f"/n/p/{reader.key}/data/")
    again = client.post(f"/n/p/{reader.key}/data/")

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert (Letter.objects.count(), FreshLink.objects.count()) == (1, 1)


def test_a_network_asks_five_times_an_hour(client: Client, newsletter: Newsletter) -> None:
    answers = []
    for _n in range(6):
        key = SubscriptionFactory(newsletter=newsletter).subscriber.key
        answers.append(client.post(f"/n/p/{key}/data/", REMOTE_ADDR="192.0.2.9").status_code)

    assert answers == [200] * 5 + [429]


def test_looking_at_the_link_opens_nothing(client: Client, reader: Subscriber) -> None:
    path = ask(client, reader)

    for _n in range(2):
        page = client.get(path)
        assert page.status_code == 200
        assert "sitting" not in page.content.decode()
    assert FreshLink.objects.get().used_at is None
    assert page["X-Robots-Tag"] == "noindex, noarchive"
    assert "no-store" in page["Cache-Control"]


def test_the_link_opens_once(client: Client, reader: Subscriber) -> None:
    path, _sitting = opened(client, reader)

    assert client.post(path).status_code == 404
    assert client.get(path).status_code == 404


def test_the_link_ends_within_an_hour(client: Client, reader: Subscriber, frozen_time: Any) -> None:
    path = ask(client, reader)

    frozen_time.shift(3601)

    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


def test_the_sitting_ends(client: Client, reader: Subscriber, frozen_time: Any) -> None:
    path, sitting = opened(client, reader)

    frozen_time.shift(1201)

    for do in ("take", "forget"):
        answer = client.post(path, {"sitting": sitting, "do": do, "sure": "1"})
        assert answer.status_code == 404
    assert Subscriber.objects.exists()


@pytest.mark.parametrize("sitting", ["{key}", "{key}:forged", "x"])
def test_a_preference_key_is_no_sitting(client: Client, reader: Subscriber, sitting: str) -> None:
    path = ask(client, reader)

    answer = client.post(path, {"sitting": sitting.format(key=reader.key), "do": "take"})

    assert answer.status_code == 404


def test_the_file_has_all_of_it_for_eyes_and_for_programs(
    client: Client, reader: Subscriber
) -> None:
    Suppression.objects.create(address=ADDRESS, reason="soft", note="five times")
    fake_source.kept[ADDRESS] = Elsewhere(
        sections=(Section("lists.Row", "Rows", ({"name": "Amina"},), ((("Name", "Amina"),),)),)
    )
    other = SubscriptionFactory(newsletter=Newsletter.objects.get())
    path, sitting = opened(client, reader)

    answer = client.post(path, {"sitting": sitting, "do": "take"})

    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        data = json.loads(archive.read("data.json"))
        page = archive.read("my-data.html").decode()
    assert data["newsletters.Subscriber"][0]["address"] == ADDRESS
    assert len(data["newsletters.Subscription"]) == 1
    assert data["newsletters.Consent"][0]["wording"] == "I agree"
    assert data["newsletters.Suppression"][0]["note"] == "five times"
    assert data["lists.Row"] == [{"name": "Amina"}]
    assert ADDRESS in page
    assert "I agree" in page
    assert other.subscriber.address not in json.dumps(data) + page
    assert keyed_hash(ADDRESS) not in json.dumps(data)


def test_erasing_asks_for_a_second_yes(client: Client, reader: Subscriber) -> None:
    path, sitting = opened(client, reader)

    answer = client.post(path, {"sitting": sitting, "do": "forget"})

    assert answer.status_code == 422
    assert sitting in answer.content.decode()
    assert Subscriber.objects.exists()


def everywhere() -> str:
    """Every row of the engine's tables as text."""
    found = []
    for model in (Consent, Delivery, Issue, Letter, FreshLink, Subscriber, Subscription):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t")  # noqa: S608
            found += [row[0] for row in cursor.fetchall()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM newsletters_suppression t")
        found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def test_who_is_erased_is_in_no_table_and_figures_stay(
    client: Client, reader: Subscriber, issue: Issue
) -> None:
    fake_source.publish("kenya", at=issue.cutoff_at - (issue.cutoff_at - issue.created_at) / 2)
    freeze.freeze(issue.pk)
    before = Delivery.objects.count()
    Suppression.objects.create(address=ADDRESS, reason="soft")
    fake_source.kept[ADDRESS] = Elsewhere(page="")
    path, sitting = opened(client, reader)

    answer = client.post(path, {"sitting": sitting, "do": "forget", "sure": "1"})

    assert answer.status_code == 200
    (last,) = Letter.objects.filter(state="queued")
    assert (last.kind, last.to) == ("erased", ADDRESS)
    letters.hand_over(last.pk)
    assert "qanary" not in everywhere()
    assert fake_source.kept == {}
    assert Delivery.objects.count() == before
    assert list(Consent.objects.values_list("given", "how")) == [
        (True, "confirmation link"),
        (False, rights.HOW),
    ]
    assert links.suppressed(ADDRESS)


def test_nobody_else_brings_an_erased_reader_back(
    client: Client, reader: Subscriber, newsletter: Newsletter
) -> None:
    rights.forget(reader, language="en")
    Letter.objects.all().delete()

    subscriptions.subscribe(address=ADDRESS, newsletter=newsletter, language="en")

    assert not Letter.objects.exists()
    assert not Subscriber.objects.exists()


def test_who_has_an_account_is_led_to_it_and_to_nothing_else(
    client: Client, reader: Subscriber
) -> None:
    fake_source.kept[ADDRESS] = Elsewhere(page="http://testserver/en/mine/")
    path = ask(client, reader)

    page = client.post(path).content.decode()
    forged = {"sitting": rights.TimestampSigner(salt=rights._SALT).sign(reader.key)}
    answer = client.post(path, forged | {"do": "forget", "sure": "1"})

    assert "http://testserver/en/mine/" in page
    assert 'value="forget"' not in page
    assert "http://testserver/en/mine/" in answer.content.decode()
    assert Subscriber.objects.exists()


def test_only_behind_the_link_it_shows_who_has_an_account(
    client: Client, reader: Subscriber
) -> None:
    def answers() -> list[str]:
        Letter.objects.all().delete()
        pages = [client.get(f"/n/p/{reader.key}/"), client.post(f"/n/p/{reader.key}/data/")]
        texts = [page.content.decode() for page in pages]
        return [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text) for text in texts]

    plain = answers()
    fake_source.kept[ADDRESS] = Elsewhere(page="http://testserver/en/mine/")

    assert answers() == plain


def test_it_moves_when_the_new_mailbox_says_yes(client: Client, reader: Subscriber) -> None:
    path, sitting = opened(client, reader)
    client.post(path, {"sitting": sitting, "do": "move", "address": f" {NEW.upper()}"})
    assert Letter.objects.get(kind="new_mailbox").to == NEW
    link = f"/n/m/{mailed('new_mailbox')}/"

    assert client.get(link).status_code == 200
    assert Subscriber.objects.get().address == ADDRESS
    assert client.post(link).status_code == 200

    assert Subscriber.objects.get().address == NEW
    assert Letter.objects.get(kind="address_changed").to == ADDRESS
    assert client.post(link).status_code == 404
    assert not FreshLink.objects.exclude(address="").exists()


@pytest.mark.parametrize("taken", ["reader", "erased", "own", "free"])
def test_whether_an_address_can_be_used_is_told_to_nobody(
    client: Client, reader: Subscriber, taken: str
) -> None:
    address = {"own": ADDRESS}.get(taken, f"{taken}@example.org")
    other = SubscriberFactory(address="reader@example.org")
    SubscriptionFactory(subscriber=other, newsletter=Newsletter.objects.get())
    Suppression.objects.create(address_hash=keyed_hash("erased@example.org"), reason="erased")
    path, sitting = opened(client, reader)

    answer = client.post(path, {"sitting": sitting, "do": "move", "address": address})

    assert answer.status_code == 200
    assert address not in answer.content.decode()
    assert Letter.objects.filter(kind="new_mailbox").exists() is (taken in ("free", "reader"))
    if taken == "reader":
        assert client.post(f"/n/m/{mailed('new_mailbox')}/").status_code == 404
        assert Subscriber.objects.get(pk=reader.pk).address == ADDRESS


def test_nonsense_is_no_mailbox(client: Client, reader: Subscriber) -> None:
    path, sitting = opened(client, reader)

    answer = client.post(path, {"sitting": sitting, "do": "move", "address": "no address"})

    assert answer.status_code == 422
    assert "name@ministry.example" in answer.content.decode()


def test_an_unknown_key_leads_nowhere(client: Client, db: None) -> None:
    assert client.post("/n/p/nothing/data/").status_code == 404
    assert client.post("/n/d/nothing/").status_code == 404
    assert client.post("/n/m/nothing/").status_code == 404
