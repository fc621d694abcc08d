"""The mail service of this site: which one, and its keys from the environment by their names."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config.settings import env

HOOKS = "ANYMAIL_WEBHOOK_SECRET"


@dataclass(frozen=True)
class Service:
    """What one service needs to know of the account, by Anymail's names."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    """Needed too, and only good when nobody can guess them."""
    defaults: dict[str, Any] = field(default_factory=dict)
    backend: str = ""
    """Where Anymail's own back-end is not enough."""
    untracked: bool = True
    """Opens and clicks can be left alone mail by mail; else only in the account."""
    reports: bool = True
    """Anymail understands what it reports back."""


SERVICES = {
    "mailgun": Service(
        ("MAILGUN_API_KEY", "MAILGUN_SENDER_DOMAIN"),
        ("MAILGUN_API_URL",),
        ("MAILGUN_WEBHOOK_SIGNING_KEY",),
        {"MAILGUN_API_URL": "https://api.mailgun.net/v3"},
        "newsletters.mailgun.EmailBackend",
    ),
    "brevo": Service(("BREVO_API_KEY",), untracked=False),
    "mailjet": Service(("MAILJET_API_KEY", "MAILJET_SECRET_KEY")),
    "mailtrap": Service(("MAILTRAP_API_TOKEN",), ("MAILTRAP_API_URL",), untracked=False),
    "sparkpost": Service(("SPARKPOST_API_KEY",), ("SPARKPOST_API_URL",)),
    "sendgrid": Service(
        ("SENDGRID_API_KEY",),
        ("SENDGRID_API_URL", "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY"),
        # The same as the placeholder in newsletters/providers.py.
        defaults={"SENDGRID_MERGE_FIELD_FORMAT": "[%{}%]"},
    ),
    "postmark": Service(("POSTMARK_SERVER_TOKEN",), ("POSTMARK_MESSAGE_STREAM",)),
    "resend": Service(
        ("RESEND_API_KEY",),
        ("RESEND_SIGNING_SECRET",),
        backend="newsletters.resend.EmailBackend",
        untracked=False,
    ),
    # boto3 finds the account's keys by itself: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or
    # the machine's role.
    "amazon_ses": Service(("AWS_REGION",), untracked=False),
    "postal": Service(
        ("POSTAL_API_KEY", "POSTAL_API_URL"), ("POSTAL_WEBHOOK_KEY",), untracked=False
    ),
    "scaleway": Service(
        ("SCALEWAY_SECRET_KEY", "SCALEWAY_PROJECT_ID"),
        ("SCALEWAY_REGION",),
        untracked=False,
        reports=False,
    ),
    "mailersend": Service(("MAILERSEND_API_TOKEN",), ("MAILERSEND_SIGNING_SECRET",)),
    "mandrill": Service(("MANDRILL_API_KEY",), ("MANDRILL_WEBHOOK_KEY",)),
    "unisender_go": Service(("UNISENDER_GO_API_KEY", "UNISENDER_GO_API_URL")),
    "smtp": Service(
        ("SMTP_HOST",), backend="newsletters.smtp.EmailBackend", untracked=False, reports=False
    ),
}


def service(name: str) -> Service:
    """The service of that name; an unknown one, or one with a key missing, stops the start."""
    if name not in SERVICES:
        raise ImproperlyConfigured(
            f"EMAIL_PROVIDER is {name!r}; it may be one of {', '.join(SERVICES)}."
        )
    found = SERVICES[name]
    wanted = (*found.needed, *found.secret, *((HOOKS,) if found.reports else ()))
    if missing := [key for key in wanted if not os.environ.get(key)]:
        raise ImproperlyConfigured(
            f"EMAIL_PROVIDER is {name!r}, which needs {', '.join(missing)}. Set what is missing "
            f"in the environment; .env.example says what it is for."
        )
    return found


def backend(name: str) -> str:
    """The Django mail back-end of the service, as a dotted path."""
    return service(name).backend or f"anymail.backends.{name}.EmailBackend"


def anymail(name: str) -> dict[str, Any]:
    """Anymail's settings for the service: how it is called, and the keys of the account."""
    found = service(name)
    connect, read = 5, 20
    options: dict[str, Any] = {
        # False also where a provider lacks a feature: ignoring puts all addresses into one To.
        "IGNORE_UNSUPPORTED_FEATURES": False,
        "IGNORE_RECIPIENT_STATUS": True,
        "REQUESTS_TIMEOUT": (connect, read),
        **found.defaults,
    }
    if found.untracked:
        options["SEND_DEFAULTS"] = {"track_opens": False, "track_clicks": False}
    if name == "amazon_ses":
        # botocore would make a call that timed out four times more; in doubt, nobody calls twice.
        options["AMAZON_SES_CLIENT_PARAMS"] = {
            "region_name": env.text("AWS_REGION"),
            "config": {
                "connect_timeout": connect,
                "read_timeout": read,
                "retries": {"total_max_attempts": 1},
            },
        }
    elif name != "smtp":
        named = (*found.needed, *found.optional)
        options |= {key: os.environ[key] for key in named if os.environ.get(key)}
    options |= {key: env.secret(key) for key in found.secret}
    if found.reports:
        # Anymail compares it with the caller's basic auth: "name:password".
        options["WEBHOOK_SECRET"] = env.secret(HOOKS)
    return options


def encryption() -> tuple[bool, bool]:
    """SMTP_TLS as Django's EMAIL_USE_TLS and EMAIL_USE_SSL."""
    ways = {"starttls": (True, False), "tls": (False, True), "none": (False, False)}
    way = env.text("SMTP_TLS", "starttls").lower()
    if way not in ways:
        raise ImproperlyConfigured(f"SMTP_TLS is {way!r}; it may be one of {', '.join(ways)}.")
    return ways[way]


def limits() -> dict[int, int]:
    """How many recipients a second, an hour and a day may get: seconds → recipients."""
    spans = {
        1: env.number("SEND_PER_SECOND", 0, least=0),
        3600: env.number("SEND_PER_HOUR", 0, least=0),
        86400: env.number("SEND_PER_DAY", 0, least=0),
    }
    return {seconds: most for seconds, most in spans.items() if most}
