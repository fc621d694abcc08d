"""What people do with their hands in the ten minutes: each verb presses what a person would press.

`desk` is a page in English at 1280 pixels, `phone` one in Arabic at 360.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from playwright.sync_api import expect

from cms.management.commands.demo import PASSWORD

ROSTER = Path(__file__).parents[2] / "packs" / "cairo" / "demo" / "roster-utf16.csv"
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"
ADMINISTRATOR = "administrator@example.org"
A_MINUTE = 60_000


def sign_in(page, site, address=ADMINISTRATOR, lands="**/cms/"):
    page.goto(f"{site.site.url}/en/accounts/login/")
    page.fill("[name=login]", address)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lands)


def code_mailed_to(site, address):
    def look():
        for mail in site.mailbox.mails(to=address):
            return re.search(r"\b[A-Z0-9]{4}-?[A-Z0-9]{4}\b|\b[A-Z0-9]{6}\b", mail.text)

    return site.until(look).group()


def today(desk, site, words):
    """The one sentence of "Today" with these words."""
    desk.goto(f"{site.site.url}/cms/")
    sentence = desk.locator("[data-today]").filter(has_text=words)
    expect(sentence).to_have_count(1)
    return sentence


def read_a_list(desk):
    """The roster as an office sends it; its headings leave no doubt what its columns hold."""
    desk.get_by_label("The list").set_input_files(ROSTER)
    desk.get_by_role("button", name="Read the list").click()


def mend(desk, row):
    """The keyboard stands in the row that waits; one press says what an empty cell means."""
    line = desk.locator(f"#row-{row}")
    expect(line.get_by_label("Completed on")).to_be_focused()
    line.get_by_role("button", name="It was the last day of the course").click()


def ask(desk, people, button, sent):
    """What leaves is looked at before it leaves: to how many, in which languages, to whom not."""
    expect(desk.get_by_text(f"This mail goes to {people} people")).to_be_visible()
    expect(desk.get_by_text("To whom it does not go")).to_be_visible()
    desk.get_by_role("button", name=button, exact=True).click()
    expect(desk.get_by_text(sent)).to_be_visible()


def send_what_is_due(desk, site):
    """All rhythms of the countries' digest, once the desk has said to how many."""
    desk.goto(f"{site.site.url}/cms/mailings/")
    desk.get_by_role("link", name=re.compile("Send what is due: “Country")).click()
    desk.get_by_role("button", name=re.compile(r"Send to \d+ (person|people) now")).click()


def print_slips(desk):
    """The sheet for the printer, in a tab of its own."""
    with desk.context.expect_page() as opened:
        desk.get_by_role("button", name=re.compile(r"Print \d+ slips")).click()
    return opened.value


def join(phone, site, *, code, address):
    """From the code on a slip to a place of one's own; nothing is ticked for anybody."""
    # As the square on the slip leads there.
    phone.goto(f"{site.site.url}/ar/members/slip/?code={code.replace(' ', '')}")
    expect(phone.locator("[name=code]")).to_have_value(code)
    assert not phone.evaluate(TOO_WIDE)
    phone.fill("[name=address]", address)
    phone.locator("main form button[type=submit]").click()
    phone.fill("[name=code]", code_mailed_to(site, address))
    phone.locator("main form button[type=submit]").first.click()
    phone.wait_for_url("**/ar/members/me/")
    expect(phone.locator("[name=tier]:checked, [name=agrees]:checked")).to_have_count(0)
    phone.check("[name=agrees]")
    phone.check("[name=tier][value=cohort]")
    phone.locator("main form button[type=submit]").click()
    expect(phone.locator("main .note[role=status]")).to_be_visible()


def begin_story(desk, site, language, title):
    """A new story, from the menu, in a language; its form."""
    desk.goto(f"{site.site.url}/cms/story-list/")
    desk.get_by_role("link", name="Add story").first.click()
    desk.get_by_role("link", name=re.compile(f"^{language}\\b")).click()
    # Key by key: the page's address is made from the title as it is typed.
    desk.get_by_role("textbox", name="Title*").press_sequentially(title)


def ready_to_copy(desk, site):
    """The demonstration's page with the texts of its story opened, and the form in its own tab."""
    desk.goto(f"{site.site.url}/en/demo/")
    step = desk.locator(".tour > li").nth(2)
    step.locator("summary").click()
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    with desk.context.expect_page() as opened:
        step.get_by_role("link", name="Write the story").click()
    return step, opened.value


def copy_to(step, label, field):
    """One of the ready texts, by its button, into a field of the form."""
    step.page.bring_to_front()
    one = step.locator(".one", has=step.page.get_by_label(label, exact=True))
    one.get_by_role("button", name="Copy").click()
    expect(one.get_by_role("status")).to_have_text("Copied")
    field.page.bring_to_front()
    field.click()
    field.page.keyboard.press("Control+V")


