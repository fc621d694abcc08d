"""The mailbox page: what it shows, what it keeps shut, and how it looks in a browser."""

import base64
import quopri
import threading

import pytest
import requests

from localmail.__main__ import read_arguments
from localmail.pages import A_PAGE
from tests.localmail.test_webhooks import Site

HTML = (
    "<!doctype html><html lang='ar' dir='rtl'><head><title>t</title></head><body>"
    "<h1>تجارب</h1><img src='https://elsewhere.example/x.png' alt='رسم'>"
    "<a href='https://example.net/'>اقرأ</a>"
    "<script>document.title = 'run'</script></body></html>"
)
ONE_CLICK = {"h__List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def page(mailbox, path="/", **options):
    return requests.get(mailbox.url + path, timeout=5, **options)


def test_empty_mailbox_says_how_mail_comes(mailbox):
    answer = page(mailbox)

    assert answer.status_code == 200
    assert "No mail yet" in answer.text
    assert mailbox.api_url in answer.text


def test_list_shows_newest_first_and_who_has_mail(sender, mailbox):
    sender.post(to=["amina@example.org"], subject="Early")
    sender.post(to=["amina@example.org", "jean@example.org"], subject="Late")

    text = page(mailbox).text

    assert text.index("Late") < text.index("Early")
    assert "3 mails" in text
    filtered = page(mailbox, "/?to=Jean@example.org").text
    assert "One mail" in filtered
    assert "Early" not in filtered
    assert "No mail for nobody@" in page(mailbox, "/?to=nobody@example.org").text


def test_list_is_cut_into_pages(sender, mailbox):
    people = [f"person{number}@example.org" for number in range(A_PAGE + 1)]
    sender.post(to=people, **{"recipient-variables": {}})

    assert page(mailbox).text.count("data-mail=") == A_PAGE
    assert page(mailbox, "/?page=2").text.count("data-mail=") == 1
    assert page(mailbox, "/?page=3").text.count("data-mail=") == 0
    assert page(mailbox, "/?page=x").status_code == 400


def test_content_of_a_mail_is_never_markup_of_the_page(sender, mailbox):
    sender.post(
        to=['"<b>Amina" <"<i>@example.org>', "amina@example.org"][1:],
        subject="<script>alert(1)</script>",
        text="</pre><script>alert(2)</script>",
        **{"h__X-Kind": "<script>alert(3)</script>"},
    )

    pages = ["/", "/?to=<script>alert(4)</script>", "/mails/1-1"]
    pages += [f"/mails/1-1?view={view}" for view in ("html", "text", "headers", "source")]
    for path in pages:
        answer = page(mailbox, path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text, path
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_html_is_shut_in_and_its_links_open_apart(sender, mailbox):
    sender.post(html=HTML)

    answer = page(mailbox, "/mails/1-1/html")
    off = page(mailbox, "/mails/1-1/html?images=off")

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "img-src http:" in policy
    assert "img-src 'none'" in off.headers["Content-Security-Policy"]
    assert answer.text.startswith("<!doctype html>")
    assert '<head><base target="_blank"><title>' in answer.text


@pytest.mark.parametrize("html", ["", "<p>bare</p>", "<HTML><p>x", "<!DOCTYPE html><p>x"])
def test_html_of_any_shape_is_shown(sender, mailbox, html):
    sender.post(html=html)

    assert page(mailbox, "/mails/1-1").status_code == 200
    assert '<base target="_blank">' in page(mailbox, "/mails/1-1/html").text


def test_weight_is_shown_against_the_line(sender, mailbox):
    sender.post(html="x" * 1000)
    sender.post(html="x " * 42_000)
    sender.post(html="x " * 60_000)

    assert "Gmail hides" not in page(mailbox, "/mails/1-1").text
    assert "close to the line" in page(mailbox, "/mails/2-1").text
    assert "Gmail hides the end" in page(mailbox, "/mails/3-1").text


def test_the_list_tells_the_same_weight_as_the_mail(sender, mailbox):
    sender.post(text="t" * 5000, html="x" * 3000)

    listed = page(mailbox).text.split('<span class="weight">')[1].split("<")[0]

    assert f"<strong>{listed}</strong> of HTML on the wire" in page(mailbox, "/mails/1-1").text


def test_a_mail_is_encoded_the_shorter_way(sender, mailbox):
    words = (
        "<td style='color:#111;font-size:1px' lang='ar' dir='rtl' class='a'>سلام سلام</td>\n" * 100
    )
    sender.post(html=words)

    source = page(mailbox, "/mails/1-1?view=source").text

    shorter = min(
        ("base64", len(base64.encodebytes(words.encode()))),
        ("quoted-printable", len(quopri.encodestring(words.encode()))),
        key=lambda one: one[1],
    )
    html = source.split("text/html")[1]
    assert f"Content-Transfer-Encoding: {shorter[0]}" in html


def test_times_are_those_of_the_clock_that_was_named(sender, mailbox, monkeypatch):
    sender.post()
    assert "Times are those of" not in page(mailbox).text

    monkeypatch.setenv("LOCALMAIL_CLOCK", "Asia/Kathmandu")

    for path in ("/", "/mails/1-1"):
        text = page(mailbox, path).text
        assert "Times are those of Asia/Kathmandu." in text
        assert "+05:45" in text


@pytest.mark.parametrize("zone", ["Nowhere/Here", "../etc/passwd", ""])
def test_a_clock_that_there_is_not_is_refused_in_one_line(zone, capsys):
    with pytest.raises(SystemExit):
        read_arguments(["--data", "x", "--clock", zone])

    assert f"there is no time zone {zone!r}" in capsys.readouterr().err


def test_leaving_posts_what_a_mail_client_posts(sender, mailbox):
    site = Site()
    url = f"http://127.0.0.1:{site.server_address[1]}/n/u/token/?x=1"
    sender.post(**{"h__List-Unsubscribe": f"<mailto:a@b.org>, <{url}>", **ONE_CLICK})
    try:
        answer = requests.post(f"{mailbox.url}/mails/1-1/unsubscribe", timeout=5)
        path, headers, body = site.next()
    finally:
        site.stop()

    assert (path, body) == ("/n/u/token/?x=1", b"List-Unsubscribe=One-Click")
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Cookie" not in headers
    assert answer.url == f"{mailbox.url}/mails/1-1"
    assert "Left. The reader gets no more of these mails." in answer.text
    assert "For technicians: the List-Unsubscribe address answered 200." in answer.text
    assert "Leave with one click" not in answer.text


@pytest.mark.parametrize(("status", "words"), [(302, "answered 302"), (403, "answered 403")])
def test_leaving_that_failed_says_so_and_can_be_tried_again(sender, mailbox, status, words):
    site = Site()
    site.statuses = [status]
    url = f"http://127.0.0.1:{site.server_address[1]}/"
    sender.post(**{"h__List-Unsubscribe": f"<{url}>", **ONE_CLICK})
    try:
        answer = requests.post(f"{mailbox.url}/mails/1-1/unsubscribe", timeout=5)
    finally:
        site.stop()

    assert words in answer.text
    assert "Leave with one click" in answer.text
    assert mailbox.client.unsubscribe("1-1") == 0, "nobody answers any more"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"h__List-Unsubscribe": "<https://example.net/u/>"},
        {"h__List-Unsubscribe": "<mailto:leave@example.net>", **ONE_CLICK},
        {"h__List-Unsubscribe": "<javascript:alert(1)>", **ONE_CLICK},
    ],
)
def test_mail_without_both_headers_has_no_button(sender, mailbox, headers):
    sender.post(**headers)

    assert "no one-click way out" in page(mailbox, "/mails/1-1").text


