"""What every template may name: the pack's words in the language of the page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, get_language_bidi


def site(request: HttpRequest) -> dict[str, Any]:
    """Names, tagline and disclaimer of the pack, and the direction of the page's language."""
    pack, language = settings.PACK, get_language() or settings.LANGUAGE_CODE
    return {
        "pack": pack,
        "network_name": pack.name_of(pack.network_name, language),
        "centre_name": pack.name_of(pack.centre_name, language),
        "tagline": pack.name_of(pack.tagline, language),
        "disclaimer": pack.name_of(pack.disclaimer, language),
        "SITE_URL": settings.SITE_URL,
        "text_direction": "rtl" if get_language_bidi() else "ltr",
    }
