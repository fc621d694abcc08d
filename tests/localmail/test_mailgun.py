"""The stand-in takes and refuses calls as Mailgun does."""

import email
import json
from email.policy import default

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from localmail.addresses import BREAKS
from localmail.forms import Form
from localmail.ledger import Taken
from localmail.mailgun import Refusal, expand, read_call
from localmail.mails import Mail


def test_call_is_answered_as_mailgun_answers(sender):
    answer = sender.post()

    assert answer.status_code == 200
    assert answer.json()["message"] == "Queued. Thank you."
    assert answer.json()["id"].startswith("<")
    assert answer.json()["id"].endswith("@example.net>")


def test_recipient_variables_make_a_private_mail_for_each(sender, mailbox):
    sender.post(
        to=["Amina <amina@example.org>", "jean@example.org"],
        subject="For %recipient.name%",
        text="Dear %recipient.name%, leave: https://example.net/u/%recipient.u%",
        html="<p>%recipient.name% %recipient.missing%</p>",
        **{
            "h__List-Unsubscribe": "<https://example.net/u/%recipient.u%>",
            "v__delivery": "%recipient.v:delivery%",
            "recipient-variables": {
                "amina@example.org": {"name": "Amina", "u": "aaa", "v:delivery": "1"},
                "jean@example.org": {"name": "%recipient.u%", "u": "jjj", "v:delivery": "2"},
            },
        },
    )

    first, second = mailbox.client.mails()
    assert (first.to, first.subject) == ("amina@example.org", "For Amina")
    assert first.text == "Dear Amina, leave: https://example.net/u/aaa"
    assert first.html == "<p>Amina %recipient.missing%</p>"
    assert first.headers["to"] == "Amina <amina@example.org>"
    assert first.headers["list-unsubscribe"] == "<https://example.net/u/aaa>"
    assert first.variables == {"delivery": "1"}
    assert second.headers["to"] == "jean@example.org"
    assert second.subject == "For %recipient.u%", "values are not expanded again"
    assert second.variables == {"delivery": "2"}
    assert first.message_id == second.message_id


def test_without_recipient_variables_everybody_sees_everybody(sender, mailbox):
    sender.post(to=["amina@example.org", "jean@example.org"], cc="grace@example.org")

    assert [mail.to for mail in mailbox.client.mails()] == [
        "amina@example.org", "jean@example.org", "grace@example.org",
    ]  # fmt: skip
    assert {mail.headers["to"] for mail in mailbox.client.mails()} == {
        "amina@example.org, jean@example.org"
    }


def test_final_mail_is_alternative_text_first_with_its_headers(sender, mailbox):
    arabic = "مرحبا أمينة، هذا ما نشره زملاؤك " * 40
    sender.post(
        subject="تجارب من كينيا",
        text=arabic,
        html=f"<p>{arabic}</p>",
        **{"h__X-Kind": "digest", "o__tag": ["weekly", "ar"]},
    )

    [mail] = mailbox.client.mails()
    raw = mailbox.client.raw(mail.id)
    message = email.message_from_bytes(raw, policy=default)
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == [
        "text/plain", "text/html",
    ]  # fmt: skip
    assert {part["Content-Transfer-Encoding"] for part in message.iter_parts()} == {"base64"}
    assert message["Subject"] == "تجارب من كينيا"
    assert message["X-Kind"] == "digest"
    assert message.get_all("X-Mailgun-Tag") == ["weekly", "ar"]
    assert message["Date"].datetime is not None
    assert message["Message-ID"] == mail.message_id
    assert message.get_body(("plain",)).get_content().strip() == arabic.strip()
    assert mail.size == len(raw)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw == mailbox.client.raw(mail.id)


def test_html_weight_is_what_goes_over_the_wire(sender, mailbox):
    sender.post(html="<p>é</p>" * 10_000)

    [mail] = mailbox.client.mails()
    raw = mailbox.client.raw(mail.id)
    part = raw.split(b"text/html")[1].split(b"\r\n\r\n", 1)[1].split(b"\r\n--=_")[0]
    assert abs(len(part) - mail.html_size) <= 4
    assert mail.html_size > len("<p>é</p>".encode()) * 10_000


