"""What every answer of the site carries, and what the settings must not do twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from alumni.models import User
from config.local.rehearsal import as_in_production


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


LOOK = """
import json, django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.test import Client
call_command("check", deploy=True, fail_level="WARNING")
answer = Client().get("/robots.txt", secure=True, headers={"host": "network.example.org"})
names = [name for name in dir(settings) if name.endswith(("_SECURE", "_HTTPONLY", "_SAMESITE"))]
kept = {name: getattr(settings, name) for name in names}
print(json.dumps({"heads": dict(answer.items()), "kept": kept}))
"""


def test_a_site_behind_https_keeps_its_cookies_and_passes_the_check() -> None:
    """As production starts, in a process of its own: the tests' settings are not those."""
    # Browser tests of the same run set what production refuses.
    around = {name: is_ for name, is_ in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    run = subprocess.run(
        [sys.executable, "-c", LOOK],
        env=around | as_in_production(),
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout.splitlines()[-1])
    year = 365 * 24 * 3600
    assert seen["heads"]["Strict-Transport-Security"].startswith(f"max-age={year}; includeSub")
    assert "frame-ancestors 'self'" in seen["heads"]["Content-Security-Policy"]
    assert seen["heads"]["X-Content-Type-Options"] == "nosniff"
    of_cookies = seen["kept"]
    for cookie in ("SESSION", "CSRF"):
        assert of_cookies[f"{cookie}_COOKIE_SECURE"] is True
        assert of_cookies[f"{cookie}_COOKIE_HTTPONLY"] is True
        assert of_cookies[f"{cookie}_COOKIE_SAMESITE"] == "Lax"
