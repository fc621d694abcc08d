"""Digests and letters as they leave: whole, light, in the reader's language, harmless."""

from __future__ import annotations

import base64
import datetime as dt
import quopri
import re
import sys
import unicodedata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import html5lib
import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import get_language, gettext, override

from newsletters import typeset
from newsletters.checks.sight import contrast
from newsletters.markup import JOINER, clean, clip, directed, harmless, harmless_url, isolate
from newsletters.pipeline import headers, render
from tests.mailcheck import check_mail
from tests.mailsamples import CALL, KENYA, MALI, digest, entry, newsletter, text

TEMPLATES = Path(settings.BASE_DIR) / "templates"
LANGUAGES = ["en", "fr", "ar", "pt"]
ACKNOWLEDGED = {"acknowledgement": "Funded by the Ministry of Example; administered by a partner."}
KNOWN_TAGS = {
    *("mjml", "mj-head", "mj-title", "mj-attributes", "mj-all", "mj-style", "mj-raw", "mj-body"),
    *("mj-section", "mj-column", "mj-text", "mj-image"),
}
OPENERS = [
    "%recipient.u%",
    "%unsubscribe_url%",
    "{{ name }}",
    "{{{name}}}",
    "{% name %}",
    "{$name}",
    "*|NAME|*",
    "[[name]]",
    "[%name%]",
    "[% name %]",
    "<% name %>",
    "${name}",
    "#{name}",
]


def html_of(message: EmailMultiAlternatives) -> str:
    return str(message.alternatives[0][0])


def text_of(message: EmailMultiAlternatives) -> str:
    return str(message.body)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(lambda: digest(entry()), id="one entry"),
        pytest.param(lambda: digest(entry(), entry(MALI), entry(CALL)), id="three entries"),
        pytest.param(lambda: digest(entry(), language="ar"), id="Arabic"),
        pytest.param(lambda: digest(entry(), entry(MALI, languages=("en",)), language="ar"),
                     id="English in an Arabic frame"),
        pytest.param(lambda: digest(entry(), language="fr"), id="English in a French frame"),
        pytest.param(lambda: digest(entry(picture=True, **ACKNOWLEDGED)), id="a picture"),
        pytest.param(lambda: digest(entry(audience="members"), entry(MALI)), id="for members"),
        pytest.param(lambda: digest(entry(), entry(MALI), discreet=True), id="discreet"),
        pytest.param(lambda: digest(entry(), discreet=True, language="ar"), id="discreet, Arabic"),
        pytest.param(lambda: digest(entry(deadline=dt.date(2026, 12, 1), note="By 1 December")),
                     id="a deadline"),
        pytest.param(lambda: digest(entry(title="A" * 200)), id="a word without end"),
        pytest.param(lambda: digest(entry(title="Ghana", standfirst="", kicker="")), id="little"),
    ],
)  # fmt: skip
def test_a_digest_meets_the_checklist(message: Any) -> None:
    check_mail(message().message(), bulk=True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("confirm", {"newsletter": "Stories", "confirm_url": "/n/c/abc/", "interests": "Kenya"}),
        ("confirm", {"newsletter": "Stories", "confirm_url": "/n/c/abc/", "interests": ""}),
        ("welcome", {"newsletter": "Stories", "preferences_url": "/n/p/abc/"}),
        ("preferences_link", {"preferences_url": "/n/p/abc/"}),
        ("test", {"site": "network.example.org"}),
    ],
)
def test_a_letter_meets_the_checklist(kind: str, params: dict[str, str], language: str) -> None:
    params = {
        name: settings.SITE_URL + value if name.endswith("_url") else value
        for name, value in params.items()
    }

    letter = typeset.letter(kind=kind, language=language, params=params)

    message = EmailMultiAlternatives(letter.subject, letter.text, to=["reader@example.net"])
    message.attach_alternative(letter.html, "text/html")
    check_mail(message.message(), bulk=False)


