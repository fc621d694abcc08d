"""The ten minutes that must convince, walked on one site from the first step to the last.

A desk in English at 1280 pixels, phones in Arabic at 360; nothing but what a person would press.
The site is as `make demo` leaves it: its first digests have gone, the weekly one is due tomorrow.
"""

from __future__ import annotations

import re
import time
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from config.local.demo import FIRST
from tests.browser.test_look import barriers
from tests.browser.test_report import PAGE
from tests.journeys import hands
from tests.journeys.hands import TOO_WIDE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NEWEST, QUARTER_AGO = "joint-casework-4", "joint-casework-3"
TELLER, SECOND, THIRD = "أمل عبد الرحيم", "جميلة بن عمر", "مصطفى الأمين"
OWN = {
    TELLER: "amal.own@example.org",
    SECOND: "jamila.own@example.org",
    THIRD: "mustafa.own@example.org",
}
STORY = "مكتبٌ في لوساكا يفتح بابه ليلًا"
STANDFIRST = "من يصل بعد الغروب يجد من يسأله عن حاله قبل أن يسأله عن أوراقه."
TEXT = "زرتُ المكتب الليلي في مايو، وبقيتُ حتى الصباح."
SHORT = {
    "en": (
        "An office in Lusaka that opens at night",
        "Whoever arrives after dark is asked how they are before they are asked for papers.",
    ),
    "fr": (
        "À Lusaka, un bureau qui ouvre la nuit",
        "Qui arrive après la tombée du jour est reçu avant d’être interrogé.",
    ),
}
ZAMBIA = "/countries/zambia/"
NEXT = "The night desk, one year on"
FOLLOWS_ZAMBIA = "grace@example.org"
MEMBERS_NOTE = ("five questions before charging", "خمسة أسئلة قبل")
"""Whoever is no member reads at an address with "reader" in it."""
LAID_OUT = "tables => tables.map(table => getComputedStyle(table).display)"
SILENT, HIS_NAME = "lamin@example.org", "Lamin Jatta"


@pytest.fixture
def site(live):
    live.start_mail()
    live.start_web()
    live.start_worker()
    live.newsroom(*FIRST)
    live.start_beat()
    return live


@pytest.fixture
def more(chromium):
    """`more(**options)`: another browser, of a colleague in the room or of a stranger."""
    opened = []

    def browser(**options):
        opened.append(chromium.new_context(**options))
        return opened[-1].new_page()

    yield browser
    for context in opened:
        context.close()


def test_the_ten_minutes(site, desk, phone, more):
    phones = {TELLER: phone}
    for name in (SECOND, THIRD):
        phones[name] = more(viewport={"width": 360, "height": 740}, locale="ar-EG")
    stranger = more(viewport={"width": 1280, "height": 900}, locale="en-GB")

    sheet = step_1_the_roster(site, desk)
    step_2_the_room_becomes_a_network(site, desk, phones, sheet)
    step_3_a_story_in_arabic(site, desk, phone, stranger)
    people = step_4_the_digest(site, desk)
    step_5_one_story_three_mails(site, desk, phone, people)
    step_6_one_reader_leaves(site, desk)
    step_7_one_tap_becomes_evidence(site, desk, phone)
    step_8_the_next_wave_stands(desk)
    figures = step_9_the_donor_reads(site, desk, stranger)
    step_10_gone(site, desk, phones, stranger, figures)


def step_1_the_roster(site, desk):
    hands.sign_in(desk, site)
    sentences = desk.locator("[data-today]")
    assert 3 <= sentences.count() <= 7
    assert {one.get_by_role("link").count() for one in sentences.all()} == {1}

    sentence = hands.today(desk, site, "Nobody is on the list of Joint casework")
    sentence.get_by_role("link", name="Import a roster").click()
    expect(desk.get_by_label("Course run")).not_to_have_value("")
    hands.read_a_list(desk)
    status = desk.locator("p[role=status]")
    expect(status).to_have_text(
        "15 ready, 1 needs a date (row 9), 2 share a mailbox: kept as two people."
    )
    expect(desk.locator("#row-9")).to_contain_text("31 Nov")
    hands.mend(desk, 9)
    expect(status).to_have_text("16 ready, 2 share a mailbox: kept as two people.")
    # What comes next has the keyboard and stays in sight.
    button = desk.get_by_role("button", name="Import 16 people")
    expect(button).to_be_focused()
    expect(button).to_be_in_viewport()
    desk.keyboard.press("Enter")
    expect(status).to_have_text("16 new people were added. Nobody was mailed.")
    sheet = hands.print_slips(desk)
    expect(sheet.locator("article")).to_have_count(16)
    return sheet


