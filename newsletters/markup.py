"""Content made fit for a mail: cleaned, harmless to every merge language, set from MJML to HTML.

In: strings of editors and packs, MJML templates. Out: HTML with inlined CSS, plain text. No
content ever reaches MJML or the inliner: templates see numbered stand-ins, and the escaped
content takes their place at the end (mrml prints attribute values with Rust's debug escapes, so
a quotation mark in an `alt` would break out of it).
"""

from __future__ import annotations

import re
import unicodedata
from html import escape
from typing import Any

import css_inline
import mjml
from django.template.loader import render_to_string
from django.utils.encoding import iri_to_uri
from django.utils.translation import get_language_info

FSI, PDI, RLM, JOINER = "\u2068", "\u2069", "\u200f", "\u2060"

LINE_LIMIT = 900
"""Octets after which a line of HTML is folded; RFC 5322 allows 998."""

_OPENERS = re.compile(r"%(?=[^\W\d_])|\{(?=[{$%])|\*(?=\|)|\[(?=\[)|<(?=%)|#(?=\{)|\$(?=\{)")
_HTML_OPENERS = str.maketrans({"%": "&#37;", "{": "&#123;", "*": "&#42;", "[": "&#91;"})
_URL_OPENERS = str.maketrans({"{": "%7B", "}": "%7D", "|": "%7C", "[": "%5B", "]": "%5D"})
_LATIN = r"[A-Za-z\u00c0-\u024f]"
_LATIN_RUN = re.compile(rf"{_LATIN}[\w'’&./-]*(?:[ ,:–-]+[\w'’&./-]*{_LATIN}[\w'’&./-]*)*")
_STAND_IN = re.compile(r"@h(\d+)@")
_WRAPPER = re.compile(r"<(div|table|td|h1|h2|p)(?=[\s>])(?![^>]*\sdir=)")
_COMMENT = re.compile(r"(<!--.*?-->)", re.DOTALL)
_TAG = re.compile(r"(<[^>]*>)")


def direction(language: str) -> str:
    """`rtl` or `ltr`."""
    return "rtl" if get_language_info(language)["bidi"] else "ltr"


def clean(content: str) -> str:
    """Content without control, private-use and unassigned characters, space collapsed."""
    kept = (
        " " if unicodedata.category(character) in {"Cc", "Zl", "Zp"} else character
        for character in unicodedata.normalize("NFC", content)
        if unicodedata.category(character) not in {"Co", "Cs", "Cn"}
    )
    return " ".join("".join(kept).split())


def harmless(content: str) -> str:
    """Cleaned content in which no provider finds the opening of a merge field.

    A word joiner, which no reader sees, goes between the characters of an opener.
    """
    return _OPENERS.sub(lambda found: found.group() + JOINER, clean(content))


def harmless_url(url: str) -> str:
    """An address in ASCII in which `%` only ever opens an escape, never a merge field."""
    address = iri_to_uri(clean(url).replace(" ", "%20"))
    return re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", address).translate(_URL_OPENERS)


def isolate(content: str, language: str) -> str:
    """Latin names between bidi isolates where the language runs from right to left."""
    if direction(language) == "ltr":
        return content
    return _LATIN_RUN.sub(lambda run: FSI + run.group() + PDI, content)


def directed(text: str, language: str) -> str:
    """Plain text whose right-to-left lines stay so even where a Latin word opens them."""
    if direction(language) == "ltr":
        return text
    return "\n".join(
        RLM + line if any(unicodedata.bidirectional(c) in {"R", "AL"} for c in line) else line
        for line in text.split("\n")
    )


def clip(content: str, most: int) -> str:
    """Content of at most `most` characters, cut after a word and marked with an ellipsis."""
    if len(content) <= most:
        return content
    head = content[: most - 1]
    if " " in head[most // 2 :]:
        head = head[: head.rindex(" ")]
    while head and unicodedata.combining(content[len(head)]):
        head = head[:-1]
    return head.rstrip(" ,;:.–-") + "…"


class Held:
    """Content kept out of a template: hands out stand-ins, then puts the escaped content back."""

    def __init__(self) -> None:
        self._kept: list[str] = []

    def words(self, content: str) -> str:
        """A stand-in for words; empty for empty content, so that templates can ask."""
        return self._keep(escape(clean(content)).translate(_HTML_OPENERS))

    def url(self, url: str) -> str:
        """A stand-in for an address from content."""
        return self._keep(escape(harmless_url(url)))

    def own(self, markup: str) -> str:
        """A stand-in for what is our own: an address that holds a token, a marker."""
        return self._keep(escape(markup))

    def _keep(self, markup: str) -> str:
        if not markup:
            return ""
        self._kept.append(markup)
        return f"@h{len(self._kept) - 1}@"

    def put_back(self, html: str) -> str:
        """The HTML with every stand-in replaced."""
        return _STAND_IN.sub(lambda found: self._kept[int(found.group(1))], html)


def typeset(template: str, context: dict[str, Any], *, language: str) -> str:
    """A template of MJML as HTML with inlined CSS, language and direction on every wrapper."""
    return typeset_source(render_to_string(template, context), language=language)


def typeset_source(source: str, *, language: str) -> str:
    """MJML as HTML with inlined CSS; queries and resets stay in the head."""
    way = direction(language)
    sheet = render_to_string("emails/parts/inline.css", {"language": language, "direction": way})
    html = css_inline.inline(
        mjml.mjml2html(source),
        inline_style_tags=False,
        keep_style_tags=True,
        minify_css=True,
        load_remote_stylesheets=False,
        extra_css=sheet,
    )
    if way == "rtl":
        html = html.replace("text-align:left;direction:ltr", "text-align:right;direction:rtl")
        html = html.replace("text-align:left;direction:rtl", "text-align:right;direction:rtl")
    pieces = _COMMENT.split(html)
    return "".join(
        piece
        if piece.startswith("<!--")
        else _WRAPPER.sub(rf'<\1 lang="{language}" dir="{way}"', piece)
        for piece in pieces
    )


def fold(html: str) -> str:
    """HTML with no line longer than LINE_LIMIT octets where it can be broken unseen."""
    lines: list[str] = []
    width = 0
    for piece in _TAG.split(html):
        for word in [piece] if piece.startswith("<") else re.split(r"(?<= )", piece):
            octets = len(word.encode())
            if width + octets > LINE_LIMIT and lines and _breakable(lines[-1], word):
                lines.append("\n")
                width = 0
            lines.append(word)
            width = octets if "\n" in word else width + octets
    return "".join(lines)


def _breakable(before: str, after: str) -> bool:
    """A line may break after a space, and between tags of tables, never beside inline words."""
    return before.endswith((" ", "</td>", "</tr>", "</table>", "</p>", "</div>")) or (
        after.startswith(("<table", "<tr", "<td", "<tbody", "<p", "<div", "<!--"))
    )
