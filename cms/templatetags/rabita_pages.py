"""Tags of page templates. None of them asks the database: what they show is in the context."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.utils.translation import get_language_info

from cms import navigation
from cms.navigation import LanguageLink

register = template.Library()


@register.simple_tag(takes_context=True)
def language_links(context: Context) -> list[LanguageLink]:
    """`{% language_links as links %}`: code, name, url, direction, current, same_page of each."""
    request: Any = context.get("request")
    if request is None:
        return []
    return navigation.language_links(request, context.get("addresses"))


@register.inclusion_tag("cms/hreflang.html", takes_context=True)
def hreflang(context: Context) -> dict[str, Any]:
    """`<link rel="alternate" hreflang>` for every language the page has; nothing elsewhere."""
    addresses = context.get("addresses") or {}
    public = getattr(context.get("page"), "is_public", True)
    links = [(code, f"{settings.SITE_URL}{path}") for code, path in addresses.items()]
    return {"links": links if public and len(links) > 1 else []}


@register.filter
def language_direction(code: str) -> str:
    """`{{ "ar"|language_direction }}` → rtl."""
    return "rtl" if get_language_info(code)["bidi"] else "ltr"
