"""The mails of the sign-in: ours in look and voice, in the language of the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from allauth.account.adapter import get_adapter
from allauth.core import context
from django.conf import settings
from django.test import RequestFactory
from django.utils.translation import override

from tests.mailcheck import check_mail

TEMPLATES = Path(settings.BASE_DIR) / "templates"
SUBJECTS = [
    *(TEMPLATES / "account" / "email").glob("*_subject.txt"),
    *(TEMPLATES / "mfa" / "email").glob("*_subject.txt"),
]
PREFIXES = sorted(
    str(path.relative_to(TEMPLATES)).removesuffix("_subject.txt") for path in SUBJECTS
)
VALUES = {
    "code": "K7Q-2M4",
    "activate_url": f"{settings.SITE_URL}/en/accounts/confirm-email/abc/",
    "password_reset_url": f"{settings.SITE_URL}/en/accounts/password/reset/key/abc/",
    "signup_url": f"{settings.SITE_URL}/en/accounts/signup/",
    "email": "reader@example.net",
    "from_email": "reader@example.net",
    "to_email": "new@example.net",
    "deleted_email": "old@example.net",
    "ip": "192.0.2.1",
    "user_agent": "Browser <b>1</b>",
}


@pytest.mark.parametrize("language", ["en", "fr", "ar", "pt"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_sign_in_mail_meets_the_checklist(prefix: str, language: str) -> None:
    request = RequestFactory().get("/")

    with override(language), context.request_context(request):
        message = get_adapter().render_mail(prefix, "reader@example.net", VALUES)

    check_mail(message.message(), bulk=False)
    assert f'lang="{language}"' in str(message.alternatives[0][0])


@pytest.mark.parametrize("code", ["", "K7Q-2M4"])
def test_an_address_is_confirmed_by_code_or_by_link(code: str) -> None:
    request = RequestFactory().get("/")

    with context.request_context(request):
        message = get_adapter().render_mail(
            "account/email/email_confirmation", "reader@example.net", VALUES | {"code": code}
        )

    assert (VALUES["activate_url"] in str(message.body)) is (code == "")
    assert ("K7Q-2M4" in str(message.body)) is (code != "")


def test_every_mail_of_allauth_has_our_face() -> None:
    import allauth

    theirs = Path(allauth.__file__).parent / "templates"
    named = {
        str(path.relative_to(theirs)).removesuffix("_subject.txt")
        for app in ("account", "mfa")
        for path in (theirs / app / "email").glob("*_subject.txt")
    }

    assert named <= set(PREFIXES)
    for prefix in named:
        source = (TEMPLATES / f"{prefix}_message.html").read_text()
        assert re.search(r"emails/letter\.mjml|email_confirmation_message", source)
