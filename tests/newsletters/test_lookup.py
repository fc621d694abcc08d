"""What the service says it took: from real answers over real HTTP, and never from half of one."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from newsletters import lookup

KEY = "0f0f0f0f-0000-4000-8000-000000000001"
SINCE = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)


class Service:
    """Answers GET requests one after the other with what a test gives it; keeps what was asked."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.answers: list[tuple[int, bytes]] = []
        self.asked: list[tuple[str, str]] = []
        self.drips = threading.Event()
        self.dripped = threading.Event()
        self.over = threading.Event()

    def page(self, *recipients: str, after: str = "/v3/news.example.org/events/next", **own: Any):
        items = [
            {"event": "accepted", "tags": [KEY], "recipient": address} | own
            for address in recipients
        ]
        after = after if after.startswith("http") else f"{self.address}{after}"
        self.say(200, {"items": items, "paging": {"next": after}})

    def say(self, status: int, body: Any) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append((status, raw))


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.asked.append((self.path, self.headers.get("Authorization", "")))
            status, raw = here.answers.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            if here.drips.is_set():
                for octet in raw:
                    if here.over.wait(0.05):
                        return
                    self.wfile.write(bytes([octet]))
                here.dripped.set()
                return
            self.wfile.write(raw)

        def log_message(self, *args: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        here = Service(address)
        settings.ANYMAIL = settings.ANYMAIL | {
            "MAILGUN_API_URL": f"{address}/v3",
            "REQUESTS_TIMEOUT": (2, 2),
        }
        running = threading.Thread(target=server.serve_forever, args=(0.01,))
        running.start()
        yield here
        here.over.set()
        server.shutdown()
        running.join(5)


def test_everybody_on_all_pages_is_found(service: Service) -> None:
    service.page("Amina@Example.org", "badr@example.org")
    service.page("chanda@example.org")
    service.page()

    found = lookup.taken(KEY, SINCE)

    assert found == {"amina@example.org", "badr@example.org", "chanda@example.org"}
    path, authorization = service.asked[0]
    assert urlsplit(path).path == "/v3/news.example.org/events"
    asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    assert asked == {
        "tags": KEY,
        "event": "accepted",
        "begin": str(int((SINCE - lookup.EARLIER).timestamp())),
        "ascending": "yes",
        "limit": "300",
    }
    assert {path for path, _key in service.asked[1:]} == {"/v3/news.example.org/events/next"}
    assert {key for _path, key in service.asked} == {authorization}
    assert authorization.startswith("Basic ")


def test_nobody_is_an_answer_too(service: Service) -> None:
    service.page()

    assert lookup.taken(KEY, SINCE) == set()


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503, 302])
def test_a_refusal_is_no_answer(service: Service, status: int) -> None:
    service.say(status, {"items": []})

    assert lookup.taken(KEY, SINCE) is None


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        [],
        {},
        {"items": None},
        {"items": {}},
        {"items": [], "paging": []},
        {"items": ["accepted"]},
        {"items": [{"event": "accepted", "tags": [KEY]}]},
        {"items": [{"event": "accepted", "tags": None, "recipient": "a@example.org"}]},
    ],
)
def test_what_cannot_be_read_is_no_answer(service: Service, body: Any) -> None:
    service.say(200, body)

    assert lookup.taken(KEY, SINCE) is None


def test_half_an_answer_is_none(service: Service) -> None:
    service.page("amina@example.org")
    service.say(500, {})

    assert lookup.taken(KEY, SINCE) is None


@pytest.mark.parametrize(
    "own", [{"tags": ["another call"]}, {"event": "delivered"}, {"event": "failed"}]
)
def test_events_that_were_not_asked_for_spoil_the_answer(
    service: Service, own: dict[str, Any]
) -> None:
    service.page("amina@example.org", **own)
    service.page()

    assert lookup.taken(KEY, SINCE) is None


def test_the_key_of_the_account_goes_to_no_other_host(service: Service, settings: Any) -> None:
    service.page("amina@example.org", after=service.address.replace("127.0.0.1", "localhost"))
    service.page()

    assert lookup.taken(KEY, SINCE) is None
    assert len(service.asked) == 1


def test_an_answer_that_drips_is_not_waited_for(service: Service, monkeypatch: Any) -> None:
    monkeypatch.setattr(lookup, "MOST_SECONDS", 0.3)
    service.page("amina@example.org")
    service.page()
    service.drips.set()

    assert lookup.taken(KEY, SINCE) is None
    assert not service.dripped.is_set()


def test_nobody_there_is_no_answer(settings: Any) -> None:
    settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_API_URL": "http://127.0.0.1:9/v3"}

    assert lookup.taken(KEY, SINCE) is None


def test_a_service_that_cannot_be_asked_is_not(service: Service, settings: Any) -> None:
    settings.EMAIL_PROVIDER = "brevo"

    assert lookup.taken(KEY, SINCE) is None
    assert service.asked == []
