"""Third stage: what a mail looks like. In: entries, a newsletter, a language. Out: HTML and text.

A digest has one frame per language and one fragment per entry and language; both are rendered
once, and each reader's mail is their concatenation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import override

from newsletters.markup import PREFERENCES as PREFERENCES
from newsletters.markup import UNSUBSCRIBE as UNSUBSCRIBE
from newsletters.markup import (
    Held,
    directed,
    direction,
    harmless,
    harmless_url,
    isolate,
    tidy,
)
from newsletters.sources import PUBLIC, Entry, Text
from newsletters.typeset import PADDING, fold, house, privacy_notice, typeset, weight

if TYPE_CHECKING:
    from newsletters.models import Newsletter

ENTRIES = "\ue000e\ue001"
PREHEADER = "\ue000h\ue001"
"""Stand in a frame where `compose` puts the cards and the preheader."""

REST = re.compile("\ue000r\ue001(.*?)\ue000s\ue001", re.DOTALL)
"""Encloses what a frame says to readers for whom there is more than one mail can hold."""

BECAUSE = "\ue000b\ue001"
REASON = re.compile("\ue000q\ue001(.*?)\ue000w\ue001", re.DOTALL)
"""Encloses what a card says of its reason, and stands where the reason comes: a card is set once,
whatever the reasons for which it is told."""

MOST_WEIGHT = 80 * 1024
"""Octets on the wire: Gmail clips near 102 KB, and hides the way out with the rest."""

LINE, MORE, ELSEWHERE, SILENT = "~line", "~more", "~elsewhere", "~silent"
"""Forms of a piece: a title alone, and the headings above what stands below them."""

MARKS = {"reason": "\ue000q\ue001", "because": BECAUSE, "end_reason": "\ue000w\ue001"}
CARD_START, CARD_END = "@card@", "@drac@"


@dataclass(frozen=True)
class Rendered:
    """Both parts of a mail, or of a piece of one."""

    html: str
    text: str
    is_heading: bool = False
    """It says what comes below it, and stands nowhere alone."""


def fragment(*, entry: Entry, text: Text, language: str) -> Rendered:
    """One entry as a card for a frame of `language`; the card speaks `text.language`.

    An entry that is not public goes as its title and its address, nothing else.
    """
    return because(card(entry=entry, text=text), "", text.language)


def because(card: Rendered, label: str, language: str) -> Rendered:
    """The card with its reason: what the reader follows, in words; or without one."""
    if not label:
        return Rendered(html=REASON.sub("", card.html), text=REASON.sub("", card.text))
    held = Held()
    words = {
        "html": held.put_back(held.words(label)),
        "text": isolate(harmless(label), language),
    }
    html, plain = (
        REASON.sub(lambda found: found.group(1), body).replace(BECAUSE, words[name])
        for name, body in (("html", card.html), ("text", card.text))
    )
    return Rendered(html=html, text=plain)


def card(*, entry: Entry, text: Text) -> Rendered:
    """A card in which `because` still has to come."""
    public = entry.audience == PUBLIC
    words = {"title": text.title}
    if public:
        words |= {
            "kicker": text.kicker,
            "standfirst": text.standfirst,
            "note": text.note,
            "acknowledgement": text.acknowledgement,
        }
    picture = entry.picture if public else None
    spoken = text.words_in and f' lang="{text.words_in}" dir="{direction(text.words_in)}"'
    held = Held()
    context: dict[str, object] = {name: held.words(value) for name, value in words.items()}
    context |= {
        "language": text.language,
        "direction": direction(text.language),
        "spoken": mark_safe(spoken),  # noqa: S308 (two codes of ours)
        "members_only": not public,
        "deadline": entry.deadline is not None,
        **{name: held.own(mark) for name, mark in MARKS.items()},
        "url": held.url(text.url),
        "picture": picture and held.url(picture.url),
        "alt": picture and held.words(picture.alt.get(text.language) or text.title),
    }
    plain = {name: isolate(harmless(value), text.language) for name, value in words.items()}
    plain |= {"url": harmless_url(text.url), "members_only": "" if public else "yes"} | MARKS
    with override(text.language):
        html = typeset("emails/digest/card.mjml", context, language=text.language)
        body = render_to_string("emails/digest/card.txt", plain)
    return piece(html, body, held, text.language)


def line(*, entry: Entry, text: Text) -> Rendered:
    """One entry as its title and address, with what must stand beside it; where many are new."""
    public = entry.audience == PUBLIC
    words = {"title": text.title}
    if public:
        words |= {
            "kicker": text.kicker,
            "note": text.note if entry.deadline else "",
            "acknowledgement": text.acknowledgement,
        }
    held, language = Held(), text.language
    context: dict[str, object] = {name: held.words(value) for name, value in words.items()}
    context |= {
        "language": language,
        "direction": direction(language),
        "url": held.url(text.url),
        "members_only": not public,
    }
    plain: dict[str, object] = {n: isolate(harmless(v), language) for n, v in words.items()}
    plain |= {"url": harmless_url(text.url), "members_only": not public}
    with override(language):
        html = typeset("emails/digest/line.mjml", context, language=language)
        body = render_to_string("emails/digest/line.txt", plain)
    return piece(html, body, held, language)


def heading(form: str, *, language: str) -> Rendered:
    """What stands above titles, above what is told from elsewhere, or instead of anything new."""
    preferences_url = f"{settings.SITE_URL}/n/p/{PREFERENCES}/"
    held = Held()
    context = {"form": form, "language": language, "direction": direction(language)}
    with override(language):
        html = typeset(
            "emails/digest/heading.mjml",
            context | {"preferences_url": held.own(preferences_url)},
            language=language,
        )
        body = render_to_string(
            "emails/digest/heading.txt", context | {"preferences_url": preferences_url}
        )
    return replace(piece(html, body, held, language), is_heading=True)


def piece(html: str, body: str, held: Held, language: str) -> Rendered:
    """What stands between the marks of a typeset template, content put back in, and its text."""
    html = html[html.index(CARD_START) + len(CARD_START) : html.index(CARD_END)]
    return Rendered(
        html=fold(held.put_back(html)) + "\n",
        text=directed(tidy(body), language) + "\n\n",
    )


def frame(*, newsletter: Newsletter, language: str, discreet: bool, archive_url: str) -> Rendered:
    """Everything around the cards: masthead, why the reader gets this, ways out, who sends."""
    wording = newsletter.wording(language)
    words = house(language) | {
        "name": wording.plain_name if discreet else wording.name,
        "description": "" if discreet else wording.description,
    }
    postal_lines = newsletter.postal_address.splitlines()
    addresses = {
        "unsubscribe_url": f"{settings.SITE_URL}/n/u/{UNSUBSCRIBE}/",
        "preferences_url": f"{settings.SITE_URL}/n/p/{PREFERENCES}/",
        "archive_url": archive_url,
        **privacy_notice(language),
    }
    marks = {
        "entries": f"\n{ENTRIES}\n",
        "preheader": PREHEADER + PADDING,
        "rest": "\ue000r\ue001",
        "end_rest": "\ue000s\ue001",
    }
    held = Held()
    context: dict[str, object] = {name: held.words(value) for name, value in words.items()}
    context |= {name: held.own(value) for name, value in (addresses | marks).items()}
    context |= {
        "language": language,
        "direction": direction(language),
        "discreet": discreet,
        "postal_lines": [held.words(line) for line in postal_lines],
    }
    plain: dict[str, object] = {n: isolate(harmless(v), language) for n, v in words.items()}
    plain |= addresses | marks | {"discreet": discreet, "entries": ENTRIES}
    plain["postal_lines"] = [harmless(line) for line in postal_lines]
    with override(language):
        html = typeset("emails/digest/frame.mjml", context, language=language)
        body = render_to_string("emails/digest/frame.txt", plain)
    return Rendered(html=fold(held.put_back(html)), text=directed(tidy(body), language) + "\n")


def compose(*, frame: Rendered, fragments: Sequence[Rendered], preheader: str) -> Rendered:
    """A reader's mail, still with UNSUBSCRIBE and PREFERENCES in it; concatenation only.

    Cards beyond MOST_WEIGHT are left out, and the frame's line about the rest comes in.
    """
    kept: list[Rendered] = []
    room = MOST_WEIGHT - weight(frame.html)
    for fragment in fragments:
        room -= weight(fragment.html)
        if room < 0:
            break
        kept.append(fragment)
    while kept and kept[-1].is_heading:
        kept.pop()
    rest = r"\1" if len(kept) < len(fragments) else ""
    held = Held()
    return Rendered(
        html=REST.sub(rest, frame.html)
        .replace(PREHEADER, held.put_back(held.words(preheader)))
        .replace(ENTRIES, "".join(fragment.html for fragment in kept)),
        text=REST.sub(rest, frame.text).replace(
            ENTRIES, "".join(fragment.text for fragment in kept).rstrip("\n")
        ),
    )
