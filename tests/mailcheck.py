"""What every mail must satisfy, as far as one mail can show it.

In: a mail as it leaves (localmail's raw mail, or Anymail's test outbox). Out: nothing, or an
AssertionError with a line for each fault. The fixture at the end holds every test to it.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator
from copy import deepcopy
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from newsletters.typeset import weight
from tests import mailbody

ONCE = ("From", "To", "Subject", "Date", "Message-ID")
LIST_HEADERS = ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "List-Post")
REFUSED_WEIGHT = 100 * 1024
FIXED = {
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "List-Post": "NO",
    "Auto-Submitted": "auto-generated",
    "Precedence": "bulk",
    "X-Auto-Response-Suppress": "OOF, AutoReply",
}
PLACEHOLDER = re.compile(
    r"%(recipient|tag_|unsubscribe_|mailing_list_)|\{\{|\{%|\[\[|\*\||@h\d+@|@card@|<%"
    r"|[\ue000-\uf8ff]|(?<![\w/=-])TK(?![\w/=-])|\\u\{"
)
ENCODED_WORD = re.compile(r"=\?([^?]+)\?([bBqQ])\?([^?]*)\?=")
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
ISOLATED = re.compile("[\u2066-\u2068][^\u2069]*\u2069")


def check_mail(message: Message, *, bulk: bool, text_alone: bool = False) -> None:
    """Raise AssertionError with every line of the checklist that this mail fails.

    `text_alone`: its reader asked for a mail without HTML.
    """
    found = list(faults(message, bulk=bulk, text_alone=text_alone))
    if found:
        subject = _subject(message)
        listed = "\n".join(f"  - {fault}" for fault in found)
        raise AssertionError(f"The mail {subject!r} must not leave so:\n{listed}")


def faults(message: Message, *, bulk: bool, text_alone: bool = False) -> Iterator[str]:
    """Each fault of a mail as a sentence, read from its octets as a mailbox would."""
    message = message_from_bytes(message.as_bytes())
    yield from _envelope(message)
    yield from _encoding_of_headers(message)
    yield from _bulk_headers(message) if bulk else _letter_headers(message)
    if text_alone and message.get_content_type() == "text/plain":
        yield from _text_alone(message)
        return
    parts = message.get_payload()
    kinds = [part.get_content_type() for part in parts] if isinstance(parts, list) else []
    if message.get_content_type() != "multipart/alternative" or kinds != [
        "text/plain",
        "text/html",
    ]:
        yield f"it is {message.get_content_type()} of {kinds}, not alternative: text, then HTML"
        return
    text_part, html_part = parts
    for part in parts:
        yield from _encoding_of_part(part)
    text, html = _decoded(text_part), _decoded(html_part)
    subject = _subject(message)
    yield from _subject_line(subject, mailbody.language_of(html))
    for name, content in (("subject", subject), ("text", text), ("HTML", html)):
        yield from (
            f"a placeholder is left in the {name}: {content[found.start() :][:30]!r}"
            for found in PLACEHOLDER.finditer(content)
        )
    address = getaddresses([message.get("To", "")])[0][1]
    if address and address.lower() in (text + html).lower():
        yield "the reader's own address stands in the body: mail is forwarded"
    yield from mailbody.faults(html, text, bulk=bulk)
    if bulk:
        link = re.match(r"<(\S+?)>", message.get("List-Unsubscribe", ""))
        yield from mailbody.ways_out(html, text, link.group(1) if link else "")


def _text_alone(message: Message) -> Iterator[str]:
    """For readers who want no HTML: what holds of a text part holds of the whole mail."""
    yield from _encoding_of_part(message)
    text, subject = _decoded(message), _subject(message)
    for name, content in (("subject", subject), ("text", text)):
        yield from (
            f"a placeholder is left in the {name}: {content[found.start() :][:30]!r}"
            for found in PLACEHOLDER.finditer(content)
        )
    address = getaddresses([message.get("To", "")])[0][1]
    if address and address.lower() in text.lower():
        yield "the reader's own address stands in the body: mail is forwarded"
    link = re.match(r"<(\S+?)>", message.get("List-Unsubscribe", ""))
    if not link or link.group(1) not in text:
        yield "the text does not say how to leave"


def _envelope(message: Message) -> Iterator[str]:
    for name in ONCE:
        if len(message.get_all(name, [])) != 1:
            yield f"{name} stands {len(message.get_all(name, []))} times, not once"
    if len(getaddresses([str(value) for value in message.get_all("To", [])])) != 1:
        yield "To does not name exactly one person"
    for name in ("Cc", "Bcc"):
        if name in message:
            yield f"{name} names people who did not ask to be seen together"


def _encoding_of_headers(message: Message) -> Iterator[str]:
    for name, raw in message.items():
        value = str(raw)
        if re.search("[\r\n](?![ \t])|[\0\u2028\u2029]", value) or not re.fullmatch(
            r"[!-9;-~]+", name
        ):
            yield f"{name} has a line break, NUL or an odd name: {value!r}"
        for charset, coding, word in ENCODED_WORD.findall(value):
            try:
                octets = base64.b64decode(word) if coding in "bB" else _quoted(word)
                octets.decode(charset)
            except (UnicodeDecodeError, LookupError, binascii.Error):
                yield f"{name} is split inside a character: {word}"
        if PLACEHOLDER.search(_words(value)):
            yield f"a placeholder is left in {name}: {value!r}"


def _quoted(word: str) -> bytes:
    return binascii.a2b_qp(word.replace("_", " "))


def _bulk_headers(message: Message) -> Iterator[str]:
    unsubscribe = message.get("List-Unsubscribe", "")
    if not re.fullmatch(r"<https?://[^<>\s,]+>(, ?<mailto:[^<>\s]+>)?", unsubscribe):
        yield f"List-Unsubscribe is not one https address: {unsubscribe!r}"
    else:
        yield from mailbody.address_faults(unsubscribe.partition(">")[0][1:], "List-Unsubscribe")
    for name, value in FIXED.items():
        if message.get(name) != value:
            yield f"{name} is {message.get(name)!r}, not {value!r}"
    phrase = " ".join(_words(message.get("List-Id", "")).split())
    if not re.fullmatch(r".*\S.* <[\w-]+(\.[\w-]+)+>", phrase) or len(message["List-Id"]) > 255:
        yield f"List-Id is no readable phrase with a stable name of ≤ 255 characters: {phrase!r}"
    if "List-Archive" not in message or not ("List-Owner" in message or "List-Help" in message):
        yield "List-Archive, or List-Owner and List-Help, are missing"
    feedback = message.get("Feedback-ID", "")
    if not 1 < len(feedback.split(":")) <= 4 or "@" in feedback:
        yield f"Feedback-ID has not 2 to 4 fields without a person: {feedback!r}"
    if "@" not in message.get("Reply-To", ""):
        yield "Reply-To does not name an address that people read"


def _letter_headers(message: Message) -> Iterator[str]:
    for name in (*LIST_HEADERS, "Precedence", "Feedback-ID"):
        if name in message:
            yield f"a letter has no {name}: it is no mailing"


def _encoding_of_part(part: Message) -> Iterator[str]:
    kind = part.get_content_type()
    if part.get_content_charset() != "utf-8":
        yield f"{kind} is not in UTF-8"
        return
    if part.get_content_disposition() == "attachment":
        yield f"{kind} is an attachment"
    wire = part.as_bytes().partition(b"\n\n")[2]
    if (longest := max((len(line) for line in wire.splitlines()), default=0)) > 998:
        yield f"a line of {kind} has {longest} octets, more than 998"
    content = _decoded(part)
    if any(unicodedata.category(c) == "Cc" and c not in "\r\n\t" for c in content):
        yield f"{kind} has control characters"
    coding = part.get("Content-Transfer-Encoding", "8bit").lower()
    octets = weight(content) if coding in {"8bit", "7bit", "binary"} else len(wire)
    if kind == "text/html" and octets > REFUSED_WEIGHT:
        yield f"the HTML weighs {octets // 1024} KB on the wire: Gmail clips at 102"
    if coding == "quoted-printable" and octets > 1.2 * 78 * (len(content.encode()) / 57 + 1):
        yield f"{kind} is quoted-printable, far heavier than base64"


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _subject(message: Message) -> str:
    unfolded = re.sub(r"\r?\n(?=[ \t])", "", message.get("Subject", ""))
    return _words(unfolded)


def _words(value: str) -> str:
    """A header's value as a reader sees it; as it is where it cannot be decoded."""
    try:
        return str(make_header(decode_header(value)))
    except UnicodeDecodeError:
        return value