def step_2_the_room_becomes_a_network(site, desk, phones, sheet):
    desk.get_by_role("link", name="See who has joined").click()
    expect(desk.get_by_text("0 of 16 joined")).to_be_visible()
    stayed = desk.evaluate("window.stayed = true")
    for number, (name, phone) in enumerate(phones.items(), 1):
        card = sheet.locator("article", has_text=name)
        hands.join(phone, site, code=card.locator(".code").inner_text(), address=OWN[name])
        assert not phone.evaluate(TOO_WIDE)
        expect(desk.get_by_text(f"{number} of 16 joined")).to_be_visible(timeout=hands.A_MINUTE)
    # Nobody is visible yet: a colleague has to know them first.
    course = f"{site.site.url}/ar/members/courses/{NEWEST}/"
    phones[SECOND].goto(course)
    expect(phones[SECOND].locator("body")).not_to_contain_text(TELLER)

    for name in phones:
        row = desk.get_by_role("row").filter(has_text=name)
        row.get_by_role("button", name="This is the person", exact=True).click()
        expect(desk.locator(".messages").get_by_text("is a member now").first).to_be_visible()
    assert stayed
    phones[SECOND].goto(course)
    expect(phones[SECOND].get_by_role("main")).to_contain_text(TELLER)
    assert barriers(phones[SECOND]) == []


def step_3_a_story_in_arabic(site, desk, phone, stranger):
    before = {code: hands.shade(stranger, site, code, ZAMBIA) for code in ("ar", "en", "fr", "pt")}
    # The texts are ready: nobody types Arabic. Title, standfirst and text are what must be there.
    step, form = hands.ready_to_copy(desk, site)
    assert barriers(desk) == []
    form.get_by_role("link", name="Arabic").click()
    title, standfirst = (form.locator(f"#id_{name}") for name in ("title", "standfirst"))
    hands.copy_to(step, "Title", title)
    hands.copy_to(step, "Standfirst", standfirst)
    expect(title).to_have_value(STORY)
    expect(standfirst).to_have_value(STANDFIRST)
    hands.copy_to(step, "Text", form.locator(".public-DraftEditor-content"))
    expect(form.locator("input[name=body-0-value]")).to_have_value(re.compile(TEXT[:12]))
    hands.tick_country(form, "Zambia")
    hands.tell_shortly(form, step, {"en": "English", "fr": "French"})
    expect(form.locator("[name=audience]")).to_have_value("public")
    hands.say_who_tells(form, TELLER.split()[0])
    assert barriers(form) == []
    # She is asked whether and how to be named, and says so herself.
    hands.ask_the_author(form)
    hands.agree_by_name(phone, site, OWN[TELLER], TELLER)
    form.get_by_role("link", name="Back to the story").click()
    hands.publish(form)
    form.close()

    after = {code: hands.shade(stranger, site, code, ZAMBIA) for code in before}
    assert {code for code in before if after[code] != before[code]} == {"ar", "en", "fr"}
    phone.goto(f"{site.site.url}/ar{ZAMBIA}")
    phone.get_by_role("link", name=STORY).first.click()
    expect(phone.locator("html")).to_have_attribute("dir", "rtl")
    assert phone.locator("h1").evaluate("title => getComputedStyle(title).direction") == "rtl"
    expect(phone.get_by_role("main")).to_contain_text(TELLER)
    # What was pasted at once stands as paragraphs, with room between them and no empty ones.
    pasted = phone.locator(".prose .block-paragraph > p:visible")
    room = pasted.evaluate_all("all => all.map(one => parseFloat(getComputedStyle(one).marginTop))")
    assert room[0] == 0
    assert min(room[1:]) > 10
    assert not phone.evaluate(TOO_WIDE)
    assert barriers(phone) == []
    for code, (title, standfirst) in SHORT.items():
        stranger.goto(f"{site.site.url}/{code}{ZAMBIA}")
        card = stranger.locator("article.card", has_text=title)
        expect(card.get_by_text(standfirst)).to_be_visible()
        card.get_by_role("link", name=title).click()
        expect(stranger.locator("html")).to_have_attribute("lang", code)
        expect(stranger.get_by_role("heading", level=1, name=title)).to_be_visible()
        text = stranger.locator(".prose[dir=rtl][lang=ar]", has_text=TEXT[:12])
        expect(text).to_be_visible()
        assert barriers(stranger) == []

    stranger.goto(f"{site.site.url}/en/courses/cairo-2022-09/")
    for payer in ("Government of Japan", "UNDP"):
        expect(stranger.get_by_role("main").get_by_text(payer).first).to_be_visible()


