"""Every fault of the HTTP door that can be ordered happens, and stands in the ledger."""

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from localmail import Mailbox
from localmail.judge import notes, rows
from tests.localmail.conftest import KEY, Sender

PEOPLE = [f"person{number}@example.org" for number in range(4)]
ALL = {"to": PEOPLE, "recipient-variables": {}, "o__tag": "batch-1"}


def fired(mailbox, name):
    """What the ledger says of a knob that fired, without the numbers of the lines."""
    return [
        {key: value for key, value in note.items() if key not in ("call", "at", "knob")}
        for note in notes(mailbox.ledger.folder)
        if note.get("knob") == name
    ]


def taken(mailbox):
    return [row.recipient for row in rows(mailbox.ledger.folder)]


def look_up(mailbox, **options):
    return requests.get(
        f"{mailbox.api_url}/example.net/events", auth=("api", KEY), timeout=10, **options
    )


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("unauthorized", 401),
        ("payment", 402),
        ("forbidden", 403),
        ("too_many", 429),
        ("unavailable", 503),
        ("refuse_address", 400),
    ],
)
def test_refusing_knob_takes_nothing(sender, mailbox, name, status):
    mailbox.client.turn(**{name: {}})

    answer = sender.post(**ALL)

    assert answer.status_code == status
    assert answer.json()["message"]
    assert "Retry-After" not in answer.headers
    assert taken(mailbox) == []
    assert [note["refused"] for note in fired(mailbox, name)] == [status]


@pytest.mark.parametrize("name", ["too_many", "unavailable"])
def test_retry_after_is_told_when_asked_for(sender, mailbox, name):
    mailbox.client.turn(**{name: {"retry_after": 7}})

    assert sender.post().headers["Retry-After"] == "7"


def test_only_calls_to_a_refused_address_are_refused(sender, mailbox):
    mailbox.client.turn(refuse_address={"addresses": ["Person2@example.org"], "next": 2})

    assert sender.post(to=PEOPLE[:2]).status_code == 200
    answer = sender.post(**ALL)
    assert (answer.status_code, sender.post(to=PEOPLE[2:3]).status_code) == (400, 400)
    assert sender.post(to=PEOPLE[2:3]).status_code == 200
    assert answer.json()["message"].startswith("to parameter is not a valid address")


def test_quota_refuses_what_does_not_fit_until_it_is_renewed(sender, mailbox):
    mailbox.client.turn(quota={"recipients": 6})
    assert sender.post(**ALL).status_code == 200

    answer = sender.post(**ALL)

    assert answer.status_code == 429
    assert 86_000 < int(answer.headers["Retry-After"]) <= 86_400
    assert "not allowed to send: recipient limit exceeded, try again after" in answer.text
    assert sender.post(to=PEOPLE[:2]).status_code == 200
    assert mailbox.client.knobs()["quota"]["used"] == 6
    assert len(taken(mailbox)) == 6
    mailbox.client.turn(quota={"recipients": 6})
    assert sender.post(**ALL).status_code == 200


def test_quota_is_renewed_by_time(sender, mailbox):
    mailbox.client.turn(quota={"recipients": 1, "resets_in": 0.5, "status": 420})
    sender.post()
    refused = sender.post()

    assert (refused.status_code, refused.headers["Retry-After"]) == (420, "1")
    deadline = time.monotonic() + 10
    while sender.post().status_code == 420:
        assert time.monotonic() < deadline


@pytest.mark.parametrize(
    ("setting", "kept"),
    [
        ({"share": 0.5}, PEOPLE[:2]),
        ({"share": 0.01}, PEOPLE[:1]),
        ({"share": 0}, []),
        ({"addresses": [PEOPLE[0].upper(), PEOPLE[3]]}, PEOPLE[1:3]),
    ],
)
def test_partial_takes_some_and_answers_with_an_error(sender, mailbox, setting, kept):
    mailbox.client.turn(partial={**setting, "next": 1})

    assert sender.post(**ALL).status_code == 500
    assert taken(mailbox) == kept
    left_out = [one for one in PEOPLE if one not in kept]
    assert fired(mailbox, "partial") == [
        {"tags": ["batch-1"], "taken": len(kept), "left_out": left_out}
    ]
    assert [mail.to for mail in mailbox.client.mails()] == kept
    assert sender.post(**ALL).status_code == 200


def test_partial_can_answer_what_nobody_can_read(sender, mailbox):
    mailbox.client.turn(partial={"share": 0.25, "answer": "unreadable"})

    answer = sender.post(**ALL)

    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert taken(mailbox) == PEOPLE[:1]


@pytest.mark.parametrize("status", [None, 502, 504])
def test_error_after_takes_the_call(sender, mailbox, status):
    mailbox.client.turn(error_after={} if status is None else {"status": status})

    assert sender.post(**ALL).status_code == (status or 500)
    assert taken(mailbox) == PEOPLE
    assert fired(mailbox, "error_after") == [{"door": "send", "of": 2}]


