"""Every mail service set up with invented keys, so that Anymail can be run without a network."""

from __future__ import annotations

import importlib.util
import sys
import types
import warnings
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.utils.module_loading import import_string
from requests import Request

from config.settings import mail
from newsletters.providers import PROVIDERS


def choose(name: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this the service of the site, with everything that its settings need."""
    found = mail.SERVICES[name]
    for key in (*found.needed, *found.secret):
        monkeypatch.setenv(key, f"https://127.0.0.1:9/{key.lower()}" if "URL" in key else "k" * 40)
    settings.EMAIL_PROVIDER = name
    settings.EMAIL_BACKEND = mail.backend(name)
    settings.ANYMAIL = mail.anymail(name)
    if name == "amazon_ses" and importlib.util.find_spec("boto3") is None:
        _pretend_boto(monkeypatch)


def connection(name: str) -> Any:
    """A back-end of the service that is not connected to anything."""
    with warnings.catch_warnings():
        if name == "sendgrid":
            warnings.filterwarnings("ignore", message="django-anymail has dropped")
        return import_string(PROVIDERS[name].backend)()


def payload(name: str, message: Any) -> Any:
    """What would leave for the service: requests' parameters, or the mail's own bytes."""
    backend = connection(name)
    made = backend.build_message_payload(message, backend.send_defaults)
    if name == "amazon_ses":
        made.finalize_payload()
        return made.params
    return made.get_request_params(backend.api_url)


def form(request: Any) -> dict[str, list[str]]:
    """The fields of a call that is a form, percent-encoded by requests or multipart by us."""
    ready = Request(**request).prepare()
    if str(ready.headers["Content-Type"]).startswith("application/x-www-form-urlencoded"):
        return parse_qs(str(ready.body), keep_blank_values=True)
    kind = f"Content-Type: {ready.headers['Content-Type']}\r\n\r\n".encode()
    fields: dict[str, list[str]] = {}
    for part in message_from_bytes(kind + bytes(ready.body), policy=policy.HTTP).iter_parts():
        name = part.get_param("name", header="Content-Disposition")
        fields.setdefault(str(name), []).append(part.get_payload(decode=True).decode())
    return fields


def _pretend_boto(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anymail's back-end imports boto3 for calls; for a payload its names are enough."""
    boto3, botocore = types.ModuleType("boto3"), types.ModuleType("botocore")
    client, exceptions = types.ModuleType("client"), types.ModuleType("exceptions")
    client.Config = type(  # type: ignore[attr-defined]
        "Config",
        (),
        {"__init__": lambda self, **options: None, "merge": lambda self, other: self},
    )
    for name in ("BotoCoreError", "ClientError", "ConnectionError"):
        setattr(exceptions, name, type(name, (Exception,), {}))
    for name, module in (
        ("boto3", boto3),
        ("botocore", botocore),
        ("botocore.client", client),
        ("botocore.exceptions", exceptions),
    ):
        monkeypatch.setitem(sys.modules, name, module)
