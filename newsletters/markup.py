"""Content made fit for a mail: cleaned, and harmless to every merge language.

In: strings of editors, readers and packs. Out: words, addresses and HTML that a provider, a
template or an inbox cannot take for anything but words and addresses.
"""

from __future__ import annotations

import re
import unicodedata
from html import escape

from django.utils.encoding import iri_to_uri
from django.utils.translation import get_language_info

FSI, PDI, RLM, JOINER = "\u2068", "\u2069", "\u200f", "\u2060"

UNSUBSCRIBE = "\ue000u\ue001"
PREFERENCES = "\ue000p\ue001"
"""Stand inside addresses where a reader's opaque token comes."""

SUBJECT_LENGTH = range(10, 79)
PREHEADER_LENGTH = range(40, 111)
"""Characters that an inbox shows whole, and that say enough."""

_OPENERS = re.compile(r"%(?=[^\W\d_])|\{(?=[{$%])|\*(?=\|)|\[(?=[\[%])|<(?=%)|#(?=\{)|\$(?=\{)")
_HTML_OPENERS = str.maketrans({"%": "&#37;", "{": "&#123;", "*": "&#42;", "[": "&#91;"})
_URL_OPENERS = str.maketrans({"{": "%7B", "}": "%7D", "|": "%7C", "[": "%5B", "]": "%5D"})
_LATIN = r"[A-Za-z\u00c0-\u024f]"
_LATIN_RUN = re.compile(rf"{_LATIN}[\w'’&./-]*(?:[ ,:–-]+[\w'’&./-]*{_LATIN}[\w'’&./-]*)*")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Unicode's Cc, Zl and Zp."""
_UNWANTED = re.compile(
    r"[\ud800-\udfff\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"  # Cs, Co
    r"\u202a-\u202e\u2066-\u2069\ufeff]"  # what forces a direction, and the byte order mark
)
_ADDRESS = re.compile(r"(https?://[^\s<>\"“”«»]*[^\s<>\"“”«».,;:!?)\]])")
_STAND_IN = re.compile(r"@h(\d+)@")


def direction(language: str) -> str:
    """`rtl` or `ltr`."""
    return "rtl" if get_language_info(language)["bidi"] else "ltr"


def clean(content: str) -> str:
    """Content without control, private-use and direction-forcing characters, space collapsed."""
    kept = _UNWANTED.sub("", unicodedata.normalize("NFC", content))
    return " ".join(_CONTROLS.sub(" ", kept).split())


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


def in_plain_text(line: str, language: str) -> str:
    """A line of content for a text part: its words harmless and apart, its addresses whole.

    An address with a joiner or an isolate in it would lead nowhere.
    """
    return "".join(
        harmless_url(piece) if number % 2 else _between(piece, language)
        for number, piece in enumerate(_ADDRESS.split(line))
    ).strip()


def _between(words: str, language: str) -> str:
    """Words beside an address keep the space that parts them from it."""
    inner = isolate(harmless(words), language)
    return f"{' ' * words[:1].isspace()}{inner}{' ' * (len(words) > 1 and words[-1:].isspace())}"


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
    """Content kept out of a template: hands out stand-ins, then puts the escaped content back.

    So no content ever reaches MJML or the inliner: mrml prints attribute values with Rust's debug
    escapes, and a quotation mark in an `alt` would break out of it.
    """

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

    def markup(self, html: str) -> str:
        """A stand-in for HTML that was cleaned and made harmless already."""
        return self._keep(html)

    def _keep(self, markup: str) -> str:
        if not markup:
            return ""
        self._kept.append(markup)
        return f"@h{len(self._kept) - 1}@"

    def put_back(self, html: str) -> str:
        """The HTML with every stand-in replaced."""
        return _STAND_IN.sub(lambda found: self._kept[int(found.group(1))], html)


def one_line(value: str) -> str:
    """The value, refused where it would break out of its header."""
    if re.search("[\r\n\0\u2028\u2029]", value):
        raise ValueError(f"A line break or NUL cannot stand in a mail's header: {value[:80]!r}.")
    return value


def tidy(text: str) -> str:
    """Text without trailing spaces and with at most one empty line in a row."""
    lines = "\n".join(line.strip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines)
