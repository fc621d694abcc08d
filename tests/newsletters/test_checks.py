"""What an editor is told of a mail: for every sentence, one mail that deserves it and no other."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.utils.translation import override

from newsletters import checks
from newsletters.checks.sentences import BLOCK, WARN
from newsletters.checks.words import PLACEHOLDER, UNFINISHED
from newsletters.markup import in_plain_text
from newsletters.pipeline.render import Rendered
from tests.mailsamples import CALL, KENYA, MALI, Composed, composed, entry
from tests.newsletters import fake_source

Change = Callable[[Composed], Composed]
SITE = "http://testserver"
ACKNOWLEDGED = {"acknowledgement": "Funded by the Ministry of Example; administered by a partner."}


def html(old: str, new: str) -> Change:
    """Replace something in the HTML part, once."""

    def change(made: Composed) -> Composed:
        page, times = re.subn(old, lambda found: new, made.mail.html, count=1)
        assert times, f"{old} is not in the sample"
        return made._replace(mail=replace(made.mail, html=page))

    return change


def text(old: str, new: str) -> Change:
    """Replace something in the text part, everywhere."""

    def change(made: Composed) -> Composed:
        words, times = re.subn(old, lambda found: new, made.mail.text)
        assert times, f"{old} is not in the sample"
        return made._replace(mail=replace(made.mail, text=words))

    return change


def both(old: str, new: str) -> Change:
    """Replace something in both parts."""
    return lambda made: text(old, new)(html(old, new)(made))


def field(name: str, value: object) -> Change:
    return lambda made: made._replace(**{name: value})


def link(address: str, words: str = "What they wrote about it") -> Change:
    """A link of an editor's in both parts, in the middle of a sentence."""

    def change(made: Composed) -> Composed:
        made = html("</h2>", f'</h2><p>Look at <a href="{address}">{words}</a> today.</p>')(made)
        return made._replace(mail=replace(made.mail, text=f"{made.mail.text}\n{address}\n"))

    return change


def picture(markup: str) -> Change:
    return html("</h2>", f"</h2><img {markup}>")


