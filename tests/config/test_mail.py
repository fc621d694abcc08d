"""The mail settings of a production start: every service, and what stops it."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.local.rehearsal import as_in_production
from config.settings import mail

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def production(monkeypatch: Any) -> Any:
    """Reads config.settings.base afresh with this environment; no running setting is touched."""
    for key in as_in_production():
        monkeypatch.delenv(key, raising=False)
    for service in mail.SERVICES.values():
        for key in (*service.needed, *service.optional, *service.secret):
            monkeypatch.delenv(key, raising=False)

    def start(**environment: str) -> dict[str, Any]:
        for key, value in (as_in_production() | environment).items():
            monkeypatch.setenv(key, value)
        return runpy.run_path(str(ROOT / "config" / "settings" / "base.py"))

    return start


def keys(name: str) -> dict[str, str]:
    """All that a service needs, invented."""
    service = mail.SERVICES[name]
    return dict.fromkeys((*service.needed, *service.secret), "k" * 40)


@pytest.mark.parametrize("name", mail.SERVICES)
def test_a_site_starts_with_any_service(production: Any, name: str) -> None:
    settings = production(EMAIL_PROVIDER=name, **keys(name))

    assert settings["EMAIL_BACKEND"].endswith(f"{name}.EmailBackend")
    anymail = settings["ANYMAIL"]
    assert anymail["IGNORE_UNSUPPORTED_FEATURES"] is False
    assert ("WEBHOOK_SECRET" in anymail) == (name not in {"smtp", "scaleway"})
    if name not in {"smtp", "amazon_ses"}:
        assert {key: anymail[key] for key in keys(name)} == keys(name)


@pytest.mark.parametrize("name", mail.SERVICES)
def test_a_missing_key_is_named(production: Any, name: str) -> None:
    missing = [*keys(name)]

    with pytest.raises(ImproperlyConfigured) as told:
        production(EMAIL_PROVIDER=name, **dict.fromkeys(missing, ""))

    assert f"needs {', '.join(missing)}." in str(told.value)


def test_an_unknown_service_is_told_the_known_ones(production: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"'pigeon'.*mailgun, brevo, .*smtp\."):
        production(EMAIL_PROVIDER="pigeon")


def test_reports_need_a_secret_that_nobody_guesses(production: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="ANYMAIL_WEBHOOK_SECRET is a placeholder"):
        production(EMAIL_PROVIDER="brevo", ANYMAIL_WEBHOOK_SECRET="a:b", **keys("brevo"))


def test_optional_keys_are_passed_on_and_empty_ones_are_not(production: Any) -> None:
    settings = production(
        EMAIL_PROVIDER="sendgrid",
        SENDGRID_API_URL="https://api.eu.sendgrid.com/v3/",
        SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY="",
        **keys("sendgrid"),
    )

    assert settings["ANYMAIL"]["SENDGRID_API_URL"] == "https://api.eu.sendgrid.com/v3/"
    assert "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY" not in settings["ANYMAIL"]


def test_mailgun_is_called_in_america_unless_europe_is_named(production: Any) -> None:
    europe = "https://api.eu.mailgun.net/v3"

    assert production()["ANYMAIL"]["MAILGUN_API_URL"] == "https://api.mailgun.net/v3"
    assert production(MAILGUN_API_URL=europe)["ANYMAIL"]["MAILGUN_API_URL"] == europe


def test_amazon_is_called_once(production: Any) -> None:
    settings = production(EMAIL_PROVIDER="amazon_ses", AWS_REGION="eu-west-1")

    params = settings["ANYMAIL"]["AMAZON_SES_CLIENT_PARAMS"]
    assert params["region_name"] == "eu-west-1"
    assert params["config"]["retries"] == {"total_max_attempts": 1}


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("", (True, False, 587)),
        ("starttls", (True, False, 587)),
        ("tls", (False, True, 465)),
        ("none", (False, False, 587)),
    ],
)
def test_smtp_is_encrypted_as_told(production: Any, way: str, expected: tuple[Any, ...]) -> None:
    settings = production(
        EMAIL_PROVIDER="smtp",
        SMTP_HOST="mail.example.org",
        SMTP_USER="network",
        SMTP_PASSWORD="word",
        SMTP_TLS=way,
    )

    names = ("EMAIL_USE_TLS", "EMAIL_USE_SSL", "EMAIL_PORT")
    assert tuple(settings[name] for name in names) == expected
    assert settings["EMAIL_HOST"] == "mail.example.org"
    assert (settings["EMAIL_HOST_USER"], settings["EMAIL_HOST_PASSWORD"]) == ("network", "word")


def test_an_unknown_encryption_stops_the_start(production: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="SMTP_TLS is 'yes'"):
        production(SMTP_TLS="yes")


def test_limits_are_recipients_in_so_many_seconds(production: Any) -> None:
    assert production()["RABITA_SEND_LIMITS"] == {}
    limits = production(SEND_PER_SECOND="14", SEND_PER_HOUR="0", SEND_PER_DAY="50000")
    assert limits["RABITA_SEND_LIMITS"] == {1: 14, 86400: 50000}


def test_connections_and_looks_have_their_numbers(production: Any) -> None:
    usual = production()
    assert (usual["RABITA_CONNECTIONS"], usual["RABITA_LOOK_UP_SECONDS"]) == (4, 300)
    own = production(SMTP_CONNECTIONS="8", LOOK_UP_SECONDS="5")
    assert (own["RABITA_CONNECTIONS"], own["RABITA_LOOK_UP_SECONDS"]) == (8, 5)


@pytest.mark.parametrize("name", ["SEND_PER_DAY", "SMTP_CONNECTIONS", "LOOK_UP_SECONDS"])
def test_a_number_that_cannot_be_stops_the_start(production: Any, name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{name} must be . or more, not -1"):
        production(**{name: "-1"})


def test_the_readme_and_the_example_know_every_key() -> None:
    known = {
        key
        for service in mail.SERVICES.values()
        for key in (*service.needed, *service.optional, *service.secret)
    }
    example = (ROOT / ".env.example").read_text()
    readme = (ROOT / "README.md").read_text()

    assert sorted(known - set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))) == []
    assert sorted(known - set(re.findall(r"`([A-Z_]+)`", readme))) == []
    assert sorted(name for name in mail.SERVICES if f"| `{name}` |" not in readme) == []
