"""Privacy and imprint: made from the pack, linked everywhere, and true of what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from cms.contexts import notices
from cms.models import NoticePage

pytestmark = pytest.mark.django_db
LANGUAGES = list(settings.PACK.languages)
ROOT = Path(settings.BASE_DIR)


@pytest.fixture
def founded() -> None:
    call_command("setup", no_input=True)


@pytest.mark.usefixtures("founded")
def test_each_language_has_both_notices_in_the_pack_s_words(client: Client) -> None:
    for kind in ("privacy", "imprint"):
        plan = getattr(settings.PACK.pages, kind)
        pages = NoticePage.objects.filter(kind=kind)
        assert len(set(pages.values_list("translation_key", flat=True))) == 1
        for language in LANGUAGES:
            body = client.get(f"/{language}/{kind}/").content.decode()
            assert plan.titles[language] in body
            for part in plan.parts:
                assert part.titles[language] in body
                assert part.texts[language][:40] in body


@pytest.mark.usefixtures("founded")
def test_every_page_leads_to_them(client: Client) -> None:
    for address in ("", "stories/", "search/", "newsletters/", "accounts/login/", "nothing-here/"):
        body = client.get(f"/ar/{address}").content.decode()
        assert 'href="/ar/privacy/"' in body, address
        assert 'href="/ar/imprint/"' in body, address
    assert 'href="/en/privacy/"' in client.get("/n/u/nothing/").content.decode()


@pytest.mark.usefixtures("founded")
def test_the_doors_it_names_are_there(client: Client) -> None:
    body = client.get("/en/privacy/").content.decode()

    doors = re.findall(r'href="(/en/(?:members|newsletters)/[^"]+)"', body.partition("<main")[2])
    assert {"/en/members/me/data/", "/en/members/me/hide/", "/en/newsletters/link/"} <= set(doors)
    for door in doors:
        assert client.get(door).status_code in {200, 302}, door
    assert f"mailto:{settings.PACK.contact}" in body


@pytest.mark.usefixtures("founded")
def test_the_imprint_says_who_and_where(client: Client) -> None:
    body = client.get("/en/imprint/").content.decode().partition("<main")[2]

    assert settings.PACK.postal_address in body
    assert settings.PACK.contact in body
    assert "Natural Earth" in body


def test_the_table_has_every_period_that_a_person_can_ask_for() -> None:
    """Of colleagues' work, of keyed hashes and of what says no more than another row it is mute."""
    with_days = {
        model
        for model, policy in settings.RETENTION.people.items()
        if policy.days and policy.exported
    }

    assert sorted(with_days - notices.TOLD.keys()) == []
    assert sorted(notices.TOLD.keys() - settings.RETENTION.people.keys()) == []


def test_the_table_says_the_pack_s_shorter_periods() -> None:
    days = settings.RETENTION.people["alumni.Message"].days
    assert days == settings.PACK.retention[0].days
    lines = {line.what: line.how_long for line in notices.kept()}
    assert lines[str(notices.TOLD["alumni.Message"])] == f"{days} days"
    assert lines[str(notices.TOLD["alumni.Profile"])] == "5 years"
    assert notices.period(1) == "1 day"


def test_every_cookie_and_key_of_ours_is_named() -> None:
    """`document.cookie`, `set_cookie` and `localStorage` in our own code say no other name."""
    named = set()
    for folder in ("alumni", "cms", "newsletters", "config"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            for name in re.findall(r"set_cookie\(\s*([\w\"\']+)", text):
                constant = re.search(rf"\b{name}\b[\w, ]* = \"(\w+)\"", text)
                named.add(constant[1] if constant else name.strip("\"'"))
    for path in (ROOT / "static").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert "document.cookie" not in text
        if "localStorage" in text or "sessionStorage" in text:
            named |= set(re.findall(r"`(\w+) \$\{key\}`", text)) or {path.name}

    assert named == {"said", "kept"}
    assert named <= notices.STORED.keys()