def step_4_the_digest(site, desk):
    hands.look_at_the_digest(desk, site)
    frames = desk.locator(".side-by-side iframe")
    expect(frames).to_have_count(3)
    for frame in frames.all():
        expect(frame.content_frame.locator("h1").first).to_be_visible()
    # Set as a mail is set: the page's own policy has not taken its styles away.
    heading = frames.first.content_frame.locator("h1").first
    assert "Georgia" in heading.evaluate("it => getComputedStyle(it).fontFamily")
    said = [frame.content_frame.locator("body").inner_text() for frame in frames.all()]
    assert any("Because you follow Zambia." in words for words in said)
    assert barriers(desk) == []
    expect(desk.get_by_role("button", name="Send to 9 people now")).to_be_visible()
    return hands.send_the_digest(desk)


def step_5_one_story_three_mails(site, desk, phone, people):
    assert people == 9
    desk.goto(f"{site.site.url}/en/demo/")
    phones = desk.locator(".phone")
    titles = {"English": SHORT["en"][0], "français": SHORT["fr"][0], "العربيّة": STORY}
    assert [one.inner_text() for one in phones.locator("h3").all()] == list(titles)
    for one, (language, title) in zip(phones.all(), titles.items(), strict=True):
        expect(one.locator(".weight strong")).to_have_text(re.compile(r"^\d+(\.\d)? KB$"))
        one.locator("iframe").scroll_into_view_if_needed()
        mail = one.locator("iframe").content_frame
        expect(mail.locator("body")).to_contain_text(title)
        way = "rtl" if language == "العربيّة" else "ltr"
        expect(mail.locator("html")).to_have_attribute("dir", way)
        one.locator("summary").click()
        expect(one.locator("pre")).to_contain_text(title)
        expect(one.locator("pre")).to_contain_text("/n/u/demo/")
    # They stand on one line, and each says what its mailbox says.
    tops = phones.locator("iframe").evaluate_all("all => all.map(it => it.offsetTop)")
    assert len(set(tops)) == 1
    for one in phones.all():
        reader = one.locator(".who bdi").inner_text()
        member = one.locator(".who strong").inner_text() == "A member"
        assert member == ("reader@" not in reader)
        listed = desk.request.get(f"{site.site.mail_url}/?to={reader}").text()
        newest = re.search(r'class="weight">([\d.]+) KB', listed)
        shown = one.locator(".weight strong").inner_text().removesuffix(" KB")
        assert float(newest[1]) == float(shown)
    # Without pictures and back, in the phone itself.
    here = desk.url
    html = phones.first.locator("iframe").content_frame.locator("html")
    drawn = "() => [...document.images].some((one) => one.naturalWidth)"
    phones.first.get_by_role("link", name="Without pictures").click()
    site.until(lambda: not html.evaluate(drawn))
    phones.first.get_by_role("link", name="With pictures").click()
    site.until(lambda: html.evaluate(drawn))
    assert desk.url == here
    assert barriers(desk) == []
    phone.goto(f"{site.site.url}/ar/demo/")
    assert not phone.evaluate(TOO_WIDE)
    assert barriers(phone) == []
    for pictures in ("With pictures", "Without pictures"):
        address = phones.first.get_by_role("link", name=pictures).get_attribute("href")
        mail = desk.context.new_page()
        mail.goto(f"{site.site.url}{address}")
        expect(mail.locator("body")).to_contain_text("Government of Japan")
        expect(mail.locator("body")).to_contain_text("UNDP")
        drawn = mail.evaluate("[...document.images].filter((one) => one.naturalWidth).length")
        assert bool(drawn) == (pictures == "With pictures")
        assert mail.locator("img").count()
        mail.close()

    # A note for members is in members' mails alone.
    for note in MEMBERS_NOTE:
        told = {mail.to for mail in site.mailbox.mails(containing=note)}
        assert told
        assert not {address for address in told if "reader@" in address}


