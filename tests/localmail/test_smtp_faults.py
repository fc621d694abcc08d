"""Every fault of the SMTP door that can be ordered happens, and stands in the ledger."""

import smtplib
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from localmail import Mailbox
from localmail.judge import rows
from tests.localmail.conftest import KEY, letter
from tests.localmail.test_faults import fired, taken

PEOPLE = ["amina@example.org", "jean@example.org"]


def send(door, *people, seconds=10, **headers):
    """Send one mail over a connection of its own; the final code, or the error's name."""
    try:
        with smtplib.SMTP("127.0.0.1", door.smtp_port, timeout=seconds) as client:
            client.sendmail("news@example.net", people or PEOPLE[:1], letter(**headers))
    except smtplib.SMTPRecipientsRefused as error:
        return next(iter(error.recipients.values()))[0]
    except smtplib.SMTPResponseException as error:
        return error.smtp_code
    except (smtplib.SMTPException, OSError) as error:
        return type(error).__name__
    return 250


@pytest.mark.parametrize(
    ("name", "usual", "another"),
    [
        ("smtp_busy", 421, 450),
        ("smtp_mail_later", 451, 421),
        ("smtp_rcpt_refused", 550, 554),
        ("smtp_rcpt_later", 450, 452),
        ("smtp_data_later", 451, 421),
        ("smtp_content", 554, 451),
    ],
)
def test_refusing_knob_answers_with_its_code_and_takes_nothing(door, name, usual, another):
    door.client.turn(**{name: {"next": 1}})
    assert send(door, X_Rabita_Delivery="17") == usual
    assert taken(door) == []
    assert send(door) == 250
    assert len(fired(door, name)) == 1

    door.client.turn(**{name: {"code": another, "next": 1}})

    assert send(door) == another
    assert taken(door) == PEOPLE[:1]


@pytest.mark.parametrize(
    ("name", "error", "count"),
    [
        ("smtp_drop_before", "SMTPServerDisconnected", 0),
        ("smtp_drop_after", "SMTPServerDisconnected", 1),
        ("smtp_hang_before", "SMTPServerDisconnected", 0),
        ("smtp_hang", "SMTPServerDisconnected", 1),
    ],
)
def test_lost_answer_leaves_the_mail_recorded_or_not(door, name, error, count):
    door.client.turn(**{name: {"next": 1}})

    assert send(door, seconds=2, X_Rabita_Delivery="17") == error
    assert len(taken(door)) == count
    [note] = fired(door, name)
    assert note.get("of") == (2 if count else None)
    assert note.get("variables") == (None if count else {"delivery": "17"})
    assert send(door) == 250


def test_delay_comes_after_the_mail_was_taken(door):
    door.client.turn(smtp_delay={"seconds": 60, "next": 1})
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(send, door)
        door.client.wait()
        assert not answer.done()
        door.client.turn(smtp_delay={"seconds": 0.3})
        assert answer.result(10) == 250

    begun = time.monotonic()
    assert send(door) == 250
    assert time.monotonic() - begun >= 0.3


def test_knob_with_addresses_leaves_other_mails_and_recipients_alone(door):
    door.client.turn(
        smtp_rcpt_later={"addresses": PEOPLE[:1]}, smtp_drop_after={"addresses": PEOPLE[1:]}
    )

    assert send(door, "grace@example.org", PEOPLE[0]) == 250
    assert taken(door) == ["grace@example.org"]
    assert send(door, "grace@example.org", PEOPLE[1]) == "SMTPServerDisconnected"
    assert taken(door)[1:] == ["grace@example.org", PEOPLE[1]]


def test_quota_is_for_recipients_and_renewed_when_set_again(door):
    door.client.turn(smtp_quota={"recipients": 1})
    assert [send(door), send(door)] == [250, 452]

    door.client.turn(smtp_quota={"recipients": 1, "status": 454})

    assert [send(door), send(door)] == [250, 454]
    assert [note["refused"] for note in fired(door, "smtp_quota")] == [452, 454]


def test_login_is_refused_by_a_knob(tmp_path):
    settings = {"smtp_port": 0, "smtp_user": "site", "smtp_password": "secret"}
    with Mailbox(tmp_path, api_key=KEY, test_mode=True, **settings) as mailbox:
        mailbox.client.turn(smtp_auth={"next": 1})

        with smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=10) as client:
            client.ehlo()
            client.user, client.password = "site", "secret"
            with pytest.raises(smtplib.SMTPAuthenticationError, match="535"):
                client.auth("PLAIN", client.auth_plain)
            assert client.login("site", "secret")[0] == 235


def test_held_mail_is_recorded_but_not_answered_before_the_release(door):
    door.client.hold()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(send, door)
        door.client.wait()
        assert door.client.held() == 1
        assert not answer.done()
        door.client.release()
        assert answer.result(10) == 250


def test_normal_and_stopping_let_go_who_waits(door):
    door.client.turn(smtp_hang={"next": 1}, smtp_delay={"seconds": 60, "from": 2})
    with ThreadPoolExecutor(2) as pool:
        hanging = pool.submit(send, door)
        door.client.wait(count=1)
        delayed = pool.submit(send, door)
        door.client.wait(count=2)
        begun = time.monotonic()

        door.client.normal()

        assert hanging.result(10) == "SMTPServerDisconnected"
        assert delayed.result(10) == 250

        door.client.turn(smtp_hang={})
        hanging = pool.submit(send, door)
        door.client.wait(count=3)
        door.stop()
        assert hanging.result(10) == "SMTPServerDisconnected"
    assert time.monotonic() - begun < 10
    assert len(list(rows(door.ledger.folder))) == 3
