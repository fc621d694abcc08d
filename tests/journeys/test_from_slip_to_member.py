"""A joining slip without a mouse and without scripts; with them it is in the walk."""

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import press_button, skip_to_the_text, tab_to
from tests.journeys.hands import code_mailed_to, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RUN = "joint-casework-1"
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


@pytest.fixture
def site(live):
    live.start_mail()
    live.start_web()
    live.start_worker()
    return live


@pytest.fixture
def plain(chromium):
    """A phone whose browser runs no scripts."""
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=False
    )
    yield context.new_page()
    context.close()


def printed_codes(desk, site, *names):
    """Each person is put on the list; what stands on the printed cards."""
    for n, name in enumerate(names):
        ((person,),) = site.sql(PERSON.replace("'amal-key', 'أمل'", f"'key-{n}', '{name}'"))
        site.sql(ENROLLED, person, RUN)
    sign_in(desk, site)
    desk.goto(f"{site.site.url}/cms/joining/{RUN}/slips/")
    desk.locator("main form button[type=submit]").click()
    return [desk.locator("article", has_text=name).locator(".code").inner_text() for name in names]


def test_a_slip_opens_the_door_by_keyboard_alone_and_without_scripts(site, desk, phone, plain):
    by_keyboard, without = printed_codes(desk, site, "سلمى", "ليلى")

    phone.goto(f"{site.site.url}/ar/members/slip/")
    skip_to_the_text(phone)
    tab_to(phone, name="code")
    phone.keyboard.type(by_keyboard)
    tab_to(phone, name="address")
    phone.keyboard.type("salma.slip@example.org")
    press_button(phone)
    phone.wait_for_url("**/accounts/confirm-email/")
    # The keyboard stands in the one field.
    phone.keyboard.type(code_mailed_to(site, "salma.slip@example.org"))
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/ar/members/me/")
    tab_to(phone, name="agrees")
    phone.keyboard.press("Space")
    tab_to(phone, name="tier")
    phone.keyboard.press("ArrowDown")
    press_button(phone)
    expect(phone.locator("[name=tier][value=cohort]")).to_be_checked()
    # It says what is still to come, and offers no page that is not there yet.
    expect(phone.locator("main .note[role=status]")).to_be_visible()
    expect(phone.locator(".account-pages a[href$='/messages/']")).to_have_count(0)

    plain.goto(f"{site.site.url}/ar/members/slip/")
    plain.fill("[name=code]", without)
    plain.fill("[name=address]", "layla.slip@example.org")
    plain.click("main form button[type=submit]")
    plain.fill("[name=code]", code_mailed_to(site, "layla.slip@example.org"))
    plain.locator("main form button[type=submit]").first.click()
    plain.wait_for_url("**/ar/members/me/")
    # Without the tick: our own words, in the page's language, and nobody has joined.
    plain.click("main form button[type=submit]")
    expect(plain.locator("main .field.wrong .errorlist")).to_be_visible()
    plain.check("[name=agrees]")
    plain.check("[name=tier][value=cohort]")
    plain.click("main form button[type=submit]")
    expect(plain.locator("main .note[role=status]")).to_be_visible()

    joined = site.sql(
        "SELECT given_name, tier FROM alumni_profile WHERE key IN ('key-0', 'key-1')"
        " AND accepted_at IS NOT NULL ORDER BY key"
    )
    assert joined == [("سلمى", "cohort"), ("ليلى", "cohort")]
