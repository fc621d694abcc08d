"""Reading the environment: what is missing is named, never guessed."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

DEFAULT_LOOKING = ("change-me", "changeme", "insecure", "secret", "default", "example")


def text(name: str, default: str | None = None) -> str:
    """The variable's value; without a default, a missing one stops the start and is named."""
    value = os.environ.get(name, "")
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it in the environment; .env.example says what it is for."
        )
    return default


def secret(name: str, shortest: int = 32) -> str:
    """A secret that was really chosen: long enough and no placeholder."""
    value = text(name)
    if len(value) < shortest or any(word in value.lower() for word in DEFAULT_LOOKING):
        raise ImproperlyConfigured(
            f"{name} is a placeholder or shorter than {shortest} characters. Make one with: "
            f'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    return value


def number(name: str, default: int, least: int | None = None) -> int:
    """A whole number, not below `least`, or an error that names the variable."""
    value = text(name, str(default))
    try:
        found = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None
    if least is not None and found < least:
        raise ImproperlyConfigured(f"{name} must be {least} or more, not {found}.")
    return found


def flag(name: str, *, default: bool) -> bool:
    """`1`, `true`, `yes` and `on` are true."""
    return text(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str | None = None) -> list[str]:
    """A comma-separated list without blanks."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