def step_6_one_reader_leaves(site, desk):
    (mail,) = site.mailbox.mails(to=FOLLOWS_ZAMBIA, containing=SHORT["en"][0])
    for _look in range(100):
        urlopen(mail.one_click_url).close()
    expect(hands.standing(desk, site, FOLLOWS_ZAMBIA)).to_contain_text("receives")

    desk.goto(f"{site.site.url}/en/demo/")
    mails = hands.tap(desk, desk.get_by_role("link", name="The mails to this reader"))
    mails.locator("#mails a.mail").filter(has_text=mail.subject).first.click()
    mails.get_by_role("button", name="Leave with one click").click()
    expect(mails.get_by_text("Left. The reader gets no more of these mails.")).to_be_visible()
    mails.close()
    expect(hands.standing(desk, site, FOLLOWS_ZAMBIA)).to_contain_text("has left")

    # The step still names her; the story that waits is one press away, and the digest with it.
    desk.goto(f"{site.site.url}/en/demo/")
    step = desk.locator(".tour > li").nth(5)
    expect(step).to_contain_text(FOLLOWS_ZAMBIA)
    step.get_by_role("link", name="The story that waits").click()
    expect(desk.locator("#id_title")).to_have_value(NEXT)
    hands.publish(desk)
    desk.goto(f"{site.site.url}/en/demo/")
    step.get_by_role("link", name="The next digest").click()
    hands.send_the_digest(desk)
    assert site.mailbox.mails(containing=NEXT)
    assert not site.mailbox.mails(to=FOLLOWS_ZAMBIA, containing=NEXT)
    desk.get_by_role("link", name="Why did, or didn't, this person get it?").click()
    desk.get_by_label("Address").fill(FOLLOWS_ZAMBIA)
    desk.get_by_role("button", name="Tell me why").click()
    expect(desk.locator("#why")).to_contain_text(
        re.compile(r"Left on .+ at \d\d:\d\d by the button in the mail\.")
    )


def step_7_one_tap_becomes_evidence(site, desk, phone):
    asked = f":{QUARTER_AGO}:"
    sentence = hands.today(desk, site, "“After three months” is due for")
    sentence.get_by_role("link", name="Look and ask").click()
    assert barriers(desk) == []
    expect(desk.locator(".asking [dir=rtl]")).to_contain_text("استخدمته")
    hands.ask(desk, 9, "Ask 9 people now", "A mail is on its way to 9 people.")
    expect(desk.get_by_text("7 of 16 answered")).to_be_visible()

    mail = hands.open_mail(phone, site, SILENT)
    answer = hands.tap(phone, mail.get_by_role("link", name="استخدمته"))
    expect(answer.locator("html")).to_have_attribute("dir", "rtl")
    expect(answer.locator("[name=use][value=used]")).to_be_checked()
    # What follows this answer is asked, what follows the others is not.
    expect(answer.locator("[name=where]").first).to_be_visible()
    expect(answer.locator("[name=barriers]").first).to_be_hidden()
    assert not answer.evaluate(TOO_WIDE)
    assert barriers(answer) == []
    # To look is not to answer.
    expect(desk.get_by_text("7 of 16 answered")).to_be_visible()
    # Right below the answer, before anything else is asked.
    save = answer.locator("main form button[type=submit]").first
    expect(save).to_be_in_viewport()
    save.click()
    answer.wait_for_url("**saved=1")
    assert barriers(answer) == []
    answer.close()

    expect(desk.get_by_text("8 of 16 answered")).to_be_visible(timeout=hands.A_MINUTE)
    # Who stays silent is reminded twice, and then called.
    calls = desk.locator("[data-part=calls]")
    expect(calls).to_contain_text("Nobody.")
    for mails, label in ((17, "Remind 8"), (25, "Remind 8 once more")):
        desk.get_by_role("link", name=label, exact=True).click()
        hands.ask(desk, 8, f"{label} now", "A mail is on its way to 8 people.")
        site.until(lambda sent=mails: len(site.mailbox.mails(containing=asked)) == sent)
    assert len(site.mailbox.mails(to=SILENT, containing=asked)) == 1
    expect(calls.locator("tbody tr")).to_have_count(8)
    expect(calls.get_by_role("row").filter(has_text="Tesfa Bekele")).to_contain_text("+000 555")


def step_8_the_next_wave_stands(desk):
    line = desk.get_by_role("row").filter(has_text=HIS_NAME)
    cells = line.get_by_role("cell")
    expect(cells.nth(1)).to_contain_text("answered")
    expect(cells.nth(2)).to_contain_text("planned")


