"""Events come back signed as Mailgun's, in order, through every outage of the site."""

import base64
import json
import queue
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from django.test import RequestFactory

from localmail import Mailbox, webhooks
from tests.localmail.conftest import KEY, Sender

SIGNING_KEY = "signing-key-of-the-tests"


class Site(ThreadingHTTPServer):
    """Collects what is posted to it; answers with the next of `statuses`, then 200."""

    daemon_threads = True

    def __init__(self, port=0):
        self.posts = queue.Queue()
        self.statuses = []
        super().__init__(("127.0.0.1", port), SiteHandler)
        self.url = f"http://hooks:s%40cret@127.0.0.1:{self.server_address[1]}/anymail/tracking/?a=1"
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def stop(self):
        self.shutdown()
        self.thread.join()
        self.server_close()

    def next(self):
        return self.posts.get(timeout=20)


class SiteHandler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.put((self.path, dict(self.headers), body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def site():
    running = Site()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(webhooks, "LONGEST_PAUSE", 0.3)


def started(folder, url):
    return Mailbox(folder, api_key=KEY, webhook_url=url, webhook_signing_key=SIGNING_KEY)


def events(site, count):
    return [json.loads(site.next()[2])["event-data"] for _ in range(count)]


def test_event_passes_anymails_own_validation_and_reading(tmp_path, site, settings):
    with started(tmp_path, site.url) as mailbox:
        answer = Sender(mailbox).post(
            **{
                "v__delivery": "%recipient.v:delivery%",
                "o__tag": "weekly",
                "recipient-variables": {"amina@example.org": {"v:delivery": "17"}},
            }
        )
        path, headers, body = site.next()

    assert path == "/anymail/tracking/?a=1"
    assert headers["Authorization"] == f"Basic {base64.b64encode(b'hooks:s@cret').decode()}"
    settings.ANYMAIL = {"WEBHOOK_SECRET": "hooks:s@cret"}
    request = RequestFactory().post(
        path, body, content_type="application/json", HTTP_AUTHORIZATION=headers["Authorization"]
    )
    view = MailgunTrackingWebhookView(webhook_signing_key=SIGNING_KEY)
    view.run_validators(request)
    [event] = view.parse_events(request)
    assert event.event_type == "delivered"
    assert event.recipient == "amina@example.org"
    assert event.message_id == answer.json()["id"]
    assert event.metadata == {"delivery": "17"}
    assert event.tags == ["weekly"]
    assert abs(event.timestamp.timestamp() - time.time()) < 60
    with pytest.raises(AnymailWebhookValidationFailure):
        MailgunTrackingWebhookView(webhook_signing_key="another").run_validators(request)


def test_address_decides_what_happens(tmp_path, site):
    with started(tmp_path, site.url) as mailbox:
        Sender(mailbox).post(
            to=["bounce.a@example.org", "Complain-b@example.org", "c@example.org"],
            **{"recipient-variables": {}},
        )
        told = events(site, 4)

    assert [(one["recipient"], one["event"]) for one in told] == [
        ("bounce.a@example.org", "failed"),
        ("Complain-b@example.org", "delivered"),
        ("Complain-b@example.org", "complained"),
        ("c@example.org", "delivered"),
    ]
    view = MailgunTrackingWebhookView(webhook_signing_key=SIGNING_KEY)
    bounced = view.esp_to_anymail_event({"event-data": told[0]})
    assert (bounced.event_type, bounced.reject_reason) == ("bounced", "bounced")
    assert bounced.mta_response.startswith("5.1.1")
    assert view.esp_to_anymail_event({"event-data": told[2]}).event_type == "complained"


def test_failed_answer_is_tried_again_with_the_same_token(tmp_path, site):
    site.statuses = [503, 500]

    with started(tmp_path, site.url) as mailbox:
        Sender(mailbox).post()
        tokens = [json.loads(site.next()[2])["signature"]["token"] for _ in range(3)]

    assert len(set(tokens)) == 1


def test_406_and_too_many_tries_give_up_and_go_on(tmp_path, site, monkeypatch, caplog):
    monkeypatch.setattr(webhooks, "MOST_TRIES", 2)
    site.statuses = [406, 400, 400]

    with started(tmp_path, site.url) as mailbox:
        for name in ("amina", "jean", "grace"):
            Sender(mailbox).post(to=[f"{name}@example.org"])
        told = [one["recipient"].partition("@")[0] for one in events(site, 4)]

    assert told == ["amina", "jean", "jean", "grace"]
    assert [record.getMessage() for record in caplog.records] == [
        "The site answered 406 to delivered of 1-1: given up.",
        "The site answered 400 to delivered of 2-1: given up.",
    ]


def test_events_wait_until_the_site_is_up(tmp_path, site):
    port = site.server_address[1]
    site.stop()

    with started(tmp_path, site.url) as mailbox:
        Sender(mailbox).post()
        mailbox.client.wait()
        late = Site(port)
        try:
            assert [one["recipient"] for one in events(late, 1)] == ["amina@example.org"]
        finally:
            late.stop()


def test_restart_goes_on_where_it_stood(tmp_path, site):
    with started(tmp_path, site.url) as mailbox:
        Sender(mailbox).post(to=["amina@example.org"])
        events(site, 1)
    with Mailbox(tmp_path, api_key=KEY) as mailbox:
        Sender(mailbox).post(to=["jean@example.org"])

    with started(tmp_path, site.url):
        assert [one["recipient"] for one in events(site, 1)] == ["jean@example.org"]
        assert site.posts.empty()


def test_held_call_is_reported_before_its_answer(tmp_path, site):
    with started(tmp_path, site.url) as mailbox:
        mailbox.client.hold()
        call = threading.Thread(target=Sender(mailbox).post)
        call.start()
        assert [one["event"] for one in events(site, 1)] == ["delivered"]
        mailbox.client.release()
        call.join(10)


def test_address_of_the_site_must_be_http(tmp_path):
    with pytest.raises(ValueError, match="must begin with http"):
        started(tmp_path, "ftp://example.org")