@pytest.mark.parametrize(
    "bad",
    [
        "nonsense",
        "a@b",
        "a b@example.org",
        "a..b@example.org",
        ".a@example.org",
        f"{'a' * 65}@example.org",
        "ünal@example.org",
        "a@-example.org",
        "Name <a@example.org",
        '"Name <a@example.org>',
        "a@example.org,",
        "a@example.org b@example.org",
        "<a@example.org> <b@example.org>",
        "a@example.org\r\nBcc: b@example.org",
        "",
    ],
)
def test_one_bad_address_refuses_the_whole_call(sender, mailbox, bad):
    answer = sender.post(to=["amina@example.org", bad, "jean@example.org"])

    assert answer.status_code == 400
    assert answer.json()["message"] == (
        "to parameter is not a valid address. please check documentation"
    )
    assert mailbox.client.mails() == []


@pytest.mark.parametrize(
    ("value", "recipients"),
    [
        ("amina@example.org, jean@example.org", ["amina@example.org", "jean@example.org"]),
        ('"Okello, Grace" <grace@example.org>', ["grace@example.org"]),
        ("=?utf-8?b?2KPZhdmK2YbYqQ==?= <amina@example.org>", ["amina@example.org"]),
        ("o'brien+news@mail.example.org", ["o'brien+news@mail.example.org"]),
        ("a@xn--bcher-kva.example", ["a@xn--bcher-kva.example"]),
    ],
)
def test_good_addresses_are_taken(sender, mailbox, value, recipients):
    assert sender.post(to=[value]).status_code == 200

    assert [mail.to for mail in mailbox.client.mails()] == recipients


def test_encoded_name_is_read(sender, mailbox):
    sender.post(
        to=["=?utf-8?b?2KPZhdmK2YbYqQ==?= <amina@example.org>"], **{"recipient-variables": {}}
    )

    assert mailbox.client.mails()[0].headers["to"] == "أمينة <amina@example.org>"


def test_thousand_recipients_are_taken_and_one_more_refused(sender, mailbox):
    people = [f"person{number}@example.org" for number in range(1001)]

    assert sender.post(to=people[:1000], **{"recipient-variables": {}}).status_code == 200
    assert sender.post(to=people, **{"recipient-variables": {}}).status_code == 400
    assert len(mailbox.client.mails()) == 1000


def test_wrong_key_is_401_and_noted(sender, mailbox):
    sender.key = "wrong"

    assert sender.post().status_code == 401
    assert mailbox.ledger.line(1)["refused"] == 401


@pytest.mark.parametrize(
    "fields",
    [
        {"from": None},
        {"from": "nobody"},
        {"text": None},
        {"to": []},
        {"recipient-variables": "{"},
        {"recipient-variables": "[1]"},
        {"recipient-variables": '{"amina@example.org": 1}'},
        {"recipient-variables": '{"amina@example.org": {"u": "\\ud800"}}'},
        {"recipient-variables": "[" * 100_000},
        {"subject": "One\r\nBcc: jean@example.org"},
        {"h__X-Kind": "one\ntwo"},
        {"h__X Kind": "one"},
        {"h__To": "jean@example.org"},
        {"h__Content-Type": "text/html"},
        {"h__Reply-To": ["a@example.org", "b@example.org"]},
        {
            "h__X-Kind": "%recipient.kind%",
            "recipient-variables": '{"amina@example.org": {"kind": "a\\nBcc: b@example.org"}}',
        },
    ],
)
def test_bad_call_is_refused_in_words(sender, mailbox, fields):
    answer = sender.post(**fields)

    assert answer.status_code == 400
    assert answer.json()["message"]
    assert mailbox.client.mails() == []


