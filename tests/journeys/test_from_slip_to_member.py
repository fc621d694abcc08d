"""The whole path of a joining slip: printed at the desk, typed on a phone, confirmed by staff."""

import re

import pytest
from playwright.sync_api import expect

from cms.management.commands.demo import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADMINISTRATOR = "administrator@example.org"
RUN, OWN = "joint-casework-1", "amal.slip@example.org"
PERSON = (
    "INSERT INTO alumni_profile (key, given_name, family_name, gender, address, phone, country,"
    " role, institution, institution_type, post, languages, expertise, biography, tier,"
    " public_name, shares_institution, shows_initials, answers_questions, contact, door,"
    " created_at, changed_at) VALUES"
    " ('amal-key', 'أمل', 'عبد الرحمن', '', '', '', 'EG', '', '', '', '', '{ar}', '{}', '', '',"
    " false, false, false, false, 'members', '', now(), now()) RETURNING id"
)
ENROLLED = (
    "INSERT INTO alumni_enrolment (profile_id, run_id, role, completion, institution, post,"
    " country, created_at) SELECT %s, id, 'participant', 'completed', '', '', '', now()"
    " FROM alumni_courserun WHERE slug = %s RETURNING id"
)
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
def site(live):
    live.start_mail()
    live.start_web()
    live.start_worker()
    return live


def sign_in(page, site):
    page.goto(f"{site.site.url}/en/accounts/login/")
    page.fill("[name=login]", ADMINISTRATOR)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url("**/cms/")


def code_mailed_to(site, address):
    def look():
        for mail in site.mailbox.mails(to=address):
            return re.search(r"\b[A-Z0-9]{4}-?[A-Z0-9]{4}\b|\b[A-Z0-9]{6}\b", mail.text)

    return site.until(look).group()


def test_a_slip_is_printed_typed_on_a_phone_and_confirmed_by_staff(site, desk, phone):
    ((person,),) = site.sql(PERSON)
    site.sql(ENROLLED, person, RUN)
    sign_in(desk, site)
    desk.goto(f"{site.site.url}/cms/joining/{RUN}/slips/")
    desk.locator("main form button[type=submit]").click()
    card = desk.locator("article[lang=ar]", has_text="أمل")
    code = card.locator(".code").inner_text()

    phone.goto(f"{site.site.url}/ar/members/slip/?code={code.replace(' ', '')}")
    expect(phone.locator("[name=code]")).to_have_value(code)
    assert not phone.evaluate(TOO_WIDE)
    phone.fill("[name=address]", OWN)
    phone.click("main form button[type=submit]")
    phone.fill("[name=code]", code_mailed_to(site, OWN))
    phone.locator("main form button[type=submit]").first.click()
    phone.wait_for_url("**/ar/members/me/")
    desk.goto(f"{site.site.url}/cms/joining/{RUN}/")
    phone.check("[name=agrees]")
    phone.check("[name=tier][value=network]")
    phone.click("main form button[type=submit]")
    expect(phone.locator("html")).to_have_attribute("dir", "rtl")

    # The desk follows by itself.
    tick = desk.get_by_role("button", name="This is the person")
    expect(tick).to_be_visible()
    assert site.sql("SELECT door, identified_at FROM alumni_profile WHERE id = %s", person) == [
        ("slip", None)
    ]
    tick.click()
    expect(desk.get_by_text("is a member now")).to_be_visible()
