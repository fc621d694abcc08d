"""`{% kept "name" what … %}…{% endkept %}`: drawn once a generation for the same values."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from cms import generations

register = template.Library()


class KeptNode(template.Node):
    """What stands between the tags may depend on the values, the language, and nothing else."""

    def __init__(self, name: str, values: list[FilterExpression], nodelist: NodeList) -> None:
        self.name, self.values, self.nodelist = name, values, nodelist

    def render(self, context: Context) -> SafeString:
        """From memory where the same was drawn under this generation."""
        values = tuple(_firm(value.resolve(context)) for value in self.values)
        name = ("drawn", self.name, get_language(), values)
        return generations.kept(name, lambda: self.nodelist.render(context))


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """The first word is the name, the others are values."""
    _tag, name, *values = token.split_contents()
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(name, [parser.compile_filter(value) for value in values], nodelist)


def _firm(value: Any) -> Hashable:
    return tuple(value) if isinstance(value, list) else value
