"""Templates of MJML set as HTML with inlined CSS, and the letters that are set whole.

In: a template of templates/emails/ and its values. Out: HTML that Outlook, Gmail and a phone
show alike, in dark too, with language and direction on every wrapper and cell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import css_inline
import mjml
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from newsletters.markup import (
    Held,
    directed,
    direction,
    harmless,
    harmless_url,
    isolate,
    one_line,
    tidy,
)

LINE_LIMIT = 600
"""Octets after which a line of HTML is folded at the next place; RFC 5322 allows 998."""

PADDING = "\u034f\u00a0\u00ad" * 40
"""Fills an inbox's preview line, so that the mail's first words do not follow the preheader."""

_PRINTED = bytes({*range(32, 127), 9, 10, 13} - {ord("=")})
"""What quoted-printable writes as it is."""

_GHOST_COLUMN = re.compile(
    r"<!--\[if mso \| IE\]><table [^>]*><tr><!\[endif\]-->"
    r"<!--\[if mso \| IE\]><td[^>]*><!\[endif\]-->"
    r"|<!--\[if mso \| IE\]></td><!\[endif\]--><!--\[if mso \| IE\]></tr></table><!\[endif\]-->"
)
_COLUMN_RULES = re.compile(
    r"<style[^>]*>[^<]*\.mj-column-per-100 \{[^<]*</style>"
    r"|<!--\[if lte mso 11\]>.*?<!\[endif\]-->\n?",
    re.DOTALL,
)
_WRAPPER = re.compile(r"<(div|table|td)(?=[\s>])(?![^>]*\sdir=)")
_COMMENT = re.compile(r"(<!--.*?-->)", re.DOTALL)
_WORD = re.compile(r"<[^>]*>|[^<\s]*\s+|[^<\s]+|<")


@dataclass(frozen=True)
class Letter:
    """A transactional mail, ready to leave."""

    subject: str
    text: str
    html: str


def letter(*, kind: str, language: str, params: dict[str, str]) -> Letter:
    """A transactional mail of templates/emails/<kind>/; params ending in `_url` are addresses."""
    held = Held()
    context: dict[str, object] = {}
    plain: dict[str, object] = {}
    for name, value in (house(language) | privacy_notice(language) | params).items():
        is_url = name.endswith("_url")
        context[name] = held.url(value) if is_url else held.words(value)
        plain[name] = harmless_url(value) if is_url else isolate(harmless(value), language)
    with override(language):
        subject = one_line(tidy(render_to_string(f"emails/{kind}/subject.txt", plain)))
        context["title"], plain["title"] = held.words(subject), subject
        html = render_to_string(f"emails/{kind}/body.mjml", context)
        text = render_to_string(f"emails/{kind}/body.txt", plain)
    return Letter(
        subject=subject,
        text=directed(tidy(text), language) + "\n",
        html=fold(held.put_back(html)),
    )


def privacy_notice(language: str) -> dict[str, str]:
    """Where it stands, as `privacy_url`; nothing for a site without one."""
    page = settings.RABITA_PRIVACY_PAGE
    return {"privacy_url": f"{settings.SITE_URL}{page.format(language=language)}"} if page else {}


def house(language: str) -> dict[str, str]:
    """Who writes, for the head and foot of every mail."""
    pack = settings.PACK
    return {
        "centre_name": pack.name_of(pack.centre_name, language),
        "network_name": pack.name_of(pack.network_name, language),
        "disclaimer": pack.name_of(pack.disclaimer, language),
        "site_url": settings.SITE_URL,
    }


def typeset(template: str, context: dict[str, Any], *, language: str) -> str:
    """A template of MJML as HTML with inlined CSS, language and direction on every wrapper."""
    return typeset_source(render_to_string(template, context), language=language)


def typeset_source(source: str, *, language: str) -> str:
    """MJML as HTML with inlined CSS; queries and resets stay in the head."""
    way = direction(language)
    sheet = render_to_string("emails/parts/inline.css", {"language": language, "direction": way})
    html = css_inline.inline(
        mjml.mjml2html(source, fonts={}),
        inline_style_tags=False,
        keep_style_tags=True,
        minify_css=True,
        load_remote_stylesheets=False,
        extra_css=sheet,
    )
    return "".join(
        piece
        if piece.startswith("<!--")
        else _WRAPPER.sub(rf'<\1 lang="{language}" dir="{way}"', piece)
        for piece in _COMMENT.split(_slim(html, way))
    )


def _slim(html: str, way: str) -> str:
    """Without what MJML writes for several columns and old Outlooks: a third of a card's weight.

    Our sections have one column, which fills its cell anyway; `direction` stands as an attribute.
    """
    html = _COLUMN_RULES.sub("", _GHOST_COLUMN.sub("", html))
    html = re.sub(r"mj-outlook-group-fix mj-column-per-100 ?", "", html).replace(' class=""', "")
    html = re.sub(r"direction:(ltr|rtl);|(?<=;)vertical-align:top;(?=\")", "", html)
    return html.replace("text-align:left;", "text-align:right;") if way == "rtl" else html


def fold(html: str) -> str:
    """HTML with no line longer than LINE_LIMIT octets where it can be broken unseen."""
    pieces: list[str] = []
    place, width, since = 0, 0, 0
    for word in _WORD.findall(html):
        if pieces and _breakable(pieces[-1], word):
            place, since = len(pieces), 0
        pieces.append(word)
        octets = len(word.rpartition("\n")[2].encode())
        width, since = (octets, octets) if "\n" in word else (width + octets, since + octets)
        if width > LINE_LIMIT and place:
            pieces.insert(place, "\n")
            place, width = 0, since
    return "".join(pieces)


def _breakable(before: str, after: str) -> bool:
    """A line may break after a space, and between tags of tables, never beside inline words."""
    return before.endswith((" ", "</td>", "</tr>", "</table>", "</p>", "</div>", "</style>")) or (
        after.startswith(("<table", "<tr", "<td", "<tbody", "<p", "<div", "<body", "<!--"))
    )


def weight(html: str) -> int:
    """Octets of an HTML part on the wire: quoted-printable or base64, whichever is smaller."""
    octets = html.encode()
    printed = len(octets) + 2 * len(octets.translate(None, delete=_PRINTED))
    return min(printed + printed // 75 * 3, -(-len(octets) // 57) * 78)
