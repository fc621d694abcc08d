"""`{% mjml %}`: lets the base of all letters be MJML, whoever renders it (allauth does, too)."""

from __future__ import annotations

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from newsletters.markup import direction
from newsletters.typeset import PADDING, fold, house, typeset_source

register = template.Library()


class MjmlNode(template.Node):
    """Sets what stands between the tags, with the values that every mail's frame needs."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        """HTML in the active language, which for a letter is the reader's."""
        language = get_language() or "en"
        values = {name: value for name, value in house(language).items() if name not in context}
        values |= {"language": language, "direction": direction(language), "padding": PADDING}
        with context.push(**values):
            source = self.nodelist.render(context)
        return SafeString(fold(typeset_source(source, language=language)))


@register.tag
def mjml(parser: Parser, token: Token) -> MjmlNode:
    """`{% mjml %}…{% endmjml %}`."""
    nodelist = parser.parse(("endmjml",))
    parser.delete_first_token()
    return MjmlNode(nodelist)
