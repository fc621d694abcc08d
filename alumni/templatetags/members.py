"""What pages of an account ask about the person who is signed in."""

from __future__ import annotations

from typing import Any

from django import template

from alumni.models import User
from alumni.relay import inbox

register = template.Library()


@register.simple_tag(takes_context=True)
def messages_to_read(context: dict[str, Any]) -> int:
    """Conversations with something new for the person; one query or two."""
    user = context.get("user")
    return inbox.waiting(user) if isinstance(user, User) else 0