def test_unreadable_answer_is_a_200_that_is_no_json(sender, mailbox):
    mailbox.client.turn(unreadable={})

    answer = sender.post()

    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert len(taken(mailbox)) == 1


def test_truncated_answer_ends_before_its_length(sender, mailbox):
    mailbox.client.turn(unreadable={"how": "truncated"})

    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        sender.post()
    assert len(taken(mailbox)) == 1


@pytest.mark.parametrize(("name", "count"), [("reset_before", 0), ("reset_after", 1)])
def test_reset_ends_the_connection_before_or_after_the_call_is_taken(sender, mailbox, name, count):
    mailbox.client.turn(**{name: {"next": 1}})

    with pytest.raises(requests.ConnectionError, match="Connection reset by peer"):
        sender.post()
    assert len(taken(mailbox)) == count
    assert len(fired(mailbox, name)) == 1
    assert sender.post().status_code == 200


@pytest.mark.parametrize(("name", "count"), [("hang_before", 0), ("hang", 1)])
def test_hang_never_answers(mailbox, name, count):
    mailbox.client.turn(**{name: {}})

    with pytest.raises(requests.ReadTimeout):
        Sender(mailbox, seconds=1).post()
    mailbox.client.wait(count=count)
    assert len(taken(mailbox)) == count


def test_normal_lets_go_who_hangs_or_is_delayed(sender, mailbox):
    mailbox.client.turn(hang={"next": 1}, delay={"seconds": 60, "from": 2})
    with ThreadPoolExecutor(2) as pool:
        hanging = pool.submit(sender.post)
        mailbox.client.wait(count=1)
        delayed = pool.submit(sender.post)
        mailbox.client.wait(count=2)
        begun = time.monotonic()

        mailbox.client.normal()

        assert delayed.result(10).status_code == 200
        with pytest.raises(requests.ConnectionError):
            hanging.result(10)
    assert time.monotonic() - begun < 10


def test_stopping_leaves_nobody_who_hangs_drips_or_is_delayed(tmp_path):
    def post_in_vain():
        with contextlib.suppress(requests.RequestException):
            Sender(mailbox).post()

    threads = []
    with Mailbox(tmp_path, api_key=KEY, test_mode=True) as mailbox:
        mailbox.client.turn(
            drip={"seconds": 60, "next": 1}, hang={"from": 2, "next": 1},
            delay={"seconds": 60, "from": 3},
        )  # fmt: skip
        for number in range(1, 4):
            threads.append(threading.Thread(target=post_in_vain))
            threads[-1].start()
            mailbox.client.wait(count=number)
        threads += [one for one in threading.enumerate() if "process_request" in one.name]
        begun = time.monotonic()
    for thread in threads:
        thread.join(10)

    assert len(threads) >= 6
    assert time.monotonic() - begun < 10


def test_delay_comes_after_the_call_was_taken(sender, mailbox):
    mailbox.client.turn(delay={"seconds": 60, "next": 1})
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(sender.post)
        mailbox.client.wait()
        assert not answer.done()
        mailbox.client.turn(delay={"seconds": 0.3})
        assert answer.result(10).status_code == 200

    begun = time.monotonic()
    sender.post()
    assert time.monotonic() - begun >= 0.3


def test_dripping_answer_outlasts_every_time_out_for_reading(mailbox):
    mailbox.client.turn(drip={"seconds": 0.006})
    begun = time.monotonic()

    answer = Sender(mailbox, seconds=1).post()

    assert answer.json()["message"] == "Queued. Thank you."
    assert time.monotonic() - begun > 1.2


def test_lag_hides_new_calls_from_look_ups_only(sender, mailbox):
    mailbox.client.turn(lag={"seconds": 60})
    sender.post()
    assert look_up(mailbox).json()["items"] == []
    assert len(mailbox.client.mails()) == 1
    assert fired(mailbox, "lag") == [{"hidden": [2]}]

    mailbox.client.turn(lag={"seconds": 0.2})

    deadline = time.monotonic() + 10
    while not (items := look_up(mailbox).json()["items"]):
        assert time.monotonic() < deadline
    assert items[0]["timestamp"] <= time.time() - 0.2


def test_knob_for_look_ups_leaves_sending_alone(sender, mailbox):
    mailbox.client.turn(too_many={"on": "look-up", "retry_after": 3}, error_after={"on": "any"})

    assert sender.post().status_code == 500
    assert look_up(mailbox).status_code == 429
    mailbox.client.turn(error_after={"on": "look-up", "next": 1})
    assert look_up(mailbox).status_code == 500
    assert len(look_up(mailbox).json()["items"]) == 2
