"""Commands beside fresh servers that end with them: for checks that need a database to look at."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from config.local import folders, servers

AS_IN_TESTS = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}


def run(command: Sequence[str | Path], settings: Mapping[str, str]) -> int:
    """Run a command with these settings and servers of its own; its exit code."""
    with tempfile.TemporaryDirectory(prefix="rabita-") as place:
        Path(place).chmod(0o755)
        with servers.running(folders.reachable(Path(place) / "s"), named={}, scratch=True) as up:
            media = {"MEDIA_ROOT": str(Path(place) / "media")}
            env = {**os.environ, **settings, **up.environment, **media}
            return subprocess.run(command, env=env, cwd=folders.ROOT, check=False).returncode


def deploy_check() -> int:
    """Django's checks as a production site would meet them: a warning is a failure."""
    check = ["check", "--deploy", "--fail-level", "WARNING"]
    return run([sys.executable, folders.ROOT / "manage.py", *check], as_in_production())


def as_in_production() -> dict[str, str]:
    """A complete environment of a site behind https, with secrets nobody has used."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings.base",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "SITE_URL": "https://network.example.org",
        "DEFAULT_FROM_EMAIL": "network@news.example.org",
        "EMAIL_PROVIDER": "mailgun",
        "MAILGUN_API_KEY": secrets.token_urlsafe(32),
        "MAILGUN_SENDER_DOMAIN": "news.example.org",
        "MAILGUN_WEBHOOK_SIGNING_KEY": secrets.token_urlsafe(48),
        "ANYMAIL_WEBHOOK_SECRET": f"webhooks:{secrets.token_urlsafe(48)}",
    }
