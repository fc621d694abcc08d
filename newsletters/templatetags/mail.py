"""`{% mjml %}`: lets a template that another package renders (allauth's mails) be MJML."""

from __future__ import annotations

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from newsletters.markup import direction
from newsletters.typeset import fold, typeset_source

register = template.Library()


class MjmlNode(template.Node):
    """Sets what stands between the tags."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        """HTML in the active language, which for a letter is the reader's."""
        language = get_language() or "en"
        with context.push(language=language, direction=direction(language)):
            source = self.nodelist.render(context)
        return SafeString(fold(typeset_source(source, language=language)))


@register.tag
def mjml(parser: Parser, token: Token) -> MjmlNode:
    """`{% mjml %}…{% endmjml %}`."""
    nodelist = parser.parse(("endmjml",))
    parser.delete_first_token()
    return MjmlNode(nodelist)
