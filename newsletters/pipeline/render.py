"""Third stage: what a mail looks like. In: entries, a newsletter, a language. Out: HTML and text.

A digest has one frame per language and one fragment per entry and language; both are rendered
once, and each reader's mail is their concatenation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.header import Header
from hashlib import sha256
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext, override

from newsletters.markup import PREFERENCES as PREFERENCES
from newsletters.markup import PREHEADER_LENGTH as PREHEADER_LENGTH
from newsletters.markup import SUBJECT_LENGTH as SUBJECT_LENGTH
from newsletters.markup import UNSUBSCRIBE as UNSUBSCRIBE
from newsletters.markup import (
    Held,
    clean,
    clip,
    directed,
    direction,
    harmless,
    harmless_url,
    isolate,
    one_line,
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

QUOTING = r'["\\]'


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
    return _piece(html, body, held, text.language)


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
    return _piece(html, body, held, language)


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
    return replace(_piece(html, body, held, language), is_heading=True)


def _piece(html: str, body: str, held: Held, language: str) -> Rendered:
    """What stands between the marks of a template, content put back in."""
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


def archive_url(newsletter: Newsletter, language: str, key: str = "") -> str:
    """Where an issue is read in a browser; without a key, where all of them are."""
    whole = f"{settings.SITE_URL}/{language}/newsletters/"
    return f"{whole}{newsletter.slug}/{key}/" if key else whole


def subject(*, newsletter: Newsletter, texts: Sequence[Text], language: str, discreet: bool) -> str:
    """The first title in the reader's language and how many more; without one, the name.

    A title in another language would make the line half of each. A discreet one has the plain
    name and the number.
    """
    wording = newsletter.wording(language)
    titles = [clean(text.title) for text in texts if text.language == language]
    with override(language):
        if discreet or not titles:
            line = ngettext("%(name)s: %(count)d new item", "%(name)s: %(count)d new items",
                            len(texts))  # fmt: skip
            name = wording.plain_name if discreet else wording.name
            lead, values = "name", {"name": clean(name), "count": len(texts)}
        elif len(texts) > 1:
            line = ngettext("%(title)s, and %(count)d more", "%(title)s, and %(count)d more",
                            len(texts) - 1)  # fmt: skip
            lead, values = "title", {"title": titles[0], "count": len(texts) - 1}
        else:
            short = len(titles[0]) < SUBJECT_LENGTH.start
            line = gettext("%(name)s: %(title)s") if short else "%(title)s"
            lead = "name" if short else "title"
            values = {"name": clean(wording.name), "title": titles[0]}
    return _fitted(line, values, lead, language)


def silent_subject(*, newsletter: Newsletter, language: str, discreet: bool) -> str:
    """Of a mail to whoever follows what was silent for long."""
    wording = newsletter.wording(language)
    name = clean(wording.plain_name if discreet else wording.name)
    with override(language):
        return _fitted(
            gettext("%(name)s: nothing new in what you follow"), {"name": name}, "name", language
        )


def preheader(
    *, newsletter: Newsletter, texts: Sequence[Text], language: str, discreet: bool
) -> str:
    """The line an inbox shows after the subject: the other titles that the reader's language has.

    Never an entry's text.
    """
    titles = [harmless(text.title) for text in texts if text.language == language][1:]
    with override(language):
        sentence = ngettext(
            "There is %(count)d new item for you, to read whenever it suits you.",
            "There are %(count)d new items for you, to read whenever it suits you.",
            len(texts),
        ) % {"count": len(texts)}
        if not discreet and titles:
            also = gettext("Also in this issue: %(titles)s") % {"titles": " · ".join(titles)}
            sentence = also if len(also) >= PREHEADER_LENGTH.start else f"{also} · {sentence}"
    return isolate(clip(sentence, PREHEADER_LENGTH.stop - 10), language)


def sender(*, newsletter: Newsletter, language: str, discreet: bool) -> str:
    """The From line: the network and its address; a discreet one has the plain name."""
    plain_name = newsletter.wording(language).plain_name
    name = harmless(plain_name if discreet else house(language)["network_name"])
    return one_line(f'"{re.sub(QUOTING, "", name)}" <{newsletter.from_email}>')


def list_headers(
    *, newsletter: Newsletter, language: str, discreet: bool, unsubscribe_url: str
) -> dict[str, str]:
    """The headers of bulk mail, in ASCII; a discreet one says neither subject nor network."""
    wording = newsletter.wording(language)
    label, name = newsletter.list_id, wording.name
    feedback = newsletter.slug
    if discreet:
        feedback = "n" + sha256(newsletter.slug.encode()).hexdigest()[:8]
        label, name = f"{feedback}.{label.partition('.')[2] or label}", wording.plain_name
    headers = {
        "List-Id": f"{_phrase(name)} <{label}>",
        "List-Unsubscribe": f"<{unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Archive": f"<{settings.SITE_URL}/{language}/newsletters/>",
        "List-Owner": f"<mailto:{newsletter.reply_to}>",
        "List-Post": "NO",
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "Feedback-ID": f"{feedback}:{newsletter.kind}:{language}:rabita",
    }
    return {name: one_line(value) for name, value in headers.items()}


def _fitted(line: str, values: dict[str, object], lead: str, language: str) -> str:
    """The line with its leading words clipped until the whole fits a subject."""
    most = SUBJECT_LENGTH.stop
    while True:
        clipped = values | {lead: clip(str(values[lead]), most)}
        fitted = isolate(harmless(line % clipped), language)
        if len(fitted) < SUBJECT_LENGTH.stop:
            return fitted
        most -= 1


def _phrase(name: str) -> str:
    """A display phrase for List-Id: quoted ASCII, or an encoded word."""
    name = clip(harmless(name), 40)
    if name.isascii():
        return f'"{re.sub(QUOTING, "", name)}"'
    return Header(name, "utf-8").encode(linesep="")