def test_multipart_and_urlencoded_hold_the_same(sender, mailbox):
    fields = {
        "from": "Centre <news@example.net>",
        "to": "amina@example.org",
        "subject": "100 % & + = مرحبا",
        "text": "a+b=c & d%zz\r\n\r\nتحية",
        "recipient-variables": json.dumps({"amina@example.org": {"u": "é"}}),
    }
    boundary = "edge-of-the-parts"
    body = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )

    sender.post(**{**fields, "to": [fields["to"]]})
    answer = sender.raw(
        f"{body}--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
    )

    assert answer.status_code == 200, answer.text
    first, second = mailbox.client.mails()
    assert (first.subject, first.text) == (second.subject, second.text)
    assert first.subject == fields["subject"]
    assert mailbox.ledger.line(1)["body"] == mailbox.ledger.line(2)["body"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\xff\xfe=%ff", "application/x-www-form-urlencoded"),
        (b"to=%ff", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"", "multipart/form-data"),
        (b"--a\r\nno end", "multipart/form-data; boundary=a"),
        (b"--a\r\n\r\nx\r\n--a--", "multipart/form-data; boundary=a"),
        (b"&" * 20_000, "application/x-www-form-urlencoded"),
        (b"", "\x0f;;=;"),
    ],
)
def test_unreadable_body_is_refused_in_words(sender, body, content_type):
    answer = sender.raw(body, content_type)

    assert answer.status_code == 400
    assert answer.json()["message"]


def test_attachment_is_kept(sender, mailbox):
    boundary = "edge"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (
            ("from", "news@example.net"), ("to", "amina@example.org"),
            ("subject", "With a file"), ("text", "See below"),
        )
    ]  # fmt: skip
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="attachment"; '
        'filename="slip.txt"\r\nContent-Type: text/plain\r\n\r\nslip\r\n'
    )

    sender.raw(
        ("".join(parts) + f"--{boundary}--\r\n").encode(),
        f"multipart/form-data; boundary={boundary}",
    )

    [mail] = mailbox.client.mails()
    message = email.message_from_bytes(mailbox.client.raw(mail.id), policy=default)
    [file] = message.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("slip.txt", "slip")


def test_expand_leaves_what_it_does_not_know():
    values = {"u": "1", "v:d": 2}

    assert expand("%recipient.u% %recipient.v:d% %recipient.x% 100%", values) == (
        "1 2 %recipient.x% 100%"
    )


TEXT = st.text(max_size=40)
HEADERS = st.sampled_from(
    ["Reply-To", "Date", "Message-Id", "List-Unsubscribe", "References", "Sender", "X-Kind"]
)


@settings(max_examples=200, deadline=None)
@given(
    fields=st.fixed_dictionaries(
        {"subject": TEXT, "text": TEXT, "html": TEXT, "o:tag": TEXT, "v:x": TEXT},
        optional={"h:X-Free": TEXT},
    ),
    header=st.tuples(HEADERS, TEXT),
    name=TEXT,
    value=TEXT,
)
@example(
    fields={"subject": "\x85", "text": "a\rb\0", "html": "\x0b", "o:tag": "\n", "v:x": "\u2028"},
    header=("Reply-To", "=?utf-8?q?=0A?= <a@b.org>"),
    name='"=?utf-8?q?=0D?=',
    value="a\r\nBcc: b@example.org",
)
def test_whatever_is_taken_can_be_shown(fields, header, name, value):
    """Strange input is refused at once, never found out later by whoever looks at the mail."""
    form = Form({key: [text] for key, text in fields.items()})
    form.fields.update(
        {
            "from": ["news@example.net"],
            "to": [f"{name} <amina@example.org>"],
            f"h:{header[0]}": [f"{header[1]}%recipient.x%"],
            "recipient-variables": [json.dumps({"amina@example.org": {"x": value}})],
        }
    )
    try:
        call = read_call("example.net", form)
    except Refusal:
        return

    mail = Mail(Taken(1, 0, "<1@example.net>", call.body, call.recipients, call.domain), 1)
    message = email.message_from_bytes(mail.raw, policy=default)

    assert message.get_all("Bcc") is None
    assert mail.to in str(message["To"])
    assert not BREAKS.search(mail.subject)
    assert isinstance(mail.headers, list)
    assert mail.html_size >= 0
