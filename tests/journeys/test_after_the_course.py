"""A question answered without scripts and by keyboard, a member who is gone in a minute and back.

A desk in English at 1280 pixels, a phone in Arabic at 360: the site, a worker and the mail provider
are the demonstration's own.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import press_button, skip_to_the_text, tab_to
from tests.browser.test_look import barriers
from tests.journeys.hands import TOO_WIDE, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RUN, PROJECT_REPORTS = "joint-casework-3", "/cms/reports-of-projects/"
WANJIRU, CLASSMATE = "wanjiru@example.org", "prisca@example.org"
HER_NAME = "Wanjiru Kamau"
A_MINUTE = 60


@pytest.fixture
def site(live):
    live.start_mail()
    live.start_web()
    live.start_worker()
    return live


@pytest.fixture
def stranger(chromium):
    """A private window of somebody who has no account."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def follow_up(page, site):
    page.goto(f"{site.site.url}/cms/joining/{RUN}/follow-up/")


def question_mailed_to(site, address):
    def look():
        for mail in site.mailbox.mails(to=address):
            if found := re.search(r"\S+/n/go/\S+:used/", mail.text):
                return found.group()

    return site.until(look)


def test_the_question_is_answered_without_scripts_and_by_keyboard_alone(
    site, chromium, desk, phone
):
    sign_in(desk, site)
    follow_up(desk, site)
    desk.get_by_role("link", name="Ask 9 people").click()
    desk.get_by_role("button", name="Ask 9 people now").click()
    site.until(lambda: len(site.mailbox.mails(containing=f":{RUN}:")) == 9)
    first, second, *_others = sorted(m.to for m in site.mailbox.mails(containing=f":{RUN}:"))
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=False
    )
    try:
        page = context.new_page()
        page.goto(question_mailed_to(site, first))
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url("**saved=1")
    finally:
        context.close()

    phone.goto(question_mailed_to(site, second))
    skip_to_the_text(phone)
    tab_to(phone, name="use")
    phone.keyboard.press("ArrowDown")
    expect(phone.locator("[name=use][value=not-yet]")).to_be_checked()
    tab_to(phone, name="barriers")
    phone.keyboard.press("Space")
    press_button(phone)
    phone.wait_for_url("**saved=1*")

    assert site.sql("SELECT count(*) FROM alumni_answer a JOIN alumni_enrolment e"
                    " ON e.id = a.enrolment_id JOIN alumni_courserun r ON r.id = e.run_id"
                    " WHERE r.slug = %s", RUN) == [(9,)]  # fmt: skip


def report_for_the_donor(desk, site):
    """Freezes the demonstration's report as a colleague does; its address for the donor."""
    desk.goto(f"{site.site.url}{PROJECT_REPORTS}")
    desk.locator("select[name=project]").select_option(
        label=desk.locator("select[name=project] option", has_text="(invented)").inner_text()
    )
    desk.fill("[name=starts_on]", "2025-01-01")
    desk.fill("[name=ends_on]", "2027-12-31")
    desk.locator("form", has=desk.locator("[name=project]")).locator("button[type=submit]").click()
    desk.fill("[name=note]", "The donor's manager")
    desk.locator("form", has=desk.locator("[name=note]")).locator(
        "button[type=submit]"
    ).last.click()
    return desk.locator("#address").input_value()