@pytest.mark.parametrize("opener", OPENERS)
def test_content_never_becomes_a_token(opener: str) -> None:
    title = f"Before {opener} after, a title"
    story = entry(title=title, standfirst=opener, kicker=opener, note=opener,
                  acknowledgement=opener, picture=True)  # fmt: skip

    message = digest(story, entry(MALI, title=title))

    raw = message.message().as_string()
    for part in (html_of(message), text_of(message), message.subject, raw):
        assert opener not in part
    page = BeautifulSoup(html_of(message), "html.parser")
    assert title in page.h2.get_text()
    assert title in text_of(message).replace(JOINER, "")
    assert title in message.subject.replace(JOINER, "")


def test_private_use_characters_of_content_never_stand_for_a_token() -> None:
    story = entry(title=f"Click {render.UNSUBSCRIBE} here, editor", standfirst=render.ENTRIES)

    message = digest(story)

    assert "Click u here, editor" in text_of(message)
    assert html_of(message).count("Unsub5cribe") == 1
    assert not re.search("[\ue000-\uf8ff]", html_of(message) + text_of(message))


def test_content_cannot_leave_its_attribute_or_its_element() -> None:
    story = entry(picture=True, title='"><script>alert("x")</script> & \\u{41} @h0@ é')

    message = digest(story)

    page = BeautifulSoup(html_of(message), "html.parser")
    assert page.find("script") is None
    heading = " ".join(page.h2.get_text().split())
    assert heading.startswith('"><script>alert("x")</script> & \\u{41} @h0@ é')
    assert page.img["alt"] == "A road and a gate"


def test_an_address_with_odd_characters_stays_one_link() -> None:
    address = harmless_url('https://x.example/é "%recipient.u%/{{u}}*|x|*[[y]]%D8')

    assert address == (
        "https://x.example/%C3%A9%20%22%25recipient.u%25/%7B%7Bu%7D%7D*%7Cx%7C*%5B%5By%5D%5D%D8"
    )


def test_an_entry_for_members_goes_as_title_and_link_only() -> None:
    hidden = {"kicker": "Kicker", "standfirst": "Standfirst", "note": "Note",
              "acknowledgement": "Acknowledgement"}  # fmt: skip

    message = digest(entry(audience="members", picture=True, **hidden), entry(MALI))

    for part in (html_of(message), text_of(message), message.subject):
        assert not [word for word in hidden.values() if word in part]
    assert "/media/" not in html_of(message)
    assert KENYA["en"][1] in text_of(message)


def test_a_discreet_mail_names_neither_subject_nor_network_before_it_is_opened() -> None:
    message = digest(entry(), entry(MALI), discreet=True)

    outside = {
        "subject": message.subject,
        "from": message.from_email.partition("<")[0],
        "list": message.extra_headers["List-Id"] + message.extra_headers["Feedback-ID"],
        "preheader": BeautifulSoup(html_of(message), "html.parser").find(
            style=re.compile("display:none")
        ).get_text(),
    }  # fmt: skip
    names = ["Sycamore", "Country", "country", "stories", "Kenya", "border", "Mali", "ledger"]
    assert [n for n in names for value in outside.values() if n in value] == []
    assert outside["from"] == '"Your reading" '


def test_an_acknowledgement_stands_as_text_in_both_parts() -> None:
    message = digest(entry(**ACKNOWLEDGED))

    assert ACKNOWLEDGED["acknowledgement"] in html_of(message)
    assert ACKNOWLEDGED["acknowledgement"] in text_of(message)


def test_a_card_keeps_its_own_language_in_another_frame() -> None:
    message = digest(entry(), entry(MALI, languages=("en",)), language="ar")

    page = BeautifulSoup(html_of(message), "html.parser")
    arabic, english = (heading.find_parent("td") for heading in page.find_all("h2"))
    assert (arabic["lang"], arabic["dir"], arabic["align"]) == ("ar", "rtl", "right")
    assert (english["lang"], english["dir"], english["align"]) == ("en", "ltr", "left")
    assert (page.html["lang"], page.html["dir"]) == ("ar", "rtl")


