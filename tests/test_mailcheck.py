"""The check of mails is itself checked: for every line, one mail that is bad in just that way."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import Message

import pytest
from django.core.mail import EmailMultiAlternatives

from newsletters.checks import sight
from tests import mailcheck
from tests.mailsamples import CALL, KENYA, MALI, digest, entry

Change = Callable[[EmailMultiAlternatives], object]


def html(old: str, new: str) -> Change:
    """Replace something in the HTML part."""

    def change(message: EmailMultiAlternatives) -> None:
        page = str(message.alternatives[0][0])
        assert re.search(old, page), f"{old} is not in the sample"
        message.alternatives[0] = type(message.alternatives[0])(
            re.sub(old, lambda found: new, page, count=1), "text/html"
        )

    return change


def body(old: str, new: str) -> Change:
    """Replace something in the text part."""

    def change(message: EmailMultiAlternatives) -> None:
        assert re.search(old, str(message.body)), f"{old} is not in the sample"
        message.body = re.sub(old, lambda found: new, str(message.body), count=1)

    return change


def header(name: str, value: str | None) -> Change:
    """Set or take away a header."""

    def change(message: EmailMultiAlternatives) -> None:
        message.extra_headers.pop(name, None)
        if value is not None:
            message.extra_headers[name] = value

    return change


def field(name: str, value: object) -> Change:
    """Set something of the message itself."""
    return lambda message: setattr(message, name, value)


BAD = [
    (field("to", ["a@example.net", "b@example.net"]), "To does not name exactly one person"),
    (field("cc", ["b@example.net"]), "Cc names people"),
    (header("Bcc", "b@example.net"), "Bcc names people"),
    (header("List-Unsubscribe", "<mailto:x@example.org>"), "not one https address"),
    (header("List-Unsubscribe", None), "the HTML has no link to the address of List-Unsub"),
    (header("List-Unsubscribe", "<https://other.example/x/>"), "leads to another host"),
    (header("List-Unsubscribe-Post", None), "List-Unsubscribe-Post is None"),
    (header("List-Id", "stories"), "List-Id is no readable phrase"),
    (header("List-Id", f'"{"x" * 240}" <stories.example.org>'), "List-Id is no readable"),
    (header("List-Archive", None), "List-Archive, or"),
    (header("List-Owner", None), "List-Archive, or"),
    (header("List-Post", None), "List-Post is None"),
    (header("Auto-Submitted", "no"), "Auto-Submitted is 'no'"),
    (header("Precedence", None), "Precedence is None"),
    (header("X-Auto-Response-Suppress", None), "X-Auto-Response-Suppress is None"),
    (header("Feedback-ID", "a:b:c:d:e"), "Feedback-ID has not"),
    (header("Feedback-ID", "a:reader@example.net:b"), "Feedback-ID has not"),
    (header("X-Note", "=?utf-8?b?2A==?="), "split inside a character"),
    (header("X-Note", "%recipient.u%"), "a placeholder is left in X-Note"),
    (field("reply_to", []), "Reply-To does not name"),
    (field("subject", "Short"), "the subject has 5 characters"),
    (field("subject", "Long " * 20), "characters, not 10 to 78"),
    (field("subject", "Hello {{ name }} there"), "a placeholder is left in the subject"),
    (field("subject", "An open \u2068 isolate here"), "a bidi isolate of the subject stays open"),
    (field("alternatives", []), "not alternative: text, then HTML"),
    (lambda message: message.attach("a.txt", "x", "text/plain"), "not alternative"),
    (html("</h1>", "</h1>reader@example.net"), "the reader's own address"),
    (html("</body>", "<p>" + "x" * 105_000 + "</p></body>"), "KB on the wire"),
    (html("</body>", "\x85</body>"), "control characters"),
    (html("</body>", "%recipient.u%</body>"), "a placeholder is left in the HTML"),
    (html("</body>", "@h3@</body>"), "a placeholder is left in the HTML"),
    (html("</body>", "\ue000</body>"), "a placeholder is left in the HTML"),
    (body("Mali", "[[name]]"), "a placeholder is left in the text"),
    (body("Mali", "*|NAME|*"), "a placeholder is left in the text"),
    (body("Mali", "TK"), "a placeholder is left in the text"),
    (html("</body>", "<script>1</script></body>"), "<script> has no place"),
    (html("</body>", "<form></form></body>"), "<form> has no place"),
    (html("</body>", '<img src="data:image/png;base64,AA" alt="x" width="9"></body>'), "data:"),
    (html("</style>", "@import url(https://fonts.example)</style>"), "a style fetches"),
    (html("<h1", '<h1 onclick="x()"'), "a script hides"),
    (html("</body>", "<mj-text>x</mj-text></body>"), "MJML is left"),
    (html("</style>", "a{} " * 2100 + "</style>"), "a <style> has 8 KB"),
    (html("prefers-color-scheme", "prefers-contrast"), "nothing about dark mode"),
    (html("<title>[^<]*", "<title>"), "it has no title"),
    (html('<td lang="en" dir="ltr"', "<td"), "has not lang and dir"),
    (html('<html lang="en"', "<html"), "has not lang and dir"),
    (html("</h1>", "</h1><h1>Two</h1>"), "it has 2 h1"),
    (html("<h2", "<h4"), "headings skip a level"),
    (html('role="presentation" align="center" style="width:100%;"', ""), "not role=presentation"),
    (html('alt="[^"]*"', ""), "a picture has no alt"),
    (html('alt="[^"]*"', 'alt=" "'), "a picture has no alt"),
    (html('<img ([^>]*)width="\\d+"', "<img "), "a picture has no width"),
    (html('<img', '<img width="1" src="http://testserver/t.png" alt="t"><img'), "a tracker"),
    (html('src="http://testserver', 'src="https://cdn.example'), "leads to another host"),
    (html("http://testserver/n/p", "/n/p"), "not an absolute https address"),
    (html("http://testserver/n/p", "https://short.example/n/p"), "leads to another host"),
    (html(">Unsubscribe<", "><"), "a link has no words"),
    (html(">Unsubscribe<", ">Click here<"), "makes no sense alone"),
    (html(">Unsubscribe<", ">http://testserver/u<"), "makes no sense alone"),
    (html(">Unsubscribe<", ">Choose what you follow and how often<"), "two links say"),
    (html("padding:11px 0", "padding:2px 0"), "px high, not 44"),
    (html("font-size:14px", "font-size:11px"), "text of 11 px"),
    (html("color:#56615C", "color:#B0B0A0"), "contrast"),
    (html("<div[^>]*display:none[^>]*>.*?</div>", ""), "it has no preheader"),
    (html("Also in this issue", "A" * 90), "the preheader has"),
    (html("(\u034f\u00a0\u00ad)+", ""), "the preheader is not padded"),
    (html("<body[^>]*>", "<body>Hello"), "the preheader is not the first text"),
    (html("Also in this issue", '<a href="http://testserver/n/p/Pre4erences/">Also</a>'),
     "the preheader is a link"),
    (body("Mali", "<p>Mali</p>"), "HTML tags in it"),
    (body("Mali", "Mali&nbsp;"), "HTML entities in it"),
    (body("Mali", "\n\n\n\nMali"), "holes of empty lines"),
    (body("Reading the ledger", "Reading a ledger"), "the text has not the heading"),
    (body("http://testserver/en/stories/Read", "http://testserver/"), "the text has not the link"),
    (body("http://testserver/n/u", "http://testserver/n"), "the text has not the address of List"),
    (body("http://testserver/n/p/", "http://testserver/"), "the footer has no link: preferences"),
    (html("http://testserver/n/u", "http://testserver/n"), "the HTML has no link to the address"),
    (html("/newsletters/", "/n/"), "the footer has no link: view in browser"),
    (lambda message: [html("Sycamore Centre for", "")(message) for _ in range(2)],
     "the HTML does not say who sends"),
]  # fmt: skip


def sample() -> EmailMultiAlternatives:
    return digest(entry(KENYA, picture=True), entry(MALI), entry(CALL))


def test_a_good_mail_has_no_fault() -> None:
    assert list(mailcheck.faults(sample().message(), bulk=True)) == []


@pytest.mark.parametrize(
    ("change", "fault"), BAD, ids=[f"{n} {bad[1]}" for n, bad in enumerate(BAD)]
)
def test_a_bad_mail_is_named(change: Change, fault: str) -> None:
    message = sample()
    change(message)

    found = list(mailcheck.faults(message.message(), bulk=True))

    assert any(fault in line for line in found), found


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("From", "b@example.net", "From stands 2 times"),
        ("Subject", "Another subject here", "Subject stands 2 times"),
        ("To", "b@example.net", "To stands 2 times"),
    ],
)
def test_a_header_that_stands_twice_is_named(name: str, value: str, fault: str) -> None:
    message: Message = sample().message()
    Message.__setitem__(message, name, value)

    assert fault in list(mailcheck.faults(message, bulk=True))[0]


@pytest.mark.parametrize("name", ["Date", "Message-ID", "Subject"])
def test_a_header_that_lacks_is_named(name: str) -> None:
    message: Message = sample().message()
    del message[name]

    assert f"{name} stands 0 times, not once" in list(mailcheck.faults(message, bulk=True))


def test_a_letter_with_list_headers_is_named() -> None:
    found = list(mailcheck.faults(sample().message(), bulk=False))

    assert "a letter has no List-Unsubscribe: it is no mailing" in found


def test_html_before_text_is_named() -> None:
    message: Message = sample().message()
    message.set_payload(list(reversed(message.get_payload())))

    assert "not alternative: text, then HTML" in list(mailcheck.faults(message, bulk=True))[0]


def test_arabic_in_quoted_printable_is_named() -> None:
    message: Message = digest(entry(KENYA), language="ar").message()
    part = message.get_payload()[1]
    page = part.get_payload(decode=True)
    del part["Content-Transfer-Encoding"]
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload("".join(f"={octet:02X}" for octet in page))

    found = list(mailcheck.faults(message, bulk=True))

    assert "text/html is quoted-printable, far heavier than base64" in found


def test_a_left_side_in_arabic_is_named() -> None:
    message = digest(entry(KENYA), language="ar")
    html("text-align:right", "text-align:left")(message)

    found = list(mailcheck.faults(message.message(), bulk=True))

    assert any(line.startswith("one-sided in right-to-left") for line in found)


def test_a_bare_latin_name_in_an_arabic_subject_is_named() -> None:
    message = digest(entry(KENYA), language="ar", discreet=False)
    message.subject = "تقرير جديد من UNODC عن كينيا"

    found = list(mailcheck.faults(message.message(), bulk=True))

    assert any("without isolates" in line for line in found)


def test_check_mail_raises_with_every_fault() -> None:
    message = sample()
    message.subject = "Short"
    header("Precedence", None)(message)

    with pytest.raises(AssertionError, match=r"(?s)'Short'.*Precedence is None.*5 characters"):
        mailcheck.check_mail(message.message(), bulk=True)


def test_a_batch_leaves_as_one_mail_a_person() -> None:
    message = sample()
    message.to = ["a@example.net", "b@example.net"]
    message.body = str(message.body).replace("Unsub5cribe", "%recipient.u%")
    message.merge_data = {"a@example.net": {"u": "AAA"}, "b@example.net": {"u": "BBB"}}

    first, second = mailcheck.leaving(message)

    assert (first["To"], second["To"]) == ("a@example.net", "b@example.net")
    assert "/n/u/AAA/" in first.as_string()
    assert "/n/u/BBB/" in second.as_string()


def test_contrast_is_reckoned_as_wcag_does() -> None:
    assert sight.contrast("#000000", "#FFFFFF") == 21
    assert round(sight.contrast("#56615C", "#FAF7F0"), 1) == 6.0
