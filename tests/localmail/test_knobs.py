"""Knobs fire when they are told to, for everybody together, and stand in the ledger."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from localmail import Mailbox
from localmail.judge import notes, rows
from tests.localmail.conftest import KEY
from tests.localmail.test_faults import fired, taken


def test_next_fires_so_often_and_no_more(sender, mailbox):
    mailbox.client.turn(too_many={"next": 2})

    assert [sender.post().status_code for _ in range(4)] == [429, 429, 200, 200]
    assert len(taken(mailbox)) == 2
    assert fired(mailbox, "too_many") == [{"door": "send", "refused": 429}] * 2
    assert mailbox.client.knobs() == {"too_many": {"next": 2, "seen": 4, "fired": 2}}


def test_from_fires_from_that_call_on(sender, mailbox):
    mailbox.client.turn(unauthorized={"from": 3})

    answers = [sender.post() for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 401, 401]
    assert answers[-1].json() == {"message": "Invalid private key"}


def test_from_and_next_together_fire_in_the_midst(sender, mailbox):
    mailbox.client.turn(unavailable={"from": 2, "next": 1})

    assert [sender.post().status_code for _ in range(3)] == [200, 503, 200]


def test_chance_throws_the_same_dice_each_time(sender, mailbox):
    def run(seed):
        mailbox.client.turn(unavailable={"chance": 0.4, "seed": seed})
        return [sender.post().status_code for _ in range(20)]

    first = run(7)

    assert run(7) == first != run(8)
    assert 2 < first.count(503) < 16


def test_several_threads_share_one_count(sender, mailbox):
    mailbox.client.turn(too_many={"next": 10})

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: sender.post().status_code, range(40)))

    assert statuses.count(429) == 10
    assert len(fired(mailbox, "too_many")) == 10


def test_turning_sets_these_and_no_others_and_normal_none(sender, mailbox):
    mailbox.client.turn(too_many={}, unavailable={})
    mailbox.client.turn(unavailable={"retry_after": 5})
    assert set(mailbox.client.knobs()) == {"unavailable"}
    assert sender.post().status_code == 503

    mailbox.client.normal()

    assert mailbox.client.knobs() == {}
    assert sender.post().status_code == 200
    turned = [note["knobs"] for note in notes(mailbox.ledger.folder) if "knobs" in note]
    assert turned == [
        {"too_many": {}, "unavailable": {}}, {"unavailable": {"retry_after": 5}}, {},
    ]  # fmt: skip


def test_one_knob_is_turned_and_set_back_without_the_others(sender, mailbox):
    mailbox.client.turn(too_many={"next": 1})
    url = f"{mailbox.url}/api/knobs/delay"

    assert requests.put(url, json={"seconds": 0}, timeout=5).status_code == 200
    assert set(mailbox.client.knobs()) == {"too_many", "delay"}
    requests.delete(url, timeout=5)
    assert set(mailbox.client.knobs()) == {"too_many"}


def test_knobs_explain_themselves(mailbox):
    found = requests.get(f"{mailbox.url}/api/knobs", timeout=5).json()

    assert found["known"]["too_many"]["does"].startswith("429")
    assert found["known"]["too_many"]["options"]["next"] == "a whole number from 1 to 1000000000"


@pytest.mark.parametrize(
    "knobs",
    [
        [],
        {"nonsense": {}},
        {"too_many": 3},
        {"too_many": {"next": 0}},
        {"too_many": {"next": True}},
        {"too_many": {"chance": 1.5}},
        {"too_many": {"seconds": 1}},
        {"too_many": {"on": "nothing"}},
        {"delay": {}},
        {"delay": {"seconds": "1"}},
        {"quota": {}},
        {"quota": {"recipients": 5, "next": 1}},
        {"refuse_address": {"addresses": "a@b.org"}},
    ],
)
def test_bad_setting_is_refused_in_words_and_changes_nothing(mailbox, knobs):
    mailbox.client.turn(unavailable={})

    answer = requests.put(f"{mailbox.url}/api/knobs", json=knobs, timeout=5)

    assert answer.status_code == 400
    assert answer.json()["message"]
    assert set(mailbox.client.knobs()) == {"unavailable"}


def test_knobs_are_shut_outside_test_mode(tmp_path):
    with Mailbox(tmp_path, api_key=KEY) as mailbox:
        for method in ("GET", "PUT", "DELETE"):
            answer = requests.request(method, f"{mailbox.url}/api/knobs", json={}, timeout=5)
            assert answer.status_code == 403
    with pytest.raises(ValueError, match="test mode"):
        Mailbox(tmp_path, api_key=KEY, knobs={"too_many": {}})


@pytest.mark.slow
def test_command_line_turns_knobs_and_a_kill_keeps_what_fired(tmp_path):
    command = [sys.executable, "-m", "localmail", "--data", str(tmp_path), "--port", "0"]
    command += ["--api-key", KEY, "--test-mode", "--knobs"]
    settings = {"error_after": {"next": 1}, "too_many": {"from": 2}}
    process = subprocess.Popen([*command, json.dumps(settings)], stdout=subprocess.PIPE, text=True)
    url = process.stdout.readline().split()[-1].rstrip("/")
    try:
        statuses = [
            requests.post(
                f"{url}/v3/example.net/messages",
                data={"from": "a@example.net", "to": "b@example.org", "text": "x"},
                auth=("api", KEY), timeout=10,
            ).status_code
            for _ in range(3)
        ]  # fmt: skip
    finally:
        process.kill()
        process.communicate()

    assert statuses == [500, 429, 429]
    assert len(list(rows(tmp_path))) == 1
    told = [note.get("knob") for note in notes(tmp_path)]
    assert told == [None, "error_after", "too_many", "too_many"]

    for words in ("{", '{"nonsense": {}}'):
        refused = subprocess.run([*command, words], capture_output=True, text=True, check=False)
        assert refused.returncode == 2
        assert refused.stderr
        assert "Traceback" not in refused.stderr