def test_the_mail_speaks_the_language_asked_for_whatever_is_active() -> None:
    with override("en"):
        arabic = digest(entry(), language="ar")
        assert get_language() == "en"
    with override("ar"):
        english = digest(entry(), language="en")

    assert "إلغاء الاشتراك" in html_of(arabic)
    assert "Unsubscribe" in text_of(english)


def test_composing_only_joins_what_was_rendered() -> None:
    frame = render.frame(newsletter=newsletter(), language="en", discreet=False, archive_url="")
    cards = [
        render.fragment(entry=entry(words), text=text("en", words), language="en")
        for words in (KENYA, MALI)
    ]

    mail = render.compose(frame=frame, fragments=cards, preheader="A & B %recipient.u%")

    before, after = frame.html.split(render.ENTRIES)
    assert mail.html.endswith(cards[0].html + cards[1].html + after)
    assert "A &amp; B &#37;recipient.u&#37;" in mail.html
    assert render.UNSUBSCRIBE in mail.text
    assert render.PREHEADER not in mail.html


def test_seven_arabic_entries_weigh_at_most_thirty_kilobytes() -> None:
    long = "يشرح الزملاء كيف غيّروا الإجراء خطوة خطوة، وما الذي تعلّموه من الأخطاء. " * 2

    message = digest(*[entry(standfirst=long) for _ in range(7)], language="ar")

    assert typeset.weight(html_of(message)) <= 30 * 1024


@pytest.mark.parametrize(
    ("content", "encode"),
    [
        ("قراءة الدفتر قبل المداهمة " * 200, base64.encodebytes),
        ("A plain = sentence with é. " * 200, quopri.encodestring),
    ],
)
def test_weight_is_what_the_wire_carries(content: str, encode: Any) -> None:
    wire = encode(content.encode()).replace(b"\n", b"\r\n")

    assert abs(typeset.weight(content) - len(wire)) / len(wire) < 0.02


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("heading", [render.MORE, render.ELSEWHERE, render.SILENT])
def test_a_digest_of_every_form_meets_the_checklist(language: str, heading: str) -> None:
    spoken = "ar" if language == "ar" else "en"
    story, call = entry(KENYA), entry(CALL, deadline=dt.date(2026, 12, 1), note="Until 1 December.")
    thanked = entry(MALI, acknowledgement="Made possible by the people of a far country.")
    closed = entry(MALI, audience="members")
    label = "حماية الشهود % {{x}}" if spoken == "ar" else "Kenya & %recipient.x%"
    card = render.card(entry=story, text=story.text_for([spoken]))
    lines = [
        render.line(entry=one, text=text)
        for one in (story, call, thanked, closed)
        if (text := one.text_for([spoken]))
    ]
    pieces = [
        render.because(card, label, spoken),
        render.heading(heading, language=language),
        *lines,
    ]

    message = digest(story, language=language, pieces=pieces)

    check_mail(message.message(), bulk=True)
    assert text_of(message).count("/stories/") == 5
    assert ("Kenya &amp;" in html_of(message)) == (spoken == "en")


def test_a_reason_is_said_once_and_a_card_without_one_says_nothing() -> None:
    story = entry(KENYA)
    card = render.card(entry=story, text=text("en", KENYA))

    told = render.because(card, "Kenya", "en")
    plain = render.because(card, "", "en")

    assert " ".join(told.html.split()).count("Because you follow Kenya.") == 1
    assert told.text.count("Because you follow Kenya.") == 1
    assert "Because" not in plain.html + plain.text
    assert plain == render.fragment(entry=story, text=text("en", KENYA), language="en")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_more_than_one_mail_can_hold_leads_to_the_site(language: str) -> None:
    message = digest(*[entry(words) for words in (KENYA, MALI, CALL)] * 20, language=language)

    check_mail(message.message(), bulk=True)
    assert typeset.weight(html_of(message)) <= 80 * 1024
    assert html_of(message).count("<h2") == text_of(message).count("/stories/") < 60
    with override(language):
        assert gettext("There is more for you than one mail can hold.") in text_of(message)


