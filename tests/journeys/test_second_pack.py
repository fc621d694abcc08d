"""The same paths at another centre: coastal fisheries in English and Spanish, without a donor."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from cms.management.commands.demo import PASSWORD
from config.local.mailbox import leave_with_one_click
from tests.browser.test_look import barriers
from tests.journeys.hands import code_mailed_to
from tests.test_packs_alone_name_things import words_of_the_first_pack

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.pack("bridgetown")]

TITLE, SECOND = "The pier has a clock now", "The clock was set right"
MEMBER, SPANISH_READER = "marva@example.org", "lectora@example.org"
TOLD_AT_SEA, ROSTER_RUN = "reef-to-market-1", "reef-to-market-2"
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"
NOT_FOLLOWED = re.compile(r"/(static|media|cms|../accounts)/|//|[^/]|.*\?")


def beneath(place, seen):
    return [address for address in seen if address.startswith(place) and address != place]


@pytest.fixture
def site(live):
    live.start_mail()
    live.start_web()
    live.start_worker()
    return live


def sign_in(page, site, address, language="en", lands="**/cms/"):
    page.goto(f"{site.site.url}/{language}/accounts/login/")
    page.fill("[name=login]", address)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lands)


def walk(page, site, *starts):
    """Every page that links lead to from here: address, status and what is read on it."""
    waiting, seen = list(starts), {}
    while waiting:
        address = waiting.pop()
        answer = page.request.get(site.site.url + address)
        html = answer.text() if "html" in answer.headers.get("content-type", "") else ""
        seen[address] = answer.status, re.sub(r"(?s)<(script|style).*?</\1>|<[^>]+>", " ", html)
        for link in re.findall(r'href="([^"#]+)', html):
            link = link.replace("&amp;", "&").removeprefix(site.site.url)
            if link not in seen and not NOT_FOLLOWED.match(link):
                waiting.append(link)
                seen[link] = None
    return seen


def test_every_page_answers_in_both_languages_and_is_this_centres(live, desk):
    live.start_web()

    for_everyone = walk(desk, live, "/en/", "/es/")
    sign_in(desk, live, MEMBER, lands="**/members/me/")
    for_members = walk(desk, live, "/en/members/me/", "/es/members/me/")

    told, thanks = (
        words_of_the_first_pack(),
        re.compile("With thanks|Con agradecimiento|Don(or|ante)"),
    )
    for seen, stories in ((for_everyone, 3), (for_members, 4)):
        broken = {address: status for address, (status, _) in seen.items() if status != 200}
        assert not broken, site.last_words()
        assert {place for place, (_, text) in seen.items() if told.search(text)} == set()
        assert {place for place, (_, text) in seen.items() if thanks.search(text)} == set()
        for language in ("en", "es"):
            assert len(beneath(f"/{language}/stories/", seen)) == stories
            assert len(beneath(f"/{language}/countries/", seen)) == 6


def test_a_story_reaches_its_followers_and_one_of_them_leaves(site):
    readers = site.publish(TITLE, "BB")
    site.ring("send_due")
    site.until(lambda: len(site.got(TITLE)) >= len(readers))
    leaver = readers[0]
    (mail,) = site.mailbox.mails(to=leaver, containing=TITLE)
    left = leave_with_one_click(mail.one_click_url)
    site.until(site.everything_sent)

    others = site.publish(SECOND, "BB")
    site.ring("send_due")
    site.until(lambda: len(site.got(SECOND)) >= len(others))
    site.until(site.everything_sent)

    assert left == 200
    assert others == [reader for reader in readers if reader != leaver]
    # Whoever has few matches gets it, too, below a heading of its own.
    told = [site.told_as_followed(title, "From elsewhere|De otros lugares")
            for title in (TITLE, SECOND)]  # fmt: skip
    assert (len(readers), *told) == (4, readers, others)


def test_a_reader_gets_the_digest_in_spanish_and_leaves_by_its_link(site, phone):
    site.sql("UPDATE newsletters_cadence SET next_at = now()")
    site.ring("send_due")
    (mail,) = site.until(lambda: site.mailbox.mails(to=SPANISH_READER))
    (leave,) = set(re.findall(r"http://localhost:\d+/n/u/[\w-]+/", mail.html))

    phone.goto(leave)
    expect(phone.locator("html")).to_have_attribute("lang", "es")
    assert barriers(phone) == []
    phone.get_by_role("main").get_by_role("button", name="Dejarlo").click()
    expect(phone.get_by_role("heading", name="Lo ha dejado")).to_be_visible()

    assert 'lang="es"' in mail.html
    assert "Ver el número completo" in mail.text or "Elegir qué sigue" in mail.text
    assert site.sql(
        "SELECT state FROM newsletters_subscription x JOIN newsletters_subscriber s"
        " ON s.id = x.subscriber_id WHERE s.address = %s",
        SPANISH_READER,
    ) == [("left",)]


def test_somebody_of_the_roster_joins_with_a_slip_in_spanish(site, desk, phone):
    site.sql("UPDATE alumni_profile SET address = '' WHERE address = 'juana@example.org'")
    sign_in(desk, site, "administrator@example.org")
    desk.goto(f"{site.site.url}/cms/joining/{ROSTER_RUN}/slips/")
    desk.locator("main form button[type=submit]").click()
    code = desk.locator("article[lang=es]", has_text="Juana").locator(".code").inner_text()

    phone.goto(f"{site.site.url}/es/members/slip/?code={code.replace(' ', '')}")
    assert not phone.evaluate(TOO_WIDE)
    phone.fill("[name=address]", "juana.own@example.org")
    phone.click("main form button[type=submit]")
    phone.fill("[name=code]", code_mailed_to(site, "juana.own@example.org"))
    phone.locator("main form button[type=submit]").first.click()
    phone.wait_for_url("**/es/members/me/")
    phone.check("[name=agrees]")
    phone.check("[name=tier][value=network]")
    phone.click("main form button[type=submit]")

    expect(phone.get_by_text("¿Quién puede encontrarme?").first).to_be_visible()
    ((consent,),) = site.sql(
        "SELECT wording FROM newsletters_consent WHERE purpose = 'membership' AND language = 'es'"
        " ORDER BY id DESC LIMIT 1"
    )
    assert "Red Uvero" in consent


def test_the_pack_s_own_question_is_sent_and_answered_and_the_report_names_no_donor(
    site, desk, phone
):
    sign_in(desk, site, "administrator@example.org")
    desk.goto(f"{site.site.url}/cms/joining/{TOLD_AT_SEA}/follow-up/")
    expect(desk.get_by_text("4 of 10 answered")).to_be_visible()
    desk.get_by_role("link", name="Ask 6 people").click()
    desk.get_by_role("button", name="Ask 6 people now").click()
    (mail,) = site.until(lambda: site.mailbox.mails(to="radhames@example.org"))
    answer = re.search(r"\S+/n/go/\S+:tried/", mail.text)

    phone.goto(answer.group())
    expect(phone.locator("html")).to_have_attribute("lang", "es")
    assert phone.locator("[name=tried][value=tried]").is_checked()
    expect(phone.locator("[name=boats]")).to_be_visible()
    expect(phone.locator("[name=obstacles]").first).to_be_hidden()
    phone.locator("main form button[type=submit]").first.click()
    phone.wait_for_url("**saved=1")
    expect(desk.get_by_text("5 of 10 answered")).to_be_visible()

    desk.goto(f"{site.site.url}/cms/reports-of-projects/")
    desk.locator("select[name=project]").select_option(label="With our own nets (invented)")
    desk.fill("[name=starts_on]", "2025-01-01")
    desk.fill("[name=ends_on]", "2027-12-31")
    desk.locator("form", has=desk.locator("[name=project]")).locator("button[type=submit]").click()
    report = desk.locator("article.report")
    expect(report).to_contain_text("5 of 10")
    expect(report).to_contain_text("Its project and people do not exist.")
    expect(report).not_to_contain_text(
        re.compile("donor|Funded|UNITAR|beside what others found", re.I)
    )
