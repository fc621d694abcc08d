"""What every answer of the site carries, and what the settings must not do twice."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from alumni.models import User


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/en/accounts/login/", "/ar/newsletters/", "/n/u/unknown/"])
def test_own_pages_run_no_code_but_ours(client: Client, address: str) -> None:
    policy = dict(
        directive.strip().split(" ", 1)
        for directive in client.get(address).headers["Content-Security-Policy"].split(";")
    )

    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert not {"script-src", "style-src"} & policy.keys(), "a looser rule of their own"
    assert not any("unsafe" in value or "http" in value for value in policy.values())


@pytest.mark.django_db
def test_the_editor_s_inline_scripts_may_run(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.org", "a long pass phrase"))

    answer = client.get("/cms/")

    assert answer.status_code == 200
    assert "Content-Security-Policy" not in answer.headers


def test_wagtail_asks_nobody_outside() -> None:
    assert settings.WAGTAIL_GRAVATAR_PROVIDER_URL is None
    assert settings.WAGTAIL_ENABLE_UPDATE_CHECK is False


def test_one_search_is_listed() -> None:
    """wagtail.search is modelsearch: both together index everything twice."""
    assert {"wagtail.search", "modelsearch"} & set(settings.INSTALLED_APPS) == {"wagtail.search"}
