"""Every mail that the demonstration sends: what an editor is told of it, and what a filter says."""

from __future__ import annotations

import io
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from newsletters import checks, letters
from newsletters.models import Edition, Issue
from newsletters.pipeline import editions
from tests import demomails

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

SITE = "https://network.example.org"
MOST = 1.0
"""Points of SpamAssassin; from 5 on a mail is spam, and some mailboxes begin at 2."""
SCORE = re.compile(r"^X-Spam-Status:.*?score=(-?[\d.]+).*?tests=(\S*(?:\n\s+\S+)*)", re.M | re.S)

NUMBER = re.compile(r"^X-Number: (\d+)", re.M)
MIXED = "score MIXED_ES 0.01"
"""The filter takes é, è and ê for a trick; for languages that have such letters its authors give
the rule this score, but only where it is set up for one of them."""


@pytest.fixture(scope="module")
def demo(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[dict[str, Any]]:
    """The demonstration with all its mails sent; for this module, it is in the database."""
    media = tmp_path_factory.mktemp("media")
    changed = {"DEMO": True, "MEDIA_ROOT": media, "SITE_URL": SITE, "SITE_INSTANCE": SITE}
    with django_db_blocker.unblock(), transaction.atomic():
        with (
            override_settings(EMAIL_BACKEND="anymail.backends.test.EmailBackend", **changed),
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr(letters, "ring", lambda letter_id: None)
            call_command("demo", stdout=io.StringIO(), stderr=io.StringIO())
            mails = demomails.everything()
            with django_db_blocker.block():
                yield mails
        transaction.set_rollback(True)


def test_it_sends_digests_a_question_and_letters(demo: Any) -> None:
    sent = Edition.objects.values_list("issue__kind", "language").distinct()

    assert {("digest", "en"), ("digest", "ar"), ("written", "en")} <= set(sent)
    assert not Issue.objects.filter(state="halted").exists()
    assert len(demo) > 100


def test_an_editor_is_told_of_nothing_in_any_edition(demo: Any, settings: Any) -> None:
    settings.SITE_URL = SITE
    found = [
        (edition.language, one.code, one.text)
        for edition in Edition.objects.select_related("issue__newsletter")
        for one in checks.of_mail(
            editions.mail(edition),
            subject=edition.subject,
            preheader=edition.preheader,
            language=edition.language,
            newsletter=edition.issue.newsletter,
        )
    ]

    assert found == []


def test_no_mail_speaks_with_an_element_that_mail_programs_drop(demo: Any) -> None:
    for name, message in demo.items():
        html = message.get_payload()[1].get_payload(decode=True).decode()
        page = BeautifulSoup(html, "html.parser")
        assert page.find(["bdi", "article", "nav", "main", "section", "svg"]) is None, name


@pytest.mark.spamassassin
def test_a_filter_finds_next_to_nothing_in_any_mail(demo: Any, tmp_path: Path) -> None:
    box = tmp_path / "mails"
    with box.open("wb") as out:
        for number, message in enumerate(demo.values()):
            octets = re.sub(rb"(?m)^From ", b">From ", message.as_bytes(unixfrom=False))
            out.write(b"From network@news.example.org Thu Jan  1 00:00:00 2026\n")
            out.write(b"X-Number: %d\n%s\n\n" % (number, octets))

    told = _filtered(tmp_path, "--mbox", str(box))

    # They come in an order of its own.
    scores = {
        int(NUMBER.search(mail)[1]): (float(score), " ".join(tests.split()))  # type: ignore[index]
        for mail in re.split(r"(?m)^From network@", told.stdout)[1:]
        for score, tests in SCORE.findall(mail)[:1]
    }
    assert scores.keys() == set(range(len(demo))), told.stderr[-600:]
    heavy = [(name, *scores[n]) for n, name in enumerate(demo) if scores[n][0] >= MOST]
    assert heavy == []


@pytest.mark.spamassassin
def test_the_filter_does_know_spam(tmp_path: Path) -> None:
    """Else nothing that it lets through would count."""
    spam = (
        "From: x@example.org\nTo: y@example.org\nSubject: !!! YOU WON $$$ VIAGRA\n\n"
        "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n"
    )

    told = _filtered(tmp_path, said=spam)

    assert float(SCORE.search(told.stdout)[1]) >= 1000  # type: ignore[index]


def _filtered(home: Path, *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """What SpamAssassin makes of mails by its shipped rules, without network and memory."""
    alone = ["--local", "--nocreate-prefs", "--prefspath", "/dev/null", "--cf", "use_bayes 0"]
    alone += ["--cf", MIXED]
    return subprocess.run(
        ["spamassassin", *alone, *words],
        input=said,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"HOME": str(home)},
    )