def test_few_entries_do_not_speak_of_more() -> None:
    message = digest(entry(), entry(MALI))

    assert "more for you than" not in html_of(message) + text_of(message)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("discreet", [False, True])
@pytest.mark.parametrize("title", ["Mali", "Reading the ledger", "قراءة", "W" * 200, "ab cd " * 40])
def test_subject_and_preheader_keep_their_lengths(
    language: str, discreet: bool, title: str
) -> None:
    for count in (1, 2, 3, 7, 11, 62):
        texts = [text("en", KENYA, title=title) for _ in range(count)]
        whom = {"newsletter": newsletter(), "language": language, "discreet": discreet}

        assert 10 <= len(headers.subject(**whom, texts=texts)) <= 78
        assert 40 <= len(clean(headers.preheader(**whom, texts=texts))) <= 110


@pytest.mark.parametrize(
    ("language", "count", "subject"),
    [
        ("en", 1, "A border post learns to ask first"),
        ("en", 2, "A border post learns to ask first, and 1 more"),
        ("en", 3, "A border post learns to ask first, and 2 more"),
        ("ar", 2, "نقطة حدودية تتعلم أن تسأل أولًا، ومادة أخرى"),
        ("ar", 3, "نقطة حدودية تتعلم أن تسأل أولًا، ومادتان أخريان"),
        ("ar", 4, "نقطة حدودية تتعلم أن تسأل أولًا، و3 مواد أخرى"),
        ("ar", 12, "نقطة حدودية تتعلم أن تسأل أولًا، و11 مادة أخرى"),
    ],
)
def test_subject_counts_as_its_language_does(language: str, count: int, subject: str) -> None:
    texts = [text(language, KENYA)] * count

    assert subject == headers.subject(
        newsletter=newsletter(), texts=texts, language=language, discreet=False
    )


def test_subject_and_preheader_speak_the_readers_language_alone() -> None:
    whom = {"newsletter": newsletter(), "language": "ar", "discreet": False}
    arabic, english = text("ar", KENYA), text("en", MALI)

    mixed = headers.subject(**whom, texts=[english, arabic, english])
    none_in_it = headers.subject(**whom, texts=[english, english])
    after_it = headers.preheader(**whom, texts=[english, arabic, english])

    assert clean(arabic.title) in mixed
    assert newsletter().wording("ar").name in none_in_it
    assert [line for line in (mixed, none_in_it, after_it) if "ledger" in line] == []


@pytest.mark.parametrize("character", ["\r", "\n", "\0", "\u2028"])
def test_a_title_cannot_break_a_header_nor_stop_the_mailing(character: str) -> None:
    texts = [text("en", KENYA, title=f"A title{character}Bcc: x@example.net")]

    line = headers.subject(newsletter=newsletter(), texts=texts, language="en", discreet=False)

    assert line == "A title Bcc: x@example.net"


def test_a_name_that_would_break_a_header_is_refused() -> None:
    bad = newsletter(reply_to="desk@example.org>\r\nBcc: x@example.net")

    with pytest.raises(ValueError, match="cannot stand in a mail's header"):
        headers.list_headers(
            newsletter=bad, language="en", discreet=False, unsubscribe_url="https://x.example/"
        )


def test_latin_names_are_isolated_in_arabic() -> None:
    assert isolate("تقرير من UNODC, Vienna عن كينيا", "ar") == (
        "تقرير من \u2068UNODC, Vienna\u2069 عن كينيا"
    )
    assert isolate("A report of UNODC", "en") == "A report of UNODC"


def test_an_arabic_line_stays_right_to_left_after_a_latin_word() -> None:
    assert directed("UNODC في القاهرة\nhttps://x.example/", "ar") == (
        "\u200fUNODC في القاهرة\nhttps://x.example/"
    )


def test_clean_takes_out_what_no_reader_sees() -> None:
    assert clean("a\u202eb\ue000c\x85d\0e\u2028 f\n") == "abc d e f"


