"""What was answered stands on disk, whatever happens to the process."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import requests

from localmail import Client, Mailbox, inbox
from localmail.files import LedgerDamaged
from localmail.judge import rows
from localmail.ledger import BODIES, CALLS, Ledger
from localmail.mailgun import Call
from tests.localmail.conftest import KEY, Sender

BODY = {
    "from": "news@example.net", "subject": "Hello", "text": "Dear %recipient.name%", "html": "",
    "headers": [], "variables": {"delivery": "%recipient.v:delivery%", "batch": "7"}, "tags": [],
}  # fmt: skip


def call(*people, **changes):
    return Call(
        "example.net",
        {**BODY, **changes},
        [
            (person, "", {"name": person[0], "v:delivery": str(n)})
            for n, person in enumerate(people)
        ],
    )


def test_rows_hold_what_a_judge_joins(tmp_path):
    ledger = Ledger(tmp_path)
    first = ledger.take(call("amina@example.org", "jean@example.org"))
    ledger.note(refused=400, why="nonsense")
    second = ledger.take(call("grace@example.org"))
    ledger.take(call("salma@example.org", subject="Another"))
    ledger.close()

    found = list(rows(tmp_path))

    assert [(row.call, row.position, row.recipient, row.variables) for row in found] == [
        (1, 1, "amina@example.org", {"delivery": "0", "batch": "7"}),
        (1, 2, "jean@example.org", {"delivery": "1", "batch": "7"}),
        (3, 1, "grace@example.org", {"delivery": "0", "batch": "7"}),
        (4, 1, "salma@example.org", {"delivery": "0", "batch": "7"}),
    ]
    assert [row.message_id for row in found[:3]] == [first.message_id] * 2 + [second.message_id]
    assert found[0].at == pytest.approx(first.at, abs=1e-5)
    assert found[0].body_hash == found[2].body_hash != found[3].body_hash


def test_same_body_is_written_once(tmp_path):
    ledger = Ledger(tmp_path)

    for _ in range(3):
        ledger.take(call("amina@example.org"))
    ledger.close()

    assert len((tmp_path / BODIES).read_bytes().splitlines()) == 1
    assert len((tmp_path / CALLS).read_bytes().splitlines()) == 3


@pytest.mark.parametrize("file", [CALLS, BODIES])
def test_half_a_line_at_the_end_is_cut_off(tmp_path, file):
    ledger = Ledger(tmp_path)
    ledger.take(call("amina@example.org"))
    ledger.close()
    whole = (tmp_path / file).read_bytes()
    with (tmp_path / file).open("ab") as half:
        half.write(b'{"call":2,"at":17')

    ledger = Ledger(tmp_path)
    assert (tmp_path / file).read_bytes() == whole
    taken = ledger.take(call("jean@example.org", subject="Second"))
    ledger.close()

    assert taken.number == 2
    assert [row.recipient for row in rows(tmp_path)] == ["amina@example.org", "jean@example.org"]


def test_every_cut_of_the_last_line_leaves_the_calls_before(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.take(call("amina@example.org"))
    first = (tmp_path / CALLS).stat().st_size
    ledger.take(call("jean@example.org"))
    ledger.close()
    content = (tmp_path / CALLS).read_bytes()

    for length in range(first, len(content)):
        (tmp_path / CALLS).write_bytes(content[:length])
        ledger = Ledger(tmp_path)
        assert len(ledger) == 1
        assert ledger.taken(1).recipients[0][0] == "amina@example.org"
        ledger.close()


def test_changed_line_is_named(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.take(call("amina@example.org"))
    ledger.close()
    size = (tmp_path / CALLS).stat().st_size
    (tmp_path / CALLS).write_bytes(b"#" * (size - 1) + b"\n")

    ledger = Ledger(tmp_path)
    with pytest.raises(LedgerDamaged, match="line 1 cannot be read"):
        ledger.taken(1)
    ledger.close()


def test_mailbox_shows_its_mail_again_after_a_restart(tmp_path):
    for subject in ("First", "Second"):
        with Mailbox(tmp_path, api_key=KEY) as mailbox:
            Sender(mailbox).post(subject=subject)

    with Mailbox(tmp_path, api_key=KEY) as mailbox:
        assert [mail.subject for mail in mailbox.client.mails()] == ["First", "Second"]


def test_restart_knows_the_newest_mails_however_calls_are_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(inbox, "SHOWN", 4)
    ledger = Ledger(tmp_path)
    for people in (["a@b.org"], ["c@b.org", "d@b.org", "e@b.org"], ["f@b.org", "g@b.org"]):
        ledger.take(call(*people))
    ledger.note(refused=400)

    mails, total = inbox.Inbox(ledger).find()
    ledger.close()

    assert [mail.to[0] for mail in mails] == ["d", "e", "f", "g"]
    assert total == 4


def test_emptied_mailbox_stays_empty_and_the_ledger_full(tmp_path):
    with Mailbox(tmp_path, api_key=KEY, test_mode=True) as mailbox:
        Sender(mailbox).post()
        mailbox.client.clear()
        assert mailbox.client.mails() == []

    with Mailbox(tmp_path, api_key=KEY) as mailbox:
        assert mailbox.client.mails() == []
        Sender(mailbox).post(subject="Later")
        assert [mail.subject for mail in mailbox.client.mails()] == ["Later"]

    assert len(list(rows(tmp_path))) == 2


def test_durable_ledger_syncs_each_call(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)

    for durable in (False, True):
        ledger = Ledger(tmp_path / str(durable), durable=durable)
        ledger.take(call("amina@example.org"))
        ledger.close()
        assert len(synced) == 2 * durable


@pytest.mark.slow
def test_killed_process_has_lost_no_answered_call(tmp_path):
    """kill -9 in the middle of a stream of calls, then read with a new process."""
    answered: list[str] = []
    process, url = start(tmp_path)

    def stream():
        number = 0
        try:
            while True:
                number += 1
                answer = requests.post(
                    f"{url}/v3/example.net/messages",
                    data={"from": "a@example.net", "to": f"p{number}@example.org",
                          "text": "x" * 50_000 + str(number)},
                    auth=("api", KEY), timeout=10,
                )  # fmt: skip
                answered.append(answer.json()["id"])
        except requests.RequestException:
            return

    threads = [threading.Thread(target=stream) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        Client(url).wait(count=40, seconds=30)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    for thread in threads:
        thread.join()

    process, url = start(tmp_path)
    try:
        kept = {mail.message_id for mail in Client(url).mails()}
    finally:
        stop(process)
    assert len(answered) > 30
    assert set(answered) <= kept


@pytest.mark.slow
def test_process_stops_at_once_although_somebody_waits(tmp_path):
    process, url = start(tmp_path)

    def wait():
        with contextlib.suppress(requests.ConnectionError):
            requests.get(f"{url}/api/messages?wait=50", timeout=60)

    waiting = threading.Thread(target=wait)
    waiting.start()

    begun = time.monotonic()
    stop(process)

    assert time.monotonic() - begun < 3
    assert process.returncode == 0
    waiting.join(10)


@pytest.mark.slow
def test_taken_port_is_named(tmp_path, mailbox):
    process = subprocess.run(
        [*command(tmp_path), "--port", str(mailbox.port)], capture_output=True, text=True
    )

    assert process.returncode == 2
    assert process.stderr == (
        f"localmail: Port {mailbox.port} is in use: choose another with --port.\n"
    )


def command(folder):
    return [sys.executable, "-m", "localmail", "--data", str(folder), "--api-key", KEY]


def start(folder):
    process = subprocess.Popen([*command(folder), "--port", "0"], stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().split()[-1]


def stop(process):
    process.terminate()
    process.communicate(timeout=10)
