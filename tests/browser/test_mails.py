"""Mails as a mailbox shows them: on phone and desk, both directions, by day and by night, and
without their pictures, which most mailboxes hide at first."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser

from newsletters import typeset
from newsletters.pipeline import render, written
from newsletters.sources import PersonalLink, Written
from tests.browser.axe import violations
from tests.browser.conftest import DESK, PHONE
from tests.browser.sight import stumbles
from tests.mailsamples import CALL, KENYA, MALI, composed, entry, newsletter

pytestmark = pytest.mark.browser

RULES = [
    *("color-contrast", "link-in-text-block", "image-alt", "heading-order", "empty-heading"),
    *("html-has-lang", "html-lang-valid", "document-title", "link-name", "list", "listitem"),
]
TOO_LOW = """() => [...document.links].filter(one => {
    const box = one.getBoundingClientRect(), style = getComputedStyle(one)
    return box.height && style.display !== 'inline' && box.height < 43.5
  }).map(one => one.outerHTML.slice(0, 90))"""
ANSWERS = {"en": ("Yes, I used it", "Not yet"), "ar": ("نعم، استخدمتها", "ليس بعد")}


def digest(language: str) -> str:
    thanks = {"acknowledgement": "Funded by the Ministry of Example; administered by a partner."}
    entries = entry(KENYA, picture=True, **thanks), entry(MALI, languages=("en",)), entry(CALL)
    return composed(*entries, language=language).mail.html


def question(language: str) -> str:
    links = tuple(PersonalLink(words, "answer:used") for words in ANSWERS[language])
    _kicker, title, standfirst = KENYA[language]
    body = f"<h2>{title}</h2><p>{standfirst}</p><ul><li>{MALI[language][1]}</li></ul>"
    manuscript = Written(language, title, standfirst, body, "", links)
    named = {"newsletter": newsletter(), "language": language, "discreet": False}
    frame = render.frame(**named, archive_url="")
    cards = [written.card(manuscript)]
    return render.compose(frame=frame, fragments=cards, preheader="A question " * 5).html


def letter(language: str) -> str:
    site = settings.SITE_URL
    params = {"newsletter": "Stories", "interests": "Kenya", "confirm_url": f"{site}/n/c/abc/"}
    return typeset.letter(kind="confirm", language=language, params=params).html


@pytest.mark.parametrize("dark", [False, True], ids=["by day", "by night"])
@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("mail", [digest, question, letter])
def test_a_mail_reads_well_without_its_pictures(
    chromium: Browser, mail: Any, language: str, width: int, dark: bool
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
    )
    context.route("**/*", lambda route: route.abort())
    page = context.new_page()
    page.set_content(mail(language))

    found = [one for one in stumbles(page) if one[0] != "broken picture"]
    low, barred = page.evaluate(TOO_LOW), violations(page, RULES)
    context.close()

    assert found == []
    assert low == []
    assert barred == []
