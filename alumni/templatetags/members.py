"""What pages of an account ask about the person who is signed in."""

from __future__ import annotations

from typing import Any

from django import template

from alumni.models import User
from alumni.relay import inbox

register = template.Library()

BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "Chrome": "Chrome",
    "CriOS": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}
"""By what a browser says of itself; the first that fits, for most also name those below."""


@register.simple_tag(takes_context=True)
def messages_to_read(context: dict[str, Any]) -> int:
    """Conversations with something new for the person; one query or two."""
    user = context.get("user")
    return inbox.waiting(user) if isinstance(user, User) else 0


@register.filter
def device(user_agent: str) -> str:
    """The browser and the system as their owner calls them; what is unknown stays as it is."""
    known = [
        next((name for mark, name in names.items() if mark in user_agent), "")
        for names in (BROWSERS, SYSTEMS)
    ]
    return " · ".join(filter(None, known)) or user_agent[:120]
