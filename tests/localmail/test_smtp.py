"""The SMTP door speaks with smtplib, with Django and with whoever breaks the rules."""

import contextlib
import smtplib
import socket
import threading
from email.message import EmailMessage

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection

from localmail import Mailbox, crowd, transaction, wire
from localmail.judge import notes, rows
from tests.localmail.conftest import KEY, Sender, letter
from tests.localmail.test_webhooks import Site, events

PEOPLE = ["amina@example.org", "jean@example.org"]


@pytest.fixture
def client(door):
    with smtplib.SMTP("127.0.0.1", door.smtp_port, timeout=10) as connection:
        yield connection


class Talk:
    """A connection on which anything can be said."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.file = self.socket.makefile("rb")
        self.heard()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def say(self, words):
        self.socket.sendall(words)
        return self

    def heard(self):
        """The next answer's last line."""
        line = self.file.readline()
        while line[3:4] == b"-":
            line = self.file.readline()
        return line.decode().rstrip()


def refused(door):
    return [(note["refused"], note.get("to")) for note in notes(door.ledger.folder)]


def test_mail_stands_in_the_ledger_with_its_facts_and_its_very_bytes(door, client):
    raw = letter(Message_ID="<m1@example.net>", X_Rabita_Delivery="17", X_RABITA_Batch="b\r\n 7",
                 X_Other="no")  # fmt: skip

    client.sendmail("news@example.net", PEOPLE, raw)

    first, second = rows(door.ledger.folder)
    assert [first.recipient, second.recipient] == PEOPLE
    assert first.variables == second.variables == {"delivery": "17", "batch": "b 7"}
    assert (first.call, first.position, first.message_id, first.door, first.values) == (
        1, 1, "<m1@example.net>", "smtp", {},
    )  # fmt: skip
    assert first.body_hash == second.body_hash
    assert door.client.raw("1-2") == raw


def test_mail_appears_like_any_other(door, client):
    mail = EmailMessage()
    mail["From"], mail["To"] = "Centre <news@example.net>", "أمينة <amina@example.org>"
    mail["Subject"] = "تجارب من كينيا"
    mail["List-Unsubscribe"] = "<https://example.net/u/1>"
    mail.set_content("مرحبا أمينة\n.\n..two dots\n")
    mail.add_alternative("<p>مرحبا</p>", subtype="html")

    client.send_message(mail)

    [found] = door.client.wait(to="amina@example.org")
    assert found.subject == "تجارب من كينيا"
    assert found.text == "مرحبا أمينة\n.\n..two dots\n"
    assert found.html == "<p>مرحبا</p>\n"
    assert found.headers["to"] == "أمينة <amina@example.org>"
    assert found.headers["list-unsubscribe"] == "<https://example.net/u/1>"
    assert found.size == len(door.client.raw(found.id))
    assert found.message_id.endswith("@example.net>")


def test_mail_comes_from_django(door):
    connection = get_connection(
        "django.core.mail.backends.smtp.EmailBackend",
        host="127.0.0.1", port=door.smtp_port, username="", password="", use_tls=False,
    )  # fmt: skip
    mails = [
        EmailMultiAlternatives(
            "Stories", "Dear reader", "news@example.net", [person],
            headers={"X-Rabita-Delivery": str(number)}, alternatives=[("<p>Dear</p>", "text/html")],
        )
        for number, person in enumerate(PEOPLE)
    ]  # fmt: skip

    with connection:
        assert connection.send_messages(mails) == 2

    assert [(row.recipient, row.variables) for row in rows(door.ledger.folder)] == [
        (person, {"delivery": str(number)}) for number, person in enumerate(PEOPLE)
    ]
    assert [mail.html for mail in door.client.mails()] == ["<p>Dear</p>"] * 2


def test_connection_brings_many_mails_and_forgets_each(door, client):
    for number in range(3):
        client.sendmail("news@example.net", [f"p{number}@example.org"], letter(number))
    client.mail("news@example.net")
    client.rcpt("left@example.org")
    client.rset()
    client.sendmail("", PEOPLE[:1], letter(4))

    assert [row.recipient for row in rows(door.ledger.folder)] == [
        "p0@example.org", "p1@example.org", "p2@example.org", PEOPLE[0],
    ]  # fmt: skip