def tick_country(desk, country):
    """Found by typing, ticked by Enter."""
    found = desk.locator("#id_countries").get_by_role("searchbox")
    found.fill(country)
    found.press("Enter")
    expect(desk.get_by_role("checkbox", name=country)).to_be_checked()


def tell(desk, *, standfirst, text, country):
    desk.get_by_role("textbox", name="Standfirst").first.fill(standfirst)
    tick_country(desk, country)
    # The text begins with an open paragraph.
    desk.locator(".public-DraftEditor-content").click()
    desk.keyboard.type(text)
    # The editor writes what was typed into the form a moment later.
    expect(desk.locator("input[name=body-0-value]")).to_have_value(re.compile(text[-12:-1]))


def tell_shortly(desk, step, languages):
    """Short translations, copied from the ready texts: each begins in the next free language."""
    for number, (code, name) in enumerate(languages.items()):
        desk.locator("#id_short_translations-ADD").click()
        line = f"[name=short_translations-{number}-"
        expect(desk.locator(f"{line}language]")).to_have_value(code)
        for part in ("title", "standfirst"):
            label = f"Short translation, {name}: {part}"
            copy_to(step, label, desk.locator(f"{line}{part}]"))


def ask_the_author(desk):
    """Publishing waits for whoever tells the story: asked by mail whether and how to be named."""
    press_publish(desk)
    expect(desk.get_by_text("Saved, not published: somebody in this story")).to_be_visible()
    desk.get_by_role("button", name="Ask the person by mail").click()
    expect(desk.locator(".messages").get_by_text("Asked.")).to_be_visible()


def agree_by_name(phone, site, address, name):
    """The author opens the mail and says yes, by the whole name."""
    mail = open_mail(phone, site, address)
    page = tap(phone, mail.locator("a[href*='/stories/']").first)
    page.locator("label", has_text=name).locator("[name=form][value=name]").check()
    page.locator("button[name=do][value=yes]").click()
    expect(page.locator("button[name=do][value=no]")).to_be_visible()
    page.close()


def press_publish(desk):
    desk.get_by_role("button", name="Publish", exact=True).click()


def publish(desk):
    press_publish(desk)
    expect(desk.locator(".messages").get_by_text(re.compile("published"))).to_be_visible()


def say_who_tells(desk, name):
    """The author of the story whose form is open, looked up among the members."""
    desk.get_by_role("button", name="Choose a person").click()
    window = desk.get_by_role("dialog")
    window.get_by_role("textbox", name="Search term").fill(name)
    window.get_by_role("link", name=re.compile(name)).first.click()
    expect(window).to_have_count(0)


def shade(page, site, language, address):
    """The class of a country on the home page's map."""
    page.goto(f"{site.site.url}/{language}/")
    way = page.locator(f"figure.map a[href='/{language}{address}']")
    return way.first.get_attribute("class")


def open_mail(page, site, to, subject=""):
    """The newest mail to somebody, on the mailbox page."""
    page.goto(f"{site.site.mail_url}/?to={to}")
    mails = page.locator("#mails a.mail")
    if subject:
        mails = mails.filter(has_text=subject)
    expect(mails.first).to_be_visible(timeout=A_MINUTE)
    mails.first.click()
    return page.frame_locator("iframe").first


def tap(page, link):
    """A link of a mail opens in a tab of its own; that tab."""
    with page.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_load_state()
    return opened.value


def standing(desk, site, address):
    """A reader's row among all readers."""
    desk.goto(f"{site.site.url}/cms/readers/")
    desk.locator("#find").get_by_label("Address").fill(address)
    desk.locator("#find").get_by_role("button", name="Show", exact=True).click()
    expect(desk.get_by_text("1 reader", exact=True)).to_be_visible()
    return desk.locator("table.listing tbody tr")


def look_at_the_digest(desk, site):
    """Today's sentence of the weekly digest leads to what would leave now."""
    sentence = today(desk, site, re.compile("every week.*leaves on"))
    sentence.get_by_role("link", name="Look").click()


def send_the_digest(desk):
    """Press the button and look on until the sum of the mailing has closed; how many got it."""
    button = desk.get_by_role("button", name=re.compile(r"Send to \d+ p"))
    people = re.search(r"\d+", button.inner_text()).group()
    button.click()
    expect(desk.locator(".messages").get_by_text("is being drawn up")).to_be_visible()
    # Both screens follow by themselves.
    row = desk.get_by_role("row").filter(has_text="(every week)").first
    expect(row.locator("td.figure").first).to_have_text(people, timeout=A_MINUTE)
    row.get_by_role("link").click()
    sums = desk.locator("[data-part=sums] table").first
    expect(desk.locator("[data-part=state]")).to_have_text("sent", timeout=A_MINUTE)
    expect(sums.get_by_role("row", name="People in this mailing")).to_contain_text(people)
    expect(desk.get_by_text("These figures do not add up")).to_have_count(0)
    return int(people)


def days_ago(days):
    return dt.date.today() - dt.timedelta(days=days)
