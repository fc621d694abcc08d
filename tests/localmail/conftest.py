"""A running mailbox for each test, and a sender that posts to it as Anymail does."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from playwright.sync_api import Browser, Page

from localmail import Mailbox

KEY = "key-of-the-tests"


@dataclass
class Sender:
    """Posts mail with the shape of Mailgun's API."""

    mailbox: Mailbox
    key: str = KEY
    seconds: float = 20

    def post(self, *, to: Any = ("amina@example.org",), **fields: Any) -> requests.Response:
        """One call; a field given as None is left out."""
        fields = {
            "from": "Centre <news@example.net>",
            "subject": "Hello",
            "text": "Dear reader",
            **fields,
        }
        pairs = [(name.replace("__", ":"), value) for name, value in fields.items()]
        pairs = [(name, json.dumps(value) if isinstance(value, dict) else value)
                 for name, value in pairs if value is not None]  # fmt: skip
        pairs += [("to", one) for one in to]
        return self.raw(urlencode(pairs, doseq=True).encode())

    def raw(
        self, body: bytes, content_type: str = "application/x-www-form-urlencoded"
    ) -> requests.Response:
        """One call with these bytes."""
        pair = base64.b64encode(f"api:{self.key}".encode()).decode()
        return requests.post(
            f"{self.mailbox.api_url}/example.net/messages",
            data=body,
            headers={"Authorization": f"Basic {pair}", "Content-Type": content_type},
            timeout=self.seconds,
        )


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    """A mailbox that may be emptied."""
    with Mailbox(tmp_path / "mail", api_key=KEY, test_mode=True) as running:
        yield running


@pytest.fixture
def sender(mailbox: Mailbox) -> Sender:
    """Posts to `mailbox`."""
    return Sender(mailbox)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Mailbox]:
    """A mailbox with an SMTP door and no password."""
    with Mailbox(tmp_path / "door", api_key=KEY, test_mode=True, smtp_port=0) as running:
        yield running


def letter(number: int = 1, **headers: str) -> bytes:
    """A small mail with these headers, underscores for hyphens."""
    own = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"From: news@example.net\r\nSubject: Mail {number}\r\n{own}\r\nDear\r\n".encode()


@pytest.fixture
def browser_page(chromium: Browser) -> Iterator[Page]:
    """A page of a real browser: the one on this machine."""
    page = chromium.new_page()
    yield page
    page.close()