def test_several_connections_are_served_at_once(door):
    def send(number):
        with smtplib.SMTP("127.0.0.1", door.smtp_port, timeout=10) as connection:
            together.wait(10)
            for one in range(10):
                connection.sendmail("n@example.net", [f"p{number}-{one}@example.org"], letter())

    together = threading.Barrier(4)
    threads = [threading.Thread(target=send, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = list(rows(door.ledger.folder))
    assert len({row.recipient for row in found}) == 40
    assert [row.call for row in found] == list(range(1, 41))


def test_pipelined_commands_are_answered_in_order(door):
    with Talk(door.smtp_port) as talk:
        talk.say(b"EHLO x\r\nMAIL FROM:<a@b.org>\r\nRCPT TO:<bounce@c.org>\r\n")
        talk.say(b"RCPT TO:<d@c.org>\r\nDATA\r\n")
        answers = [talk.heard()[:3] for _ in range(5)]
        talk.say(b"one\r\n.\r\nMAIL FROM:<a@b.org>\r\nRCPT TO:<e@c.org>\r\nDATA\r\n")
        answers += [talk.heard()[:3] for _ in range(4)]
        talk.say(b".\r\nNOOP\r\nQUIT\r\n")
        answers += [talk.heard()[:3] for _ in range(3)]
        assert talk.heard() == ""

    assert " ".join(answers) == "250 250 550 250 354 250 250 250 354 250 250 221"
    assert [row.recipient for row in rows(door.ledger.folder)] == ["d@c.org", "e@c.org"]
    assert [door.client.raw(mail.id) for mail in door.client.mails()] == [b"one\r\n", b""]


def test_bounce_is_refused_when_it_is_named_and_the_others_get_the_mail(door, client):
    people = ["bounce.a@example.org", *PEOPLE]

    failed = client.sendmail("news@example.net", people, letter())

    assert failed == {people[0]: (550, b"5.1.1 There is no such mailbox here")}
    assert [row.recipient for row in rows(door.ledger.folder)] == PEOPLE
    assert refused(door) == [(550, "bounce.a@example.org")]


def test_smtp_is_neither_told_by_webhooks_nor_found_by_look_ups(tmp_path):
    site = Site()
    hooks = {"webhook_url": site.url, "webhook_signing_key": "signing-key-of-the-tests"}
    try:
        with Mailbox(tmp_path, api_key=KEY, smtp_port=0, **hooks) as mailbox:
            with smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=10) as client:
                client.sendmail("news@example.net", PEOPLE, letter())
            Sender(mailbox).post(to=["grace@example.org"])

            assert [event["recipient"] for event in events(site, 1)] == ["grace@example.org"]
            assert [entry.number for entry in mailbox.ledger.index.find([])] == [2]
    finally:
        site.stop()


def test_bare_line_feeds_hide_no_second_mail(door):
    hidden = b"one\n.\nMAIL FROM:<a@b.org>\nRCPT TO:<x@c.org>\nDATA\ntwo\r.\r\n\n.\r\nthree"
    with Talk(door.smtp_port) as talk:
        talk.say(b"EHLO x\r\nMAIL FROM:<a@b.org>\r\nRCPT TO:<d@c.org>\r\nDATA\r\n")
        assert [talk.heard()[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        assert talk.say(hidden + b"\r\n.\r\n").heard()[:3] == "250"

    assert [row.recipient for row in rows(door.ledger.folder)] == ["d@c.org"]
    assert door.client.raw("1-1") == hidden + b"\r\n"


@pytest.mark.parametrize("cut", [1, 2, 7, 1000])
def test_dots_survive_wherever_the_packets_are_cut(door, cut):
    body = b"." * 5 + b"\r\n.\n.\r\n" + b"x" * 3000 + b"\r\n..\r\n.a\r\n\r\n.b.\r\n"
    sent = body.replace(b"\r\n.", b"\r\n..")
    sent = b"." + sent + b".\r\n"
    with Talk(door.smtp_port) as talk:
        talk.say(b"EHLO x\r\nMAIL FROM:<a@b.org>\r\nRCPT TO:<d@c.org>\r\nDATA\r\n")
        assert [talk.heard()[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        for start in range(0, len(sent), cut):
            talk.say(sent[start : start + cut])
        assert talk.heard()[:3] == "250"

    assert door.client.raw("1-1") == body


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (b"NONSENSE", "500"),
        (b"", "500"),
        (b"\xff\xfe", "500"),
        (b"EHLO", "501"),
        (b"MAIL FROM:a@b.org", "501"),
        (b"MAIL TO:<a@b.org>", "501"),
        (b"MAIL FROM:<nonsense>", "553"),
        ("MAIL FROM:<ä@b.org>".encode(), "553"),
        ("MAIL FROM:<ä@b.org> SMTPUTF8".encode(), "250"),
        (b"MAIL FROM:<> BODY=8BITMIME SIZE=5", "250"),
        (b"mail from: <a@b.org>", "250"),
        (b"MAIL FROM:<a@b.org> BODY=BINARYMIME", "501"),
        (b"MAIL FROM:<a@b.org> SIZE=x", "501"),
        (b"MAIL FROM:<a@b.org> SIZE=99999999999999999", "552"),
        (b"MAIL FROM:<a@b.org> RET=FULL", "555"),
        (b"RCPT TO:<a@b.org>", "503"),
        (b"DATA", "503"),
        (b"AUTH PLAIN AAA=", "503"),
        (b"NOOP and more", "250"),
        (b"VRFY amina", "252"),
        (b"HELP", "214"),
    ],
)
def test_command_gets_its_code(door, command, code):
    with Talk(door.smtp_port) as talk:
        assert talk.say(b"EHLO x\r\n").heard()[:3] == "250"
        assert talk.say(command + b"\r\n").heard()[:3] == code
        assert talk.say(b"NOOP\r\n").heard()[:3] == "250"


def test_commands_out_of_order_are_refused(door):
    with Talk(door.smtp_port) as talk:
        assert talk.say(b"MAIL FROM:<a@b.org>\r\n").heard()[:3] == "503"
        assert talk.say(b"HELO x\r\n").heard()[:3] == "250"
        assert talk.say(b"MAIL FROM:<a@b.org>\r\n").heard()[:3] == "250"
        assert talk.say(b"MAIL FROM:<a@b.org>\r\n").heard()[:3] == "503"
        assert talk.say(b"DATA\r\n").heard()[:3] == "503"
        for bad in (b"a b@c.org", b"nonsense", b"", b"a@b.org\0"):
            assert talk.say(b"RCPT TO:<" + bad + b">\r\n").heard()[0] == "5"


def test_limits_on_sizes_and_numbers(door, monkeypatch):
    monkeypatch.setattr("localmail.smtp.MOST_BYTES", 1000)
    monkeypatch.setattr(transaction, "MOST_RECIPIENTS", 2)
    begin = b"MAIL FROM:<a@b.org>\r\nRCPT TO:<d@c.org>\r\nDATA\r\n"
    with Talk(door.smtp_port) as talk:
        talk.say(b"EHLO x\r\n" + begin)
        assert [talk.heard()[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        assert talk.say(b"x" * 5_000 + b"\r\n.\r\n").heard()[:3] == "552"
        talk.say(begin)
        assert [talk.heard()[:3] for _ in range(3)] == ["250", "250", "354"]
        assert talk.say(b"x" * 998 + b"\r\n.\r\n").heard()[:3] == "250"
        talk.say(b"MAIL FROM:<a@b.org>\r\n" + b"RCPT TO:<d@c.org>\r\n" * 3)
        assert [talk.heard()[:3] for _ in range(4)] == ["250", "250", "250", "452"]
        assert talk.say(b"x" * 20_000).heard()[:3] == "500"
        assert talk.heard() == ""
    assert len(list(rows(door.ledger.folder))) == 1


def test_silence_and_dripping_mail_end_in_time(door, monkeypatch):
    monkeypatch.setattr(wire, "IDLE_SECONDS", 0.2)
    with Talk(door.smtp_port) as talk:
        assert talk.heard()[:3] == "421"
        assert talk.heard() == ""
    monkeypatch.setattr(wire, "IDLE_SECONDS", 10)
    monkeypatch.setattr(wire, "MAIL_SECONDS", 0.3)
    with Talk(door.smtp_port) as talk:
        talk.say(b"EHLO x\r\nMAIL FROM:<a@b.org>\r\nRCPT TO:<d@c.org>\r\nDATA\r\n")
        assert [talk.heard()[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        talk.socket.settimeout(0.02)
        for _ in range(200):
            talk.say(b"x")
            with contextlib.suppress(TimeoutError):
                assert talk.socket.recv(3) == b"421"
                break
        else:
            pytest.fail("The mail could drip for ever.")
    assert list(rows(door.ledger.folder)) == []


def test_too_many_mistakes_and_too_many_connections_are_shown_the_door(door, monkeypatch):
    with Talk(door.smtp_port) as talk:
        answers = [talk.say(b"WHAT\r\n").heard()[:3] for _ in range(21)]
        assert talk.heard() == ""
    assert answers == ["500"] * 20 + ["421"]

    crowded = [
        socket.create_connection(("127.0.0.1", door.smtp_port), timeout=5)
        for _ in range(crowd.MOST_CONNECTIONS)
    ]
    try:
        with socket.create_connection(("127.0.0.1", door.smtp_port), timeout=5) as late:
            assert late.recv(100).startswith(b"421 ")
    finally:
        for connection in crowded:
            connection.close()


def test_password_is_asked_for_when_one_is_set(tmp_path):
    settings = {"smtp_port": 0, "smtp_user": "site", "smtp_password": "secret"}
    with Mailbox(tmp_path, api_key=KEY, **settings) as mailbox:

        def connected():
            return smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=10)

        with connected() as client, pytest.raises(smtplib.SMTPSenderRefused, match="530"):
            client.sendmail("a@b.org", PEOPLE, letter())
        for kind in (smtplib.SMTP.auth_plain, smtplib.SMTP.auth_login):
            with connected() as client:
                client.ehlo()
                client.user, client.password = "site", "secret"
                code, _ = client.auth(kind.__name__[5:].upper(), kind.__get__(client))
                assert code == 235
                client.sendmail("a@b.org", PEOPLE, letter())
        with connected() as client, pytest.raises(smtplib.SMTPAuthenticationError, match="535"):
            client.login("site", "wrong")
        with Talk(mailbox.smtp_port) as talk:
            talk.say(b"EHLO x\r\n").heard()
            for bad in (b"PLAIN !", b"PLAIN AAAA", b"CRAM-MD5", b"LOGIN *", b""):
                assert talk.say(b"AUTH " + bad + b"\r\n").heard()[:3] in {"501", "504"}
            assert talk.say(b"AUTH PLAIN\r\n").heard() == "334"
            assert talk.say(b"AHNpdGUAd3Jvbmc=\r\n").heard()[:3] == "535"

    assert len(list(rows(tmp_path))) == 4