def _subject_line(subject: str, language: str) -> Iterator[str]:
    if not 10 <= len(subject) <= 78:
        yield f"the subject has {len(subject)} characters, not 10 to 78"
    if subject.count("\u2066") + subject.count("\u2067") + subject.count("\u2068") != (
        subject.count("\u2069")
    ):
        yield "a bidi isolate of the subject stays open"
    right_to_left = any(unicodedata.bidirectional(c) in {"R", "AL"} for c in subject)
    if language == "ar" and right_to_left and LATIN_WORD.search(ISOLATED.sub("", subject)):
        yield f"a Latin name stands in an Arabic subject without isolates: {subject!r}"


def leaving(message: EmailMultiAlternatives) -> Iterator[Message]:
    """A mail of the test outbox as it leaves: a batch becomes one mail a person."""
    merge_data: dict[str, dict[str, Any]] | None = getattr(message, "merge_data", None)
    if merge_data is None:
        yield message.message()
        return
    for address in message.to:
        own = EmailMultiAlternatives(
            subject=message.subject,
            body=message.body,
            from_email=message.from_email,
            to=[address],
            reply_to=message.reply_to,
            headers=deepcopy(message.extra_headers),
        )
        headers = getattr(message, "merge_headers", None)
        own.extra_headers |= headers.get(address, {}) if isinstance(headers, dict) else {}
        for content, kind in message.alternatives:
            own.attach_alternative(_merged(str(content), merge_data[address]), kind)
        own.body = _merged(str(own.body), merge_data[address])
        own.subject = _merged(str(own.subject), merge_data[address])
        own.extra_headers = {
            name: _merged(str(value), merge_data[address])
            for name, value in own.extra_headers.items()
        }
        yield own.message()


def _merged(content: str, values: dict[str, Any]) -> str:
    """What Mailgun does: `%recipient.name%` becomes the recipient's value."""
    for name, value in values.items():
        content = content.replace(f"%recipient.{name}%", str(value))
    return content


@pytest.fixture
def mail_may_be_bad() -> None:
    """Asked for by a test that sends, on purpose, what must never leave."""


@pytest.fixture(autouse=True)
def every_mail_is_checked(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test: every mail that it sent meets the checklist."""
    yield
    if "mail_may_be_bad" in request.fixturenames or not settings.configured:
        return
    for message in getattr(mail, "outbox", []):
        for one in leaving(message):
            check_mail(one, bulk="List-Unsubscribe" in one)