BAD: list[tuple[str, Change]] = [
    ("subject_missing", field("subject", " ")),
    ("subject_short", field("subject", "Stories")),
    ("subject_long", field("subject", "Long " * 20)),
    ("subject_broken", field("subject", "Two lines\nin one subject")),
    ("subject_broken", field("subject", "An open \u2068 isolate here")),
    ("preheader_short", field("preheader", "Little")),
    ("preheader_long", field("preheader", "Much " * 30)),
    ("preheader_place", html("<body[^>]*>", '<body><p dir="ltr" lang="en">Hello</p>')),
    ("preheader_place", html("Also in this issue", "<a href='mailto:a@b.org'>Also here</a>")),
    ("placeholder", both("Twelve places", "Dear {{ first_name }}")),
    ("placeholder", field("subject", "Good morning, *|FNAME|*")),
    ("placeholder", both("Twelve places", "[[data:name]]")),
    ("merge", both("Twelve places", "%tag_unsubscribe")),
    ("unfinished", both("Twelve places", "TK places")),
    ("unfinished", field("preheader", "What colleagues tried in TKTK, and what is open for you.")),
    ("unfinished", both("Twelve places", "Lorem ipsum dolor")),
    ("left_over", text("Mali", "@h3@")),
    ("left_over", text("Mali", "\ue000e\ue001")),
    ("control", text("Mali", "Ma\x07li")),
    ("control", html("</h2>", "\x85</h2>")),
    ("size", html("</h2>", "</h2>" + "<p>much to say</p>" * 6_000)),
    ("heavy", html("</h2>", "</h2>" + "<p>much to say</p>" * 4_200)),
    ("line_long", text("Mali", "Mali" * 300)),
    ("link_broken", link("http:/nowhere")),
    ("link_broken", link("stories/one")),
    ("link_broken", link("https://[::1")),
    ("link_broken", link("https://ministry/page")),
    ("link_broken", link("javascript-less:nothing")),
    ("link_insecure", link("http://www.example.org/a", "their page at www.example.org")),
    ("link_trial", link("http://localhost:8000/en/")),
    ("link_trial", link("https://127.0.0.1/en/")),
    ("link_trial", link("https://10.0.0.7/en/")),
    ("link_trial", link("https://staging.network.example.org/en/")),
    ("link_trial", link("https://network.staging.example.org/en/")),
    ("link_trial", link("https://site.local/")),
    ("link_shortened", link("https://bit.ly/3abc", "bit.ly/3abc")),
    ("link_away", link("https://www.example.org/report.pdf")),
    ("link_silent", link(f"{SITE}/en/stories/", " ")),
    ("link_generic", link(f"{SITE}/en/stories/", "Click here")),
    ("link_twice", link(f"{SITE}/en/stories/", "Unsubscribe")),
    ("link_low", html("padding:11px 0", "padding:2px 0")),
    ("link_draft", link(f"{SITE}/en/stories/draft/")),
    ("link_dead", link(f"{SITE}/en/stories/gone/")),
    ("text_link", html("</h2>", f'</h2><p>See <a href="{SITE}/x/">the page</a> now.</p>')),
    ("text_heading", text("A border post learns to ask first", "A border post")),
    ("image_elsewhere", picture('src="https://cdn.example.org/a.png" alt="A road" width="9"')),
    ("image_tracker", picture(f'src="{SITE}/t.png" alt="t" width="1"')),
    ("image_alt", picture(f'src="{SITE}/media/road.png" width="90"')),
    ("active", html("</h2>", "</h2><form></form>")),
    ("active", html("</h2>", "</h2><script>1</script>")),
    ("active", html("<h1", '<h1 onclick="x()"')),
    ("active", html("</style>", "@import 'x'</style>")),
    ("one_title", html("<h1", "<h2")),
    ("heading_order", html("<h2([^§]*?)</h2>", "<h3>A border post learns to ask first</h3>")),
    ("direction", html('<td lang="en" dir="ltr"', "<td")),
    ("table", html('role="presentation" align="center" style="width:100%;"', "")),
    ("small", html("font-size:14px", "font-size:9px")),
    ("faint", html("color:#56615C", "color:#C0C0B0")),
    ("no_sender", text("Sycamore Centre", "Somebody")),
    ("no_postal", text("1 Example Street", "A street")),
    ("no_why", text("You receive", "You got")),
    ("no_unsubscribe", text("/n/u/", "/n/x/")),
    ("no_unsubscribe", html("/n/u/", "/n/p/")),
    ("no_preferences", text("/n/p/", "/n/x/")),
    ("no_browser", html("/newsletters/", "/n/")),
]
ARABIC: list[tuple[str, Change]] = [
    ("subject_loose", field("subject", "تقرير جديد من UNODC عن كينيا")),
    ("one_sided", html("text-align:right", "text-align:left")),
]


def sample(language: str = "en", **changes: Any) -> Composed:
    return composed(
        entry(KENYA, picture=True), entry(MALI), entry(CALL), language=language, **changes
    )


def found(made: Composed) -> list[checks.Finding]:
    return checks.of_mail(
        made.mail,
        subject=made.subject,
        preheader=made.preheader,
        language=made.language,
        newsletter=made.newsletter,
    )


@pytest.fixture(autouse=True)
def pages() -> None:
    fake_source.standings |= {"/en/stories/draft/": "draft", "/en/stories/gone/": "nowhere"}


@pytest.mark.parametrize("discreet", [False, True])
@pytest.mark.parametrize("language", ["en", "fr", "ar", "pt"])
def test_a_good_mail_has_nothing_to_mend(language: str, discreet: bool) -> None:
    assert found(sample(language, discreet=discreet)) == []


@pytest.mark.parametrize(
    ("code", "change"), BAD, ids=[f"{n} {code}" for n, (code, _change) in enumerate(BAD)]
)
def test_each_fault_is_told_and_says_what_to_do(code: str, change: Change) -> None:
    (finding,) = [one for one in found(change(sample())) if one.code == code]

    assert finding.severity == ("block" if code in BLOCK else "warn")
    assert finding.language == "en"
    assert "%(" not in finding.text
    assert finding.text[-1] in ".?"


