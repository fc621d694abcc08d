"""Mails that came over SMTP are shown whatever is in them, and read from disk after a kill."""

import contextlib
import signal
import smtplib
import subprocess
import sys
import threading

import pytest
import requests
from hypothesis import example, given, settings
from hypothesis import strategies as st

from localmail import Client, Mailbox
from localmail.envelopes import Reader
from localmail.judge import rows
from localmail.ledger import Taken
from localmail.wiremails import WireMail
from tests.localmail.conftest import KEY, letter

HTML = (
    b"To: Amina <amina@example.org>\r\nContent-Type: text/html; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>caf=C3=A9</p>\r\n"
)


def shown(raw):
    body = {"from": "news@example.net", "tags": [], "variables": {}}
    taken = Taken(1, 0, "<1@x>", body, [("amina@example.org", "", {})], "x", (0, len(raw)))
    return WireMail(taken, 1, raw)


def test_variables_are_read_from_the_head_alone():
    raw = letter(x_rabita_delivery="17", X_Rabita_="no name", X_Rabita_Long="a\r\n\tb")

    found = Reader().read("a@b.org", ["c@d.org"], raw + b"\r\nX-Rabita-Batch: body\r\n")

    assert found.variables == {"delivery": "17", "long": "a\tb"}
    assert found.message_id == ""
    assert Reader("X-Own-").read(
        "", [], b"X-Own-A: 1\nMessage-ID: <a@b>\n\nX-Own-B: 2"
    ).variables == {"a": "1"}
    assert Reader().read("", [], b"Message-Id:\r\n <a@b>\r\n\r\n").message_id == "<a@b>"


def test_html_alone_with_its_weight():
    mail = shown(HTML)

    assert (mail.html, mail.text) == ("<p>café</p>\n", "")
    assert mail.html_size == len(b"<p>caf=C3=A9</p>\r\n")
    assert mail.people("To") == [("Amina", "amina@example.org")]
    assert mail.people("From") == [("", "news@example.net")]


def test_letters_beyond_ascii_are_read_in_headers_and_in_bytes():
    mail = shown("Subject: تجارب\r\nTo: أمينة <amina@example.org>\r\n\r\nمرحبا".encode())

    assert mail.subject == "تجارب"
    assert mail.people("To") == [("أمينة", "amina@example.org")]
    assert mail.text == "مرحبا"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"no header at all",
        b"Subject: =?x-unknown?b?AAA?=\r\nTo: ,,;<\r\nFrom: =?utf-8?q?=0A?=\r\n\r\n",
        b"Content-Type: text/html; charset=x-unknown\r\n\r\n\xff\xfe",
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n!",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\r\nx",
        b"Subject: \xff\xfe\r\nList-Unsubscribe: <\xff>\r\n\r\n\xff",
        b"Content-Type: message/rfc822\r\n\r\nTo: x\r\n\r\ny",
    ],
)
def test_malformed_mail_is_shown_on_every_page(door, raw):
    with smtplib.SMTP("127.0.0.1", door.smtp_port, timeout=10) as client:
        client.sendmail("news@example.net", ["amina@example.org"], raw)

    paths = ["/", "/mails/1-1", "/mails/1-1/html", "/api/messages/1-1", "/api/messages"]
    paths += [f"/mails/1-1?view={view}" for view in ("html", "text", "headers", "source")]
    for path in paths:
        assert requests.get(door.url + path, timeout=5).status_code == 200, path


@settings(max_examples=200, deadline=None)
@given(
    head=st.lists(
        st.tuples(
            st.sampled_from([b"To", b"From", b"Subject", b"Content-Type", b"X-Rabita-A",
                             b"Content-Transfer-Encoding", b"MIME-Version", b"Message-ID"]),
            st.binary(max_size=30),
        ),
        max_size=5,
    ),
    body=st.binary(max_size=60),
)  # fmt: skip
@example(head=[(b"Content-Type", b"text/html; charset=\0")], body=b"x")
@example(head=[(b"Content-Type", b"text/html; charset*=x'y'z")], body=b"x")
def test_whatever_comes_can_be_shown(head, body):
    raw = b"".join(name + b": " + value + b"\r\n" for name, value in head) + b"\r\n" + body

    mail = shown(raw)
    Reader().read("", [], raw)

    "".join([mail.subject, mail.text, mail.html, mail.header("To")]).encode()
    assert mail.raw == raw
    assert mail.html_size >= 0
    assert mail.people("To")
    assert mail.people("From")
    assert all(text.encode() is not None for _, text in mail.headers)


def test_restart_shows_the_same_mails_over_both_doors(tmp_path):
    with Mailbox(tmp_path, api_key=KEY, smtp_port=0) as mailbox:
        with smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=10) as client:
            for number in range(3):
                client.sendmail("n@example.net", ["amina@example.org"], letter(number))
        before = mailbox.client.mails()
        raw = mailbox.client.raw("2-1")

    with Mailbox(tmp_path, api_key=KEY) as mailbox:
        assert mailbox.client.mails() == before
        assert mailbox.client.raw("2-1") == raw
    assert [row.door for row in rows(tmp_path)] == ["smtp"] * 3


def test_lean_mailbox_keeps_who_got_what_and_no_mail(tmp_path):
    with Mailbox(tmp_path, api_key=KEY, smtp_port=0, lean=True) as mailbox:
        with smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=10) as client:
            client.sendmail("n@example.net", ["amina@example.org"], letter(X_Rabita_Delivery="17"))
        [mail] = mailbox.client.mails()

    assert "not kept" in mail.subject
    assert mail.variables == {"delivery": "17"}
    assert [row.variables for row in rows(tmp_path)] == [{"delivery": "17"}]
    assert (tmp_path / "mails.bin").stat().st_size == 0


@pytest.mark.slow
def test_killed_process_has_lost_no_mail_that_was_answered(tmp_path):
    """kill -9 in the middle of a stream of mails over three connections."""
    command = [sys.executable, "-m", "localmail", "--data", str(tmp_path), "--api-key", KEY]
    process = subprocess.Popen(
        [*command, "--port", "0", "--smtp-port", "0"], stdout=subprocess.PIPE, text=True
    )
    url, smtp = (process.stdout.readline().split()[-1] for _ in range(2))
    answered: list[str] = []

    def stream(thread):
        number = 0
        with contextlib.suppress(smtplib.SMTPException, OSError):
            client = smtplib.SMTP(smtp, timeout=10)
            while True:
                number += 1
                name = f"{thread}-{number}"
                client.sendmail(
                    "n@example.net", [f"p{name}@example.org"],
                    letter(X_Rabita_Delivery=name) + b"x" * 50_000,
                )  # fmt: skip
                answered.append(name)

    threads = [threading.Thread(target=stream, args=[number]) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        Client(url).wait(count=60, seconds=30)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    for thread in threads:
        thread.join()

    kept = [row.variables["delivery"] for row in rows(tmp_path)]
    assert len(answered) > 50
    assert set(answered) <= set(kept)
    assert len(set(kept)) == len(kept) <= len(answered) + 3
    with Mailbox(tmp_path, api_key=KEY) as mailbox:
        mails = mailbox.client.mails()
        assert [mail.variables["delivery"] for mail in mails] == kept
        assert mailbox.client.raw(mails[-1].id).endswith(b"x\r\n")