def step_9_the_donor_reads(site, desk, stranger):
    desk.goto(f"{site.site.url}/cms/reports-of-projects/")
    # The project of the newest course, and all of its courses so far.
    chosen = desk.locator("[name=project] option:checked")
    expect(chosen).to_have_text("Shade of the Sycamore (invented)")
    desk.get_by_role("button", name="Make the report").click()
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.get_by_label("For whom").fill("The donor's manager")
    desk.get_by_role("button", name="Make a link").click()
    address = desk.locator("#address").input_value()
    desk.get_by_role("button", name="Copy").focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("status").get_by_text("Copied")).to_be_visible()
    assert desk.evaluate("navigator.clipboard.readText()") == address
    assert barriers(desk) == []

    stranger.goto(address)
    report = stranger.locator("article.report")
    words = " ".join(report.inner_text().split())
    assert words.startswith("Figures invented")
    for told in (r"Women \d+ of 82", r"Men \d+ of 82", "39 of 64", r"28 of 39 \(72 %\)", "hidden",
                 "fewer than 5 people", "To reach", "Applied what they learned"):  # fmt: skip
        assert re.search(told, words), (told, words)
    assert report.locator("blockquote").count() == 3
    assert report.locator(".bars .theirs").count() == 2
    # Countries are a list, never counts of people.
    assert "Kenya" in words
    assert not re.search(r"(Kenya|Ghana|Egypt)\D{0,3}\d", report.inner_text())
    assert barriers(stranger) == []
    assert len(PAGE.findall(stranger.pdf(prefer_css_page_size=True))) == 2

    desk.reload()
    desk.get_by_role("link", name="End this link").click()
    assert barriers(desk) == []
    assert stranger.goto(address).status == 200
    desk.get_by_role("button", name="Yes, end this link").click()
    expect(desk.get_by_text("The link is ended.")).to_be_visible()
    assert stranger.goto(address).status == 404
    expect(stranger.locator("article.report")).to_have_count(0)
    expect(stranger.get_by_role("main").locator("a[href^='mailto:']")).to_be_visible()
    assert barriers(stranger) == []
    # At the desk its tables stand as tables, too.
    assert desk.locator(".report table").evaluate_all(LAID_OUT) == ["table"] * 5
    return desk.locator("article.report").inner_text()


def step_10_gone(site, desk, phones, stranger, figures):
    report, (phone, classmate) = desk.url, (phones[TELLER], phones[SECOND])
    members = [f"{site.site.url}/ar/members/courses/{NEWEST}/",
               f"{site.site.url}/ar/members/?q={TELLER.split()[0]}"]  # fmt: skip
    search = f"{site.site.url}/ar/search/?q={TELLER.replace(' ', '+')}"
    stranger.goto(f"{site.site.url}/ar{ZAMBIA}")
    stranger.get_by_role("link", name=STORY).first.click()
    story = stranger.url

    def found_by():
        """Where the others find her name."""
        found = []
        for page, address in [*((classmate, one) for one in members), (stranger, story)]:
            page.goto(address)
            expect(page.get_by_role("main")).to_be_visible()
            if TELLER in page.get_by_role("main").inner_text():
                found.append(address)
        stranger.goto(search)
        if stranger.get_by_role("main").get_by_role("link", name=STORY).count():
            found.append(search)
        return found

    assert found_by() == [*members, story, search]
    phone.goto(f"{site.site.url}/ar/members/me/")
    assert not phone.evaluate(TOO_WIDE)
    began = time.monotonic()
    phone.locator("a[href$='/members/me/hide/']").first.click()
    phone.locator("main form button.call").click()
    expect(phone.locator("input[name=do][value=show]")).to_have_count(1)
    site.until(lambda: not found_by(), seconds=60)
    assert time.monotonic() - began < 60
    assert barriers(phone) == []
    stranger.goto(story)
    expect(stranger.get_by_role("heading", name=STORY)).to_be_visible()

    # What waits to be mailed tells the story and not who told it.
    before, named = (len(site.mailbox.mails(containing=one)) for one in (STORY, TELLER))
    hands.send_what_is_due(desk, site)
    site.until(lambda: len(site.mailbox.mails(containing=STORY)) > before)
    assert len(site.mailbox.mails(containing=TELLER)) == named
    desk.goto(report)
    assert desk.locator("article.report").inner_text() == figures
    sentence = hands.today(desk, site, "Zambia story: byline changed.")
    expect(sentence).to_contain_text(SHORT["en"][0])
    expect(sentence).not_to_contain_text(TELLER)
