"""`{% kept "name" what … %}…{% endkept %}`: drawn once a generation for the same values.

`{% kept_around … %}…{% endkept %}`: once for as long as what stands around pages stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from cms import generations

register = template.Library()

Keep = Callable[[Hashable, Callable[[], SafeString]], SafeString]


class KeptNode(template.Node):
    """What stands between the tags may depend on the values, the language, and nothing else."""

    def __init__(
        self, keep: Keep, name: str, values: list[FilterExpression], nodelist: NodeList
    ) -> None:
        self.keep, self.name, self.values, self.nodelist = keep, name, values, nodelist

    def render(self, context: Context) -> SafeString:
        """From memory where the same was drawn under this generation."""
        values = tuple(_firm(value.resolve(context)) for value in self.values)
        name = ("drawn", self.name, get_language(), values)
        return self.keep(name, lambda: self.nodelist.render(context))


@register.tag
@register.tag("kept_around")
def kept(parser: Parser, token: Token) -> KeptNode:
    """The first word is the name, the others are values."""
    tag, name, *values = token.split_contents()
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    keep = generations.kept_around if tag == "kept_around" else generations.kept
    return KeptNode(keep, name, [parser.compile_filter(value) for value in values], nodelist)


def _firm(value: Any) -> Hashable:
    return tuple(value) if isinstance(value, list) else value