@pytest.mark.parametrize(("code", "change"), ARABIC)
def test_what_only_arabic_can_have(code: str, change: Change) -> None:
    assert code in {one.code for one in found(change(sample("ar")))}


def test_every_sentence_is_tried() -> None:
    tried = {code for code, _change in BAD + ARABIC} | {"no_thanks"}

    assert tried == BLOCK.keys() | WARN.keys()


def test_what_blocks_stands_first_and_each_is_said_once() -> None:
    made = both("Twelve places", "TK places")(field("subject", "Stories")(sample()))

    assert [one.code for one in found(made)] == ["unfinished", "subject_short"]


@pytest.mark.parametrize(
    "change",
    [
        link("https://www.example.org/report.pdf", "the report at example.org"),
        link(f"{SITE}/en/stories/one/"),
        link("mailto:desk@news.example.org", "write to the desk"),
        link("https://dev.to/article", "an article on dev.to"),
        link(f"{SITE}/en/stories/?page=2&amp;q=%D9%85"),
        both("Twelve places", "TODO MUNDO, 100% of them, in { braces } and [square] ones"),
        field("subject", "100 % of what we tried, {so to say}"),
        html("</h2>", '</h2><p>Über <a href="https://example.org/ü">example.org/ü</a> mehr.</p>'),
    ],
)
def test_what_is_no_fault_is_not_told(change: Change) -> None:
    assert [one.code for one in found(change(sample())) if one.code != "text_link"] == []


def test_the_sentence_is_in_the_language_of_the_editor_and_names_that_of_the_mail() -> None:
    bad = field("subject", " ")(sample("ar"))

    with override("en"):
        (finding,) = found(bad)

    assert (finding.text[:5], finding.language) == ("Write", "ar")


def test_words_that_look_alike_and_are_none() -> None:
    honest = "STK, TKO and a TKs; XX; {name}; *bold*; [1]; 5 % off; $5; #tag"
    honest += " https://example.org/n/TK-hZE/a-TK-9/XXX/"

    assert not UNFINISHED.search(honest)
    assert not PLACEHOLDER.search(honest)


@pytest.mark.parametrize(
    ("repeated", "said"),
    [(0, "opens quickly"), (2_500, "well below 100"), (4_200, "heavy."), (6_500, "too heavy")],
)
def test_the_meter_knows_the_steps(repeated: int, said: str) -> None:
    mail = sample().mail
    size = checks.size(replace(mail, html=mail.html + "<p>much to say</p>" * repeated))

    assert said in size.text
    assert size.text.startswith(f"{size.kilobytes} KB")
    assert size.bytes >= len(mail.html)


def test_arabic_is_weighed_as_base64() -> None:
    made = sample("ar").mail

    assert checks.size(made).bytes < 1.5 * len(made.html.encode())


def test_thanks_that_an_agreement_asks_for_stand_in_both_parts() -> None:
    made = composed(entry(KENYA, **ACKNOWLEDGED), entry(MALI))
    wanted = {"wanted": ACKNOWLEDGED.values(), "language": "en"}

    assert checks.of_thanks(made.mail, **wanted) == []
    without = Rendered(made.mail.html, made.mail.text.replace("Funded", "Paid"))
    assert [one.code for one in checks.of_thanks(without, **wanted)] == ["no_thanks"]


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a/b?page=2&q=x",
        "https://example.org/%D9%85%D8%B5%D8%B1/",
        "https://example.org/Report%20final.pdf",
    ],
)
def test_an_address_in_the_text_part_stays_whole(address: str, language: str) -> None:
    line = in_plain_text(f"Read {address}, please: {{{{name}}}}", language)

    assert f"{address}" in line
    assert re.search(r"\s(\S+)\s*,", line)[1].strip("\u2068\u2069") == address  # type: ignore[index]
    assert "{{" not in line