def test_unknown_mail_is_a_page_with_a_way_on(mailbox):
    answer = page(mailbox, "/mails/7-1")

    assert answer.status_code == 404
    assert "There is no such mail." in answer.text
    assert 'href="/"' in answer.text


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_the_screen_and_break_no_rule(sender, mailbox, browser_page, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    sender.post(
        to=["a.very.long.address.of.a.colleague@ministry.justice.example.org"],
        subject="تجارب من كينيا وزامبيا، ودعوة مفتوحة تنتهي يوم الجمعة",
        html=HTML,
        **{"h__List-Unsubscribe": "<https://example.net/u/>", **ONE_CLICK},
    )
    browser_page.emulate_media(color_scheme=scheme)
    browser_page.set_viewport_size({"width": width, "height": 760})

    for path in ("/", "/mails/1-1?images=off", "/mails/1-1?view=headers", "/mails/1-1?view=source"):
        browser_page.goto(mailbox.url + path)
        assert browser_page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = Axe().run(browser_page, options={"iframes": False})
        assert [one["id"] for one in found.response["violations"]] == [], path


@pytest.mark.browser
def test_mail_appears_without_a_reload_and_runs_no_script(sender, mailbox, browser_page):
    browser_page.goto(mailbox.url)
    threading.Timer(0.2, lambda: sender.post(subject="Just now", html=HTML)).start()

    browser_page.get_by_text("Just now").click()

    frame = browser_page.frame_locator("iframe")
    assert frame.locator("h1").inner_text() == "تجارب"
    assert browser_page.frames[1].title() == "t"
    height = browser_page.locator("iframe").bounding_box()["height"]
    assert 200 <= height < 400, "as high as the mail is"


@pytest.mark.browser
def test_button_of_the_page_leaves_the_list(sender, mailbox, browser_page):
    site = Site()
    url = f"http://127.0.0.1:{site.server_address[1]}/n/u/token/"
    sender.post(**{"h__List-Unsubscribe": f"<{url}>", **ONE_CLICK})
    try:
        browser_page.goto(f"{mailbox.url}/mails/1-1")
        browser_page.get_by_role("button", name="Leave with one click").click()
        browser_page.get_by_text("Left. The reader gets no more").wait_for()
        path, headers, body = site.next()
    finally:
        site.stop()

    assert (path, body) == ("/n/u/token/", b"List-Unsubscribe=One-Click")
    assert headers.get("Referer") is None
