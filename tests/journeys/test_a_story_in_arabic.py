"""A story told first in Arabic, with two short translations: what readers of each language see."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_look import barriers
from tests.journeys.test_from_story_to_mailbox import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EDITOR = "editor@example.org"
TITLE = "مكتبٌ يفتح بابه ليلًا"
STANDFIRST = "من يصل بعد الغروب يجد من يسأله عن حاله قبل أن يسأله عن أوراقه."
SHORT = {
    "en": ("An office that opens at night", "Whoever arrives after dark is asked how they are."),
    "fr": ("Un bureau qui ouvre la nuit", "Qui arrive après la nuit trouve à qui parler."),
}
ZAMBIA = "/countries/zambia/"


@pytest.fixture
def site(live):
    live.start_mail()
    live.start_web()
    live.start_worker()
    return live


def shade(page, site, language):
    """The class of Zambia on the home page's map."""
    page.goto(f"{site.site.url}/{language}/")
    way = page.locator(f"figure.map a[href='/{language}{ZAMBIA}']")
    return way.first.get_attribute("class")


def write(desk, site):
    ((parent,),) = site.sql(
        "SELECT p.id FROM wagtailcore_page p JOIN cms_storyindexpage s ON s.page_ptr_id = p.id"
        " JOIN wagtailcore_locale l ON l.id = p.locale_id WHERE l.language_code = 'ar'"
    )
    desk.goto(f"{site.site.url}/cms/pages/add/cms/storypage/{parent}/")
    desk.get_by_role("textbox", name="Title*").press_sequentially(TITLE)
    desk.get_by_role("textbox", name="Standfirst").first.fill(STANDFIRST)
    desk.get_by_role("checkbox", name="Zambia").check()
    desk.get_by_role("button", name="Insert a block").first.click()
    desk.get_by_role("option", name="Paragraph").click()
    desk.locator(".public-DraftEditor-content").click()
    desk.keyboard.type("فتح المكتب الليلي أبوابه في مايو.")
    expect(desk.locator("input[name=body-0-value]")).to_have_value(re.compile("الليلي"))
    for number, (language, (title, standfirst)) in enumerate(SHORT.items()):
        desk.locator("#id_short_translations-ADD").click()
        desk.select_option(f"[name=short_translations-{number}-language]", language)
        desk.fill(f"[name=short_translations-{number}-title]", title)
        desk.fill(f"[name=short_translations-{number}-standfirst]", standfirst)
    desk.select_option("[name=audience]", "public")
    desk.get_by_role("button", name="More actions").last.click()
    desk.get_by_role("button", name="Publish").click()
    expect(desk.locator(".messages").get_by_text(re.compile("published"))).to_be_visible()


def test_published_once_and_read_in_three_languages(site, desk, phone):
    before = {language: shade(phone, site, language) for language in ("ar", "en", "pt")}

    sign_in(desk, site, EDITOR)
    write(desk, site)

    # The map is darker where there is something more to read, and nowhere else.
    after = {language: shade(phone, site, language) for language in before}
    assert after["pt"] == before["pt"]
    assert after["ar"] != before["ar"]
    assert after["en"] != before["en"]

    phone.goto(f"{site.site.url}/ar{ZAMBIA}")
    phone.get_by_role("link", name=TITLE).click()
    expect(phone.locator("html")).to_have_attribute("dir", "rtl")
    expect(phone.get_by_role("heading", name=TITLE)).to_be_visible()
    assert phone.locator("h1").evaluate("title => getComputedStyle(title).direction") == "rtl"
    assert not phone.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert barriers(phone) == []

    for language, (title, standfirst) in SHORT.items():
        phone.goto(f"{site.site.url}/{language}{ZAMBIA}")
        card = phone.locator("article.card", has_text=title)
        expect(card.get_by_text(standfirst)).to_be_visible()
        card.get_by_role("link", name=title).click()
        expect(phone.locator("html")).to_have_attribute("lang", language)
        expect(phone.get_by_role("heading", level=1, name=title)).to_be_visible()
        text = phone.locator(".prose[dir=rtl][lang=ar]", has_text="فتح المكتب الليلي")
        expect(text).to_be_visible()
        assert barriers(phone) == []


def test_the_courses_page_thanks_those_who_paid_for_it(site, phone):
    phone.goto(f"{site.site.url}/en/courses/cairo-2022-09/")

    thanks = phone.locator("main").get_by_text("Government of Japan").first
    expect(thanks).to_be_visible()
    expect(phone.locator("main").get_by_text("UNDP").first).to_be_visible()
