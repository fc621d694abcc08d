"""Look-ups answer as Mailgun's Events API: by tag, page by page, also after a restart."""

import time
from email.utils import formatdate

import pytest
import requests

from localmail import Mailbox
from tests.localmail.conftest import KEY, Sender

PEOPLE = [f"person{number}@example.org" for number in range(5)]


def look_up(mailbox, path="/example.net/events", **query):
    answer = requests.get(
        path if path.startswith("http") else mailbox.api_url + path,
        params=query,
        auth=("api", KEY),
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def everything(mailbox, **query):
    """All pages, until one is empty."""
    items, page = [], look_up(mailbox, **query)
    for _ in range(100):
        if not page["items"]:
            return items
        items += page["items"]
        page = look_up(mailbox, page["paging"]["next"])
    pytest.fail("The pages do not end.")


def recipients(items):
    return [item["recipient"] for item in items]


def test_item_holds_what_mailguns_holds(sender, mailbox):
    answer = sender.post(
        to=["Amina <amina@example.org>"],
        subject="For %recipient.name%",
        **{
            "o__tag": "batch-1",
            "v__delivery": "%recipient.v:delivery%",
            "recipient-variables": {"amina@example.org": {"name": "Amina", "v:delivery": "17"}},
        },
    )

    delivered, accepted = look_up(mailbox, tags="batch-1")["items"]

    assert (accepted["event"], delivered["event"]) == ("accepted", "delivered")
    assert accepted["recipient"] == "amina@example.org"
    assert accepted["tags"] == ["batch-1"]
    assert accepted["user-variables"] == {"delivery": "17"}
    assert accepted["message"]["headers"]["message-id"] == answer.json()["id"].strip("<>")
    assert accepted["message"]["headers"]["to"] == "amina@example.org"
    assert accepted["message"]["headers"]["subject"] == "For Amina"
    assert accepted["timestamp"] == pytest.approx(time.time(), abs=60)
    assert accepted["id"] != delivered["id"]


def test_tag_finds_its_calls_and_no_others(sender, mailbox):
    sender.post(to=PEOPLE[:2], **{"o__tag": ["one", "both"], "recipient-variables": {}})
    sender.post(to=PEOPLE[2:3], **{"o__tag": ["two", "both"]})
    sender.post(to=PEOPLE[3:4])

    def accepted(**query):
        return recipients(everything(mailbox, event="accepted", ascending="yes", **query))

    assert accepted(tags="one") == PEOPLE[:2]
    assert accepted(tags="both") == PEOPLE[:3]
    assert accepted(tags="one OR two") == PEOPLE[:3]
    assert accepted(tags="two AND both") == PEOPLE[2:3]
    assert accepted(tags="one AND two") == []
    assert accepted(tags="nobody's") == []
    assert accepted() == PEOPLE[:4]


@pytest.mark.parametrize("ascending", ["yes", "no"])
@pytest.mark.parametrize("limit", [1, 3, 4, 7, 300])
def test_pages_hold_each_event_once_and_end_with_an_empty_one(sender, mailbox, ascending, limit):
    for tag in ("one", "two"):
        sender.post(to=PEOPLE, **{"o__tag": tag, "recipient-variables": {}})
    sender.post(to=["bounce@example.org"], **{"o__tag": "two"})

    items = everything(mailbox, tags="two", limit=limit, ascending=ascending)

    told = [(item["recipient"], item["event"]) for item in items]
    expected = [(one, event) for one in PEOPLE for event in ("accepted", "delivered")]
    expected += [("bounce@example.org", "accepted"), ("bounce@example.org", "failed")]
    assert told == (expected if ascending == "yes" else expected[::-1])


def test_mail_that_comes_between_two_pages_is_on_a_later_one_when_ascending(sender, mailbox):
    sender.post(to=PEOPLE[:1], **{"o__tag": "one"})
    page = look_up(mailbox, tags="one", ascending="yes")
    empty = look_up(mailbox, page["paging"]["next"])
    assert empty["items"] == []

    sender.post(to=PEOPLE[1:2], **{"o__tag": "one"})

    assert recipients(look_up(mailbox, empty["paging"]["next"])["items"]) == PEOPLE[1:2] * 2


def test_event_and_recipient_narrow_the_answer(sender, mailbox):
    people = ["bounce@example.org", "Complain@example.org", "amina@example.org"]
    sender.post(to=people, **{"recipient-variables": {}})

    assert recipients(everything(mailbox, event="failed")) == ["bounce@example.org"]
    assert recipients(everything(mailbox, event="failed OR complained")) == people[1::-1]
    assert [item["event"] for item in everything(mailbox, recipient="complain@example.org")] == [
        "complained", "delivered", "accepted",
    ]  # fmt: skip
    assert everything(mailbox, recipient="amina@example.org", event="opened") == []


def test_range_of_time_narrows_and_directs(sender, mailbox):
    for person in PEOPLE[:3]:
        sender.post(to=[person])
    first, second, third = (mailbox.ledger.line(number)["at"] for number in (1, 2, 3))

    def accepted(**query):
        return recipients(everything(mailbox, event="accepted", **query))

    assert accepted(begin=second, ascending="yes") == PEOPLE[1:3]
    assert accepted(begin=second, ascending="no") == [PEOPLE[1], PEOPLE[0]]
    assert accepted(begin=first, end=second) == PEOPLE[:2]
    assert accepted(begin=third, end=second) == [PEOPLE[2], PEOPLE[1]]
    assert accepted(end=first) == PEOPLE[:1]
    assert accepted(begin=formatdate(first - 5), ascending="yes") == PEOPLE[:3]
    assert accepted(begin=formatdate(third + 5), ascending="yes") == []


def test_other_domain_sees_nothing(sender, mailbox):
    sender.post()

    assert look_up(mailbox, "/another.example/events")["items"] == []


def test_restart_keeps_what_can_be_looked_up(tmp_path):
    with Mailbox(tmp_path, api_key=KEY) as mailbox:
        Sender(mailbox).post(to=PEOPLE, **{"o__tag": "one", "recipient-variables": {}})
        Sender(mailbox).post(to=["nonsense"])
        Sender(mailbox).post(to=PEOPLE[:1], **{"o__tag": "two", "subject": ',"recipients":["tags'})
        before = [everything(mailbox, tags=tag) for tag in ("one", "two")]

    with Mailbox(tmp_path, api_key=KEY) as mailbox:
        assert [everything(mailbox, tags=tag) for tag in ("one", "two")] == before
        Sender(mailbox).post(to=PEOPLE[:2], **{"o__tag": "two", "recipient-variables": {}})
        assert recipients(everything(mailbox, tags="two", event="accepted")) == [
            PEOPLE[1], PEOPLE[0], PEOPLE[0],
        ]  # fmt: skip


def test_lean_mailbox_is_looked_up_like_any_other(tmp_path):
    with Mailbox(tmp_path, api_key=KEY, lean=True) as mailbox:
        Sender(mailbox).post(text="A long story", **{"o__tag": "one", "v__delivery": "17"})

        [accepted] = everything(mailbox, tags="one", event="accepted")
        [mail] = mailbox.client.mails()

    assert accepted["user-variables"] == mail.variables == {"delivery": "17"}
    assert "not kept" in mail.subject
    assert "A long story" not in "".join(file.read_text() for file in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("events?limit=301", 400),
        ("events?limit=many", 400),
        ("events?begin=yesterday", 400),
        ("events?severity=permanent", 400),
        ("events?tags=a+AND+b+OR+c", 400),
        ("events?event=accepted+AND+failed", 400),
        ("events/nonsense", 404),
        ("events/bnVsbA==", 404),
        ("events/W10=", 404),
        ("events/W3siYmVnaW4iOiAieCJ9LCBudWxsXQ==", 400),
    ],
)
def test_bad_look_up_is_refused_in_words(mailbox, path, status):
    answer = requests.get(f"{mailbox.api_url}/example.net/{path}", auth=("api", KEY), timeout=5)

    assert answer.status_code == status
    assert answer.json()["message"]


def test_look_up_needs_the_key(mailbox):
    answer = requests.get(f"{mailbox.api_url}/x.org/events", auth=("api", "wrong"), timeout=5)

    assert answer.status_code == 401


@pytest.mark.slow
def test_tag_is_found_at_once_among_many_calls(mailbox, sender):
    people = {"to": [f"p{n}@example.org" for n in range(100)], "recipient-variables": {}}
    for number in range(300):
        sender.post(**{"o__tag": f"batch-{number}", **people})
    look_up(mailbox, tags="batch-0")

    begun = time.perf_counter()
    items = look_up(mailbox, tags="batch-150", limit=300)["items"]

    assert len(items) == 200
    assert time.perf_counter() - begun < 0.5
