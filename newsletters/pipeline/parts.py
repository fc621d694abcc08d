"""In: the parts of a written mailing, in one language. Out: its body, as HTML and as text.

Words, pictures and buttons that follow one another stand on one card; an entry is the card that a
digest has for it. Content stays out of the templates, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import css_inline
import nh3
from django.template.loader import render_to_string

from newsletters.markup import (
    Held,
    direction,
    harmless,
    harmless_url,
    in_plain_text,
    isolate,
)
from newsletters.pipeline import render
from newsletters.pipeline.render import Rendered
from newsletters.sources import Button, Divider, Entry, Figure, Part, Words
from newsletters.typeset import typeset

TAGS = {"p", "br", "h2", "h3", "ul", "ol", "li", "strong", "em", "a", "blockquote", "hr"}
OPENERS = str.maketrans({"%": "&#37;", "{": "&#123;", "*": "&#42;", "[": "&#91;"})
"""What opens a merge field somewhere, as entities: in words and in addresses alike."""
OUR_MARKS = str.maketrans(dict.fromkeys(render.UNSUBSCRIBE[::2]))
"""What stands around the names of a reader's keys until they are put in."""
LINE = Words("<hr>", "* * *")


def body(parts: Sequence[Part], language: str) -> Rendered:
    """All of them, in their order."""
    html, text = "", ""
    for is_entry, run in groupby(parts, lambda part: isinstance(part, Entry)):
        together = list(run)
        cards = _entries(together, language) if is_entry else [_card(together, language)]
        html += "".join(card.html for card in cards)
        text += "".join(card.text for card in cards)
    return Rendered(html=html, text=text)


def cleaned(html: str, language: str) -> str:
    """An editor's HTML with the tags a mail knows, styled inline, harmless to merge languages."""
    sheet = render_to_string("emails/parts/written.css", {"direction": direction(language)})
    kept = nh3.clean(
        html, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"https", "http"}, link_rel=None
    )
    styled = css_inline.inline_fragment(kept, sheet, load_remote_stylesheets=False)
    return str(styled.translate(OPENERS | OUR_MARKS))


def _entries(parts: Iterable[Part], language: str) -> list[Rendered]:
    return [
        render.fragment(entry=part, text=part.texts[0], language=language)
        for part in parts
        if isinstance(part, Entry)
    ]


def _card(parts: Sequence[Part], language: str) -> Rendered:
    held, pieces, lines = Held(), list[dict[str, Any]](), list[str]()
    for words, together in groupby(
        (LINE if isinstance(part, Divider) else part for part in parts),
        lambda part: isinstance(part, Words),
    ):
        group = list(together)
        if words:
            html = "".join(part.html for part in group if isinstance(part, Words))
            pieces.append({"body": held.markup(cleaned(html, language))})
        else:
            group = [part for part in group if not _leads_astray(part)]
            pieces += [_piece(part, held, language) for part in group]
        for part in group:
            lines += [*_lines(part, language), ""]
    context = {"language": language, "direction": direction(language), "pieces": pieces}
    html = typeset("emails/written/parts.mjml", context, language=language)
    return render.piece(html, "\n".join(lines), held, language)


def _leads_astray(part: Part) -> bool:
    """A button to anything but a page."""
    return isinstance(part, Button) and not part.url.startswith(("https://", "http://"))


def _piece(part: Part, held: Held, language: str) -> dict[str, Any]:
    if isinstance(part, Figure):
        return {
            "picture": held.url(part.picture.url),
            "alt": held.words(_alt(part, language)),
            "caption": held.words(part.caption),
        }
    assert isinstance(part, Button)  # noqa: S101 (entries and words have gone elsewhere)
    return {"url": held.url(part.url), "label": held.words(part.label)}


def _lines(part: Part, language: str) -> list[str]:
    """The same as plain text; a picture as what it shows and what stands beneath it."""
    if isinstance(part, Words):
        return [in_plain_text(line, language) for line in part.text.splitlines()]
    if isinstance(part, Button):
        return [isolate(harmless(part.label), language), harmless_url(part.url)]
    if isinstance(part, Figure):
        said = dict.fromkeys(word for word in (_alt(part, language), part.caption) if word)
        return [isolate(harmless(word), language) for word in said]
    return []


def _alt(figure: Figure, language: str) -> str:
    return figure.picture.alt.get(language) or figure.caption