def test_cleaning_knows_every_character_of_unicode() -> None:
    """The ranges in the patterns are those of the tables."""
    spaces, dropped = {"Cc", "Zl", "Zp"}, {"Co", "Cs"}
    for character in map(chr, range(sys.maxunicode + 1)):
        category = unicodedata.category(character)
        if category in spaces | dropped:
            assert clean(f"a{character}b") == ("a b" if category in spaces else "ab")


def test_harmless_leaves_honest_percents_alone() -> None:
    assert harmless("100 % of 5%, [a] {b} *c*") == "100 % of 5%, [a] {b} *c*"


def test_clip_never_parts_a_letter_from_its_mark() -> None:
    clipped = clip("اأُأُأُأُ", 4)

    assert clipped == "اأُ…"


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.mjml")), ids=lambda path: path.name)
def test_templates_use_only_tags_that_mjml_knows(path: Path) -> None:
    """The renderer takes unknown tags silently and leaves them in the mail."""
    used = set(re.findall(r"<(mj[\w-]*)", path.read_text()))

    assert used <= KNOWN_TAGS


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.mjml")), ids=lambda path: path.name)
def test_each_section_has_one_column(path: Path) -> None:
    """Slimming takes away what MJML writes for several."""
    for section in re.findall(r"<mj-section.*?</mj-section>", path.read_text(), re.DOTALL):
        assert section.count("<mj-column") == 1


def test_the_renderer_does_take_unknown_tags_silently() -> None:
    source = "<mjml><mj-body><mj-secton>x</mj-secton></mj-body></mjml>"

    assert "<mj-secton>" in typeset.typeset_source(source, language="en")


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        *(("#E8EEEA", "#18221F"), ("#E8EEEA", "#0F1715"), ("#9FB0A8", "#18221F")),
        *(("#9FB0A8", "#0F1715"), ("#6CC7BC", "#18221F"), ("#6CC7BC", "#0F1715")),
        ("#0F1715", "#6CC7BC"),
    ],
)
def test_dark_mode_is_as_legible(ink: str, paper: str) -> None:
    sheet = (TEMPLATES / "emails" / "parts" / "head.css").read_text()

    assert ink in sheet
    assert paper in sheet
    assert contrast(ink, paper) >= 4.5


def test_a_long_name_before_a_short_title_still_fits_a_subject() -> None:
    def wording(language: str) -> Any:
        return SimpleNamespace(name="N" * 80, plain_name="P" * 80, description="")

    for discreet in (False, True):
        subject = headers.subject(
            newsletter=newsletter(wording=wording),
            texts=[text("en", KENYA, title="Mali")],
            language="en",
            discreet=discreet,
        )
        assert 10 <= len(subject) <= 78


@pytest.mark.parametrize("discreet", [False, True])
def test_list_id_stays_within_its_length(discreet: bool) -> None:
    def wording(language: str) -> Any:
        return SimpleNamespace(name="قراءة " * 13, plain_name="قراءات " * 11, description="")

    of_list = headers.list_headers(
        newsletter=newsletter(wording=wording, list_id="l" * 60 + ".news.example.org"),
        language="ar",
        discreet=discreet,
        unsubscribe_url="https://x.example/",
    )

    assert len(of_list["List-Id"]) <= 255
    assert all(value.isascii() for value in of_list.values())


@pytest.mark.parametrize("outlook", [False, True])
def test_the_parts_nest_as_html_wants_it(outlook: bool) -> None:
    """Joined from pieces, with what only Outlook sees and without it."""
    page = html_of(digest(entry(picture=True), entry(MALI, languages=("en",)), language="ar"))
    if outlook:
        page = re.sub(r"<!--\[if mso \| IE\]>|<!\[endif\]-->", "", page.partition("<body")[2])
        page = "<!DOCTYPE html><html><head><title>Mail</title></head><body" + page

    parser = html5lib.HTMLParser()
    parser.parse(page)

    assert parser.errors == []
