"""Finding mail, waiting for it, holding answers, and limits on every request."""

import datetime as dt
import http.client
import socket
import threading
import time

import pytest
import requests

from localmail import crowd
from localmail import server as http_server
from localmail.client import NoMail


def test_find_by_recipient_and_time(sender, mailbox):
    sender.post(to=["amina@example.org", "jean@example.org"], subject="Early")
    early = mailbox.client.mails()[-1]
    later = dt.datetime.fromisoformat(early.received_at) + dt.timedelta(microseconds=1)
    sender.post(to=["amina@example.org"], subject="Late")

    assert [mail.subject for mail in mailbox.client.mails(to="Amina@example.org")] == [
        "Early", "Late",
    ]  # fmt: skip
    assert [mail.subject for mail in mailbox.client.mails(since=later.isoformat())] == ["Late"]
    assert [mail.subject for mail in mailbox.client.mails(since=later.timestamp())] == ["Late"]
    assert mailbox.client.mails(to="nobody@example.org") == []


def test_limit_keeps_the_newest_and_counts_all(sender, mailbox):
    for number in range(5):
        sender.post(subject=str(number))

    found = requests.get(f"{mailbox.url}/api/messages?limit=2&brief=1", timeout=5).json()

    assert found["total"] == 5
    assert [mail["subject"] for mail in found["messages"]] == ["3", "4"]
    assert "html" not in found["messages"][0]


def test_wait_returns_when_the_mail_comes(sender, mailbox):
    later = threading.Timer(0.3, sender.post)
    later.start()

    begun = time.monotonic()
    [mail] = mailbox.client.wait(to="amina@example.org", seconds=20)

    assert mail.subject == "Hello"
    assert 0.2 < time.monotonic() - begun < 5
    later.join()


def test_wait_ends_with_what_came_instead(sender, mailbox):
    sender.post()

    with pytest.raises(NoMail, match="1 of 2 mails to anybody"):
        mailbox.client.wait(count=2, seconds=0.1)


def test_held_call_is_recorded_but_not_answered_before_the_release(sender, mailbox):
    mailbox.client.hold()
    answers = []
    call = threading.Thread(target=lambda: answers.append(sender.post().status_code))
    call.start()

    assert [mail.subject for mail in mailbox.client.wait()] == ["Hello"]
    assert mailbox.client.held() == 1
    assert answers == []
    mailbox.client.release()
    call.join(10)
    assert answers == [200]
    assert mailbox.client.held() == 0


def test_clear_is_refused_outside_test_mode(mailbox, sender):
    sender.post()
    answer = requests.delete(
        f"{mailbox.url}/api/messages", headers={"Origin": "https://elsewhere.example"}, timeout=5
    )

    assert answer.status_code == 403
    assert len(mailbox.client.mails()) == 1


def test_unsubscribe_of_a_mail_without_address_says_so(sender, mailbox):
    sender.post()

    answer = requests.post(
        f"{mailbox.url}/api/messages/{mailbox.client.mails()[0].id}/unsubscribe", timeout=5
    )

    assert answer.json() == {
        "status": 0, "left": False, "words": "This mail has no one-click address.",
    }  # fmt: skip


def test_mail_can_be_asked_for_before_it_comes(sender, mailbox):
    assert requests.get(f"{mailbox.url}/api/messages/1-1", timeout=5).status_code == 404

    sender.post()

    assert requests.get(f"{mailbox.url}/api/messages/1-1", timeout=5).json()["subject"] == "Hello"
    assert requests.get(f"{mailbox.url}/api/messages/1-2", timeout=5).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/messages?wait=1e9", 400),
        ("GET", "/api/messages?wait=nan", 400),
        ("GET", "/api/messages?limit=-1", 400),
        ("GET", "/api/messages?since=yesterday", 400),
        ("GET", "/api/messages?since=1e999999", 200),
        ("GET", "/api/messages?" + "&".join(f"a{n}=1" for n in range(60)), 400),
        ("GET", "/api/messages/0-0", 404),
        ("GET", "/api/messages/99999999999-1", 404),
        ("GET", "/api/messages/1-1-1", 404),
        ("GET", "/%ff", 400),
        ("GET", "/mails/../../etc/passwd", 404),
        ("GET", "/static/../pages.py", 404),
        ("POST", "/api/messages", 405),
        ("PUT", "/", 405),
        ("GET", "/v3/example.net/messages", 405),
        ("POST", "/v3/example.net", 404),
    ],
)
def test_bad_request_gets_words_and_no_traceback(mailbox, method, path, status, caplog):
    connection = http.client.HTTPConnection("127.0.0.1", mailbox.port, timeout=5)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        body = answer.read().decode()
    finally:
        connection.close()

    assert answer.status == status
    assert body
    assert "Traceback" not in body
    assert caplog.records == []


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET http://[/ HTTP/1.1\r\nConnection: close\r\n\r\n", b"400"),
        (b"BREW / HTTP/1.1\r\n\r\n", b"501"),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n", b"431"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"POST /api/hold HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST /api/hold HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"POST /api/hold HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
    ],
)
def test_malformed_request_is_answered_and_ended(mailbox, head, status):
    with socket.create_connection(("127.0.0.1", mailbox.port), timeout=5) as connection:
        connection.sendall(head)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk

    assert answer.split()[1] == status


def test_silent_connection_is_ended(mailbox, monkeypatch):
    monkeypatch.setattr(http_server.Handler, "timeout", 0.2)

    with socket.create_connection(("127.0.0.1", mailbox.port), timeout=5) as connection:
        connection.sendall(b"POST /api/hold HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf")
        while connection.recv(65536):
            pass


def test_too_many_connections_are_refused_and_places_come_back(mailbox):
    crowded = [
        socket.create_connection(("127.0.0.1", mailbox.port), timeout=5)
        for _ in range(crowd.MOST_CONNECTIONS)
    ]
    try:
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{mailbox.url}/api/healthz", timeout=5)
    finally:
        for connection in crowded:
            connection.close()

    deadline = time.monotonic() + 10
    while True:
        try:
            assert requests.get(f"{mailbox.url}/api/healthz", timeout=5).status_code == 200
            break
        except requests.ConnectionError:
            assert time.monotonic() < deadline


def test_another_site_may_not_post(mailbox):
    answer = requests.post(
        f"{mailbox.url}/api/hold", headers={"Origin": "https://elsewhere.example"}, timeout=5
    )

    assert answer.status_code == 403
    assert not mailbox.hold.is_shut