def test_hidden_in_two_clicks_means_gone_for_everyone(site, phone, desk, stranger):
    # Her story is signed with her name, as she agreed; a donor holds a report.
    sign_in(desk, site)
    report = report_for_the_donor(desk, site)
    stranger.goto(report)
    figures = stranger.locator("article.report").inner_text()
    assert HER_NAME in figures
    story = f"{site.site.url}/en/stories/a-referral-is-a-handover/"
    search = f"{site.site.url}/en/search/?q=wanjiru"
    stranger.goto(story)
    expect(stranger.locator("main")).to_contain_text(HER_NAME)
    stranger.goto(search)
    expect(stranger.get_by_role("link", name="A referral is a handover")).to_be_visible()
    desk.goto(f"{site.site.url}/cms/")
    expect(desk.locator("main")).not_to_contain_text("byline changed")
    desk.context.clear_cookies()

    # Another member of the same course looks for her at a desk.
    site.sql(
        "UPDATE alumni_user SET password = (SELECT password FROM alumni_user WHERE email = %s)"
        " WHERE email = %s",
        WANJIRU,
        CLASSMATE,
    )
    sign_in(desk, site, CLASSMATE, lands="**/members/me/")
    places = ["/en/members/?q=wanjiru", "/en/members/courses/joint-casework-2/"]
    for place in places:
        desk.goto(site.site.url + place)
        expect(desk.locator("main")).to_contain_text(HER_NAME)
    desk.get_by_role("link", name=HER_NAME).first.click()
    her_page = desk.url
    expect(desk.get_by_role("heading", name=HER_NAME)).to_be_visible()

    sign_in(phone, site, WANJIRU, lands="**/members/me/")
    phone.goto(f"{site.site.url}/ar/members/me/")
    assert not phone.evaluate(TOO_WIDE)
    phone.locator("a[href$='/members/me/hide/']").first.click()
    assert barriers(phone) == []
    phone.locator("main form button.call").click()
    expect(phone.locator("input[name=do][value=show]")).to_have_count(1)

    for place in places:
        desk.goto(site.site.url + place)
        expect(desk.locator("main")).not_to_contain_text(HER_NAME)
    gone, missing = desk.goto(her_page), desk.goto(f"{site.site.url}/en/members/nobody-at-all/")
    assert (gone.status, missing.status) == (404, 404)
    stranger.goto(story)
    expect(stranger.get_by_role("heading", name="A referral is a handover")).to_be_visible()
    expect(stranger.locator("body")).not_to_contain_text("Wanjiru")
    stranger.goto(search)
    expect(stranger.get_by_role("link", name="A referral is a handover")).to_have_count(0)
    stranger.goto(report)
    # Every figure stays as it was frozen; her change is told by nobody now.
    assert stranger.locator("article.report").inner_text() == figures.replace(HER_NAME, "")
    desk.context.clear_cookies()
    sign_in(desk, site)
    expect(desk.get_by_text("Kenya story: byline changed.")).to_be_visible()

    # And back, to the same people as before.
    phone.locator("main form button[type=submit]").click()
    expect(phone.locator("input[name=do][value=hide]")).to_have_count(1)
    desk.goto(her_page)
    expect(desk.get_by_role("heading", name=HER_NAME)).to_be_visible()
    desk.goto(f"{site.site.url}/cms/")
    expect(desk.locator("main")).not_to_contain_text("byline changed")
    stranger.goto(story)
    expect(stranger.locator("main")).to_contain_text(HER_NAME)


def test_mail_that_waits_and_names_who_hides_stays_here(site, phone):
    """The provider holds its answers: some mails are on their way, the others wait their turn."""
    site.sql("UPDATE cms_storypage SET standfirst = %s || ' tells how it began.' WHERE author_id ="
             " (SELECT p.id FROM alumni_profile p JOIN alumni_user u ON u.id = p.user_id"
             " WHERE u.email = %s)", HER_NAME, WANJIRU)  # fmt: skip
    telling = (
        "SELECT count(*) FROM newsletters_batch b JOIN newsletters_edition e ON e.id = b.edition_id"
        " WHERE b.state = %s AND EXISTS (SELECT FROM newsletters_fragment f"
        " WHERE f.entry = ANY(e.selection) AND f.html LIKE %s)"
    )
    waiting = lambda: site.sql(telling, "queued", f"%{HER_NAME}%")[0][0]  # noqa: E731
    site.hold()
    site.ring_for_the_digest()
    site.until(lambda: site.held() and waiting())
    sign_in(phone, site, WANJIRU, lands="**/members/me/")
    phone.goto(f"{site.site.url}/en/members/me/hide/")
    on_their_way = len(site.mailbox.mails(containing=HER_NAME))

    phone.locator("main form button.call").click()
    expect(phone.locator("input[name=do][value=show]")).to_have_count(1)

    assert waiting() == 0
    site.release()
    site.until(site.everything_sent, seconds=A_MINUTE)
    assert len(site.mailbox.mails(containing=HER_NAME)) == on_their_way
    assert site.sql("SELECT sum(size) > 0 FROM newsletters_batch WHERE state = 'cancelled'"
                    " AND reason = 'a story was taken down'") == [(True,)]  # fmt: skip
