"""What other pages may show of the newsletters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.translation import get_language

from newsletters.forms import SubscribeForm
from newsletters.models import Newsletter

register = template.Library()


@register.inclusion_tag("newsletters/_subscribe_line.html")
def subscribe_form(follow: Iterable[str] = ()) -> dict[str, Any]:
    """Subscribe in one line to the first open newsletter: address, language, how often.

    `follow` are codes of what the page is about; without any the form is about everything.
    """
    newsletter = Newsletter.objects.filter(is_open=True).prefetch_related("wordings").first()
    initial = {
        "language": get_language(),
        "newsletter": newsletter and newsletter.slug,
        "follow": list(follow),
    }
    return {
        "form": SubscribeForm(initial=initial),
        "newsletter": newsletter,
    }
